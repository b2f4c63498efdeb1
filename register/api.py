"""A company's register sent by a program: read, looked through row by row, confirmed, undone."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from openpyxl.utils import get_column_letter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.models import User
from accounts.requests import ApiRequest
from claims.api.files import FileIn
from claims.models import Pipeline
from claims_crm import days
from claims_crm.api.fields import (
    MoneyStringField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
    StrictPrimaryKeyField,
)
from claims_crm.api.filters import ChoiceFilter, FilterSet
from claims_crm.api.parsers import JsonParser
from claims_crm.api.serializers import ModelSerializer, Serializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet

from . import columns, issue_text, permissions, services
from .currencies import parse_currency
from .models import ImportRow, RegisterImport
from .querysets import RegisterImportQuerySet
from .questions import CHOICES, Answers
from .register_claim import RegisterClaim


class Counts(Serializer):
    """How many claims of the register there are of each verdict: how far the work has come."""

    new = StrictIntegerField(source="new_count", help_text="To be written.")
    new_paid_in_full = StrictIntegerField(source="new_paid_count")
    exists = StrictIntegerField(
        source="exists_count", help_text="There is a claim of this number already: passed over."
    )
    error = StrictIntegerField(source="error_count", help_text="Refused, see its rows.")
    imported = StrictIntegerField(source="imported_count")
    undone = StrictIntegerField(source="undone_count")


class ImportOut(ModelSerializer):
    failure = serializers.SerializerMethodField(help_text="Why the file cannot be read, or the work was not ended.")
    columns = serializers.ListField(
        child=StrictCharField(), source="labels", help_text="Their names, as the file has them."
    )
    mapping = serializers.DictField(child=StrictIntegerField(), help_text="{field: number of its column, from 0}")
    missing = serializers.SerializerMethodField(help_text="Fields without which no row can be read.")
    people = serializers.DictField(child=StrictIntegerField(allow_null=True), help_text="{name in the register: user}")
    sheets = serializers.ListField(child=StrictCharField())
    questions = serializers.SerializerMethodField(help_text="Codes of what is to be answered before it is written.")
    counts = Counts(source="*")

    class Meta:
        model = RegisterImport
        fields = (
            *("id", "name", "status", "failure", "sheet", "sheets", "columns", "mapping", "missing", "people"),
            *("questions",),
            *("pipeline", "specialist", "accountant", "closes_paid", "counts"),
            *("uploaded_by", "uploaded_at", "imported_by", "imported_at"),
        )
        read_only_fields = fields

    def get_questions(self, register: RegisterImport) -> list[str]:
        return [question["code"] for question in register.questions]

    def get_failure(self, register: RegisterImport) -> str | None:
        failure = register.failure
        return str(issue_text.describe_file_error(failure["reason"], failure["facts"])) if failure else None

    def get_missing(self, register: RegisterImport) -> list[str]:
        return columns.missing_fields(register.mapping) if register.labels else []


class PaymentOfRow(Serializer):
    due_on = StrictDateField()
    amount = MoneyStringField()
    paid_on = StrictDateField(allow_null=True)
    document_number = StrictCharField(help_text="Of the payment order.")


class ClaimOfRow(Serializer):
    number = StrictCharField()
    client = StrictCharField()
    phone = StrictCharField()
    contract_number = StrictCharField()
    site = StrictCharField()
    ground = StrictCharField()
    currency = StrictCharField(help_text="ISO code; empty where the register does not say.")
    received_on = StrictDateField(allow_null=True)
    agreed_amount = MoneyStringField(allow_null=True)
    specialist = StrictCharField(source="specialist_name")
    note = StrictCharField()
    payments = PaymentOfRow(many=True)


class IssueOut(Serializer):
    cell = serializers.SerializerMethodField(help_text="As Excel names it: B22; none where it is the row as a whole.")
    code = StrictCharField(help_text="For programs.")
    text = serializers.SerializerMethodField(help_text="For people.")

    def get_cell(self, issue: dict[str, Any]) -> str | None:
        column = issue["column"]
        return None if column is None else f"{get_column_letter(column + 1)}{issue['row']}"

    def get_text(self, issue: dict[str, Any]) -> str:
        return issue_text.describe_cell(issue["code"], value=issue["value"], hint=issue["hint"])


class RowOut(ModelSerializer):
    row = StrictIntegerField(source="number", help_text="Its number in the file.")
    read = serializers.SerializerMethodField(help_text="The claim as it was understood; none where it was not.")
    errors = IssueOut(many=True)  # type: ignore[assignment]
    notices = IssueOut(many=True, help_text="What was assumed.")

    class Meta:
        model = ImportRow
        fields = ("id", "row", "verdict", "claim_number", "claim", "read", "errors", "notices")
        read_only_fields = fields

    @extend_schema_field(ClaimOfRow(allow_null=True))
    def get_read(self, row: ImportRow) -> Any:
        return ClaimOfRow(RegisterClaim.from_json(row.facts)).data if row.facts else None


class AnswersIn(Serializer):
    """Answers for the whole file; all of them, as one that is not sent is open again."""

    paid_on = StrictDateField(required=False, help_text="The day of what is paid on no day.")
    month_columns = StrictChoiceField(choices=CHOICES["month_columns"], required=False)
    unit = StrictChoiceField(choices=CHOICES["unit"], required=False, help_text="What a 1 means.")
    currency = StrictCharField(required=False, max_length=3, help_text="ISO code.")
    repeated = StrictChoiceField(choices=CHOICES["repeated"], required=False)

    def validate_paid_on(self, day: date) -> date:
        if day > days.today():
            raise serializers.ValidationError(_("The day of payment must not be in the future."))
        return day

    def validate_currency(self, text: str) -> str:
        if not (code := parse_currency(text)):
            raise serializers.ValidationError(_("There is no such currency."))
        return code


class ReadAgainIn(Serializer):
    answers = AnswersIn(required=False)
    sheet = StrictCharField(required=False, help_text="Another sheet, by the names of its columns.")
    mapping = serializers.DictField(
        child=StrictIntegerField(min_value=0, max_value=1000), required=False, allow_empty=False
    )

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        if len(facts) != 1:
            raise serializers.ValidationError(_("Send a sheet, a mapping or answers."))
        return facts


class ConfirmIn(Serializer):
    pipeline = StrictPrimaryKeyField(
        queryset=Pipeline.objects.filter(is_active=True), required=False, help_text="The first, by default."
    )
    specialist = StrictPrimaryKeyField(queryset=User.objects.specialists(), required=False, allow_null=True)
    accountant = StrictPrimaryKeyField(queryset=User.objects.accountants(), required=False, allow_null=True)
    people = serializers.DictField(
        child=StrictPrimaryKeyField(queryset=User.objects.active(), allow_null=True),
        required=False,
        help_text="Who is meant by a name of the register, where it was not guessed right.",
    )
    closes_paid = StrictBooleanField(
        required=False, default=True, help_text="Claims that are paid in full are closed at once."
    )


class RowFilter(FilterSet):
    verdict = ChoiceFilter(choices=ImportRow.Verdict.choices)


class Imports(ListMixin, RetrieveMixin, ViewSet):
    """Registers of claims in Excel. A worker reads, writes and undoes them; ask again until `status` says it has."""

    serializer_class = ImportOut
    parser_classes = (JsonParser, MultiPartParser)
    may_enter = permissions.can_import_register
    lists = ("list", "preview")

    def rows(self) -> RegisterImportQuerySet:
        return RegisterImport.objects.counted()

    def lock(self, row: RegisterImport) -> None:
        RegisterImport.objects.select_for_update().get(pk=row.pk)

    def requested_ordering(self) -> str:
        return "position" if self.action == "preview" else super().requested_ordering()

    @extend_schema(request={"multipart/form-data": FileIn}, responses={201: ImportOut})
    def create(self, request: ApiRequest) -> Response:
        """Send a register, an .xlsx. Nothing is written of it until it is confirmed."""
        return self.answer(services.upload(by=request.user, **self.sent(FileIn)), status=201)

    @extend_schema(request={"application/json": ReadAgainIn}, responses=ImportOut)
    def partial_update(self, request: ApiRequest, pk: int) -> Response:
        """Have it read by another sheet, by columns of your choice, or by answers to its questions."""
        register = self.get_object()
        facts = self.sent(ReadAgainIn)
        if "answers" in facts:
            answers = Answers(**{**facts["answers"], "unit": int(facts["answers"].get("unit", 0))})
            return self.answer(services.answer(register, by=request.user, answers=answers))
        _check(facts.get("sheet", register.sheet) in register.sheets, "sheet", _("There is no such sheet."))
        mapping = facts.get("mapping", {})
        _check(all(map(columns.is_known_field, mapping)), "mapping", _("There is no such field."))
        _check(
            all(place < len(register.labels) for place in mapping.values()), "mapping", _("There is no such column.")
        )
        return self.answer(services.change_mapping(register, by=request.user, **facts))

    @extend_schema(responses={204: None})
    def destroy(self, request: ApiRequest, pk: int) -> Response:
        """Forget a register of which nothing is written."""
        services.discard(self.get_object(), by=request.user)
        return Response(status=204)

    @extend_schema(responses=RowOut(many=True), filters=True)
    @action(detail=True, url_path="rows", filterset_class=RowFilter)
    def preview(self, request: ApiRequest, pk: int) -> Response:
        """Its claims, each with what is wrong with it and in which cell."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_object().rows.all()))
        return self.get_paginated_response(RowOut(rows, many=True).data)

    @extend_schema(request={"application/json": ConfirmIn}, responses=ImportOut)
    @action(detail=True, methods=["post"])
    def confirm(self, request: ApiRequest, pk: int) -> Response:
        """Have its new claims written."""
        register = self.get_object()
        facts = self.sent(ConfirmIn)
        if not (pipeline := facts.pop("pipeline", None) or Pipeline.objects.filter(is_active=True).first()):
            raise serializers.ValidationError({"pipeline": [_("No funnel takes new claims.")]})
        people = facts.pop("people", {})
        _check(set(register.people).issuperset(people), "people", _("There is no such name in the register."))
        chosen = {name: person and person.pk for name, person in people.items()}
        return self.answer(services.start(register, by=request.user, pipeline=pipeline, people=chosen, **facts))

    @extend_schema(request=None, responses=ImportOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: ApiRequest, pk: int) -> Response:
        """Have what it has written removed, unless people have worked with it already."""
        return self.answer(services.undo(self.get_object(), by=request.user))


def _check(holds: bool, field: str, text: str) -> None:
    if not holds:
        raise serializers.ValidationError({field: [text]})


router = SimpleRouter(use_regex_path=False)
router.register("imports", Imports, "import")

urlpatterns = router.urls
