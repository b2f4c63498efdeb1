"""Bank statements sent by a program: read, matched with payments, posted."""

from __future__ import annotations

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.requests import ApiRequest
from claims.api.files import FileIn
from claims_crm.api.fields import (
    MoneyStringField,
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictIntegerField,
)
from claims_crm.api.filters import ChoiceFilter, FilterSet
from claims_crm.api.parsers import JsonParser
from claims_crm.api.serializers import ModelSerializer, Serializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet, require

from . import permissions
from .formats import fault_text
from .models import Match, Statement, StatementLine
from .querysets import StatementQuerySet
from .statements import reason_text, services


class StatementOut(ModelSerializer):
    status = serializers.SerializerMethodField(help_text="In work: ask again.")
    failure = serializers.SerializerMethodField(help_text="Why the file cannot be read.")
    faults = serializers.SerializerMethodField(help_text="What of the file is passed over, and where it stands.")
    accounts = serializers.ListField(child=StrictCharField(), help_text="Ours, that the file is of.")
    known = StrictIntegerField(source="known_count", help_text="Lines that another statement had brought before.")
    posted = StrictIntegerField(source="posted_count")
    undecided = StrictIntegerField(source="undecided_count")

    class Meta:
        model = Statement
        fields = (
            *("id", "name", "status", "failure", "faults", "accounts", "first_day", "last_day"),
            *("known", "posted", "undecided", "uploaded_by", "uploaded_at", "posted_by", "posted_at"),
        )
        read_only_fields = fields

    def get_status(self, statement: Statement) -> str:
        if statement.is_at_work:
            return "in_work"
        return "failed" if statement.read_at is None else "ready"

    def get_failure(self, statement: Statement) -> str | None:
        return str(fault_text.describe_file_error(**statement.failure)) if statement.failure else None

    def get_faults(self, statement: Statement) -> list[str]:
        return [str(fault_text.describe_fault(statement.file_format, fault)) for fault in statement.faults]


class MatchOut(Serializer):
    payment = StrictIntegerField(source="payment_id")
    claim = StrictIntegerField(source="payment.claim_id")
    claim_number = StrictCharField(source="payment.claim.number")
    due_on = StrictDateField(source="payment.due_on")
    amount = MoneyStringField(help_text="What of the line is for it.")
    partial = StrictBooleanField(source="is_partial")  # type: ignore[assignment]
    chosen = StrictBooleanField(source="is_chosen", help_text="It is going to be posted.")
    posted = serializers.SerializerMethodField()

    def get_posted(self, match: Match) -> bool:
        return match.posted_at is not None


class LineOut(ModelSerializer):
    payments = MatchOut(source="matches", many=True)
    reasons = serializers.SerializerMethodField(help_text="Why it is so, for people.")
    ignored = StrictBooleanField(source="is_ignored", help_text="Received, or nothing to do with claims.")

    class Meta:
        model = StatementLine
        fields = (
            *("id", "row", "direction", "account", "number", "dated", "posted_on", "amount", "currency"),
            *("party_name", "party_account", "party_tax_number", "purpose"),
            *("verdict", "reasons", "ignored", "payments"),
        )
        read_only_fields = fields

    def get_reasons(self, line: StatementLine) -> list[str]:
        return [reason_text.describe_reason(reason, line.currency) for reason in line.reasons]


class LineFilter(FilterSet):
    verdict = ChoiceFilter(choices=StatementLine.Verdict.choices)
    direction = ChoiceFilter(choices=StatementLine.Direction.choices)


class UndoIn(Serializer):
    reason = StrictCharField(max_length=500)


class Statements(ListMixin, RetrieveMixin, ViewSet):
    """Statements of the company's bank: kl_to_1c.txt or camt.053. A worker reads, posts and undoes them."""

    serializer_class = StatementOut
    parser_classes = (JsonParser, MultiPartParser)
    may_enter = permissions.can_post_statements
    scopes = {"create": ("settle",), "find": ("settle",), "post_all": ("settle",), "undo": ("settle",)}
    lists = ("list", "lines")

    def rows(self) -> StatementQuerySet:
        return Statement.objects.counted().select_related("job")

    def lock(self, row: Statement) -> None:
        Statement.objects.lock(row)

    @extend_schema(request={"multipart/form-data": FileIn}, responses={201: StatementOut})
    def create(self, request: ApiRequest) -> Response:
        """Send a statement. Nothing of it is posted until you say so; the same file again is the same statement."""
        return self.answer(services.upload(by=request.user, **self.sent(FileIn)), status=201)

    @extend_schema(responses=LineOut(many=True), filters=True)
    @action(detail=True, filterset_class=LineFilter)
    def lines(self, request: ApiRequest, pk: int) -> Response:
        """Its lines, each with the payments it is matched with."""
        matches = Prefetch("matches", Match.objects.select_related("payment__claim").order_by("pk"))
        lines = self.filter_queryset(self.get_object().lines.prefetch_related(matches))
        return self.get_paginated_response(LineOut(self.paginate_queryset(lines), many=True).data)

    @extend_schema(request=None, responses=StatementOut)
    @action(detail=True, methods=["post"])
    def find(self, request: ApiRequest, pk: int) -> Response:
        """Have the payments of its undecided lines found again: claims and payments may have come since."""
        statement = self.get_object()
        services.rematch(statement, by=request.user)
        return self.answer(statement)

    @extend_schema(request=None, responses=StatementOut, operation_id="statements_post")
    @action(detail=True, methods=["post"], url_path="post")
    def post_all(self, request: ApiRequest, pk: int) -> Response:
        """Have what is chosen posted: all that is certain, and what people have chosen."""
        statement = self.get_object()
        services.post(statement, by=request.user)
        return self.answer(statement)

    @extend_schema(request={"application/json": UndoIn}, responses=StatementOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: ApiRequest, pk: int) -> Response:
        """Have all that it has posted reopened."""
        statement = self.get_object()
        require(permissions.can_undo_statements(request.user))
        services.undo(statement, by=request.user, **self.sent(UndoIn))
        return self.answer(statement)


router = SimpleRouter(use_regex_path=False)
router.register("statements", Statements, "statement")

urlpatterns = router.urls
