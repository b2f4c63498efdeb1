from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.models import User
from accounts.requests import ApiRequest
from claims_crm import days
from claims_crm.api.fields import MoneyStringField, StrictBooleanField, StrictCharField, StrictPrimaryKeyField
from claims_crm.api.filters import ChoiceFilter, FilterSet, IdFilter, StrictBooleanFilter, StrictDateFilter, TextFilter
from claims_crm.api.serializers import ModelSerializer, Serializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet, require

from .. import permissions, services
from ..facts import FACTS
from ..models import Claim, Client, Ground, Pipeline, Stage, TimelineEntry
from ..querysets import ClaimQuerySet


class StageOfClaim(ModelSerializer):
    name = StrictCharField(read_only=True)

    class Meta:
        model = Stage
        fields = ("id", "name", "kind")
        read_only_fields = fields


class ClaimOut(ModelSerializer):
    stage = StageOfClaim(read_only=True)
    ground = StrictCharField(source="ground.code", read_only=True)
    remaining_amount = MoneyStringField(read_only=True)
    is_settled = StrictBooleanField(read_only=True)

    class Meta:
        model = Claim
        fields = (
            "id",
            "number",
            "pipeline",
            "stage",
            *FACTS,
            "currency",
            "scheduled_amount",
            "paid_amount",
            "remaining_amount",
            "next_due_on",
            "is_settled",
            "closed_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class VisibleClient(StrictPrimaryKeyField):
    def get_queryset(self) -> Any:
        return Client.objects.visible_to(self.context["request"].user)


class GroundCode(serializers.SlugRelatedField):
    """late, quality, other, and what an administrator has added."""

    def to_internal_value(self, data: Any) -> Any:
        # PostgreSQL fails at a NUL.
        if not isinstance(data, str) or "\0" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class ClaimIn(ModelSerializer):
    client = VisibleClient()
    ground = GroundCode(slug_field="code", queryset=Ground.objects.all())
    specialist = StrictPrimaryKeyField(queryset=User.objects.specialists(), allow_null=True, required=False)
    accountant = StrictPrimaryKeyField(queryset=User.objects.accountants(), allow_null=True, required=False)

    class Meta:
        model = Claim
        fields = tuple(FACTS)


class NewClaim(ClaimIn):
    number = StrictCharField(required=False, allow_blank=True, max_length=40)
    pipeline = StrictPrimaryKeyField(queryset=Pipeline.objects.filter(is_active=True), required=False)
    stage = StrictPrimaryKeyField(
        queryset=Stage.objects.filter(kind=Stage.Kind.OPEN), required=False, help_text="An open one."
    )

    class Meta:
        model = Claim
        fields = ("number", "pipeline", "stage", *FACTS)

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Put it into the funnel that is named, or the stage's, or the first one."""
        stage = facts.get("stage")
        pipeline = facts.get("pipeline") or (
            stage.pipeline if stage else Pipeline.objects.filter(is_active=True).first()
        )
        if pipeline is None:
            raise serializers.ValidationError({"pipeline": [_("No funnel takes new claims.")]})
        if stage and stage.pipeline_id != pipeline.pk:
            raise serializers.ValidationError({"stage": [_("This stage is of another funnel.")]})
        return {**facts, "pipeline": pipeline}


class MoveIn(Serializer):
    stage = StrictPrimaryKeyField(queryset=Stage.objects.all())
    reason = StrictCharField(required=False, allow_blank=True, max_length=1000)


class CommentIn(Serializer):
    text = StrictCharField(max_length=10_000)


class EntryOut(ModelSerializer):
    data = serializers.DictField(source="facts", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = TimelineEntry
        fields = ("id", "kind", "author", "text", "data", "pinned", "created_at")
        read_only_fields = fields


class ClaimFilterSet(FilterSet):
    """Days are inclusive, both ways."""

    stage = IdFilter()
    stage_kind = ChoiceFilter(field_name="stage__kind", choices=Stage.Kind.choices)
    pipeline = IdFilter()
    client = IdFilter()
    specialist = IdFilter()
    accountant = IdFilter()
    ground = TextFilter(method="of_ground", label="The ground's code.")
    received_after = StrictDateFilter(field_name="received_on", lookup_expr="gte")
    received_before = StrictDateFilter(field_name="received_on", lookup_expr="lte")
    overdue = StrictBooleanFilter(method="that_are_overdue", label="Something planned is past its deadline.")
    settled = StrictBooleanFilter(field_name="is_settled")
    search = TextFilter(method="found", label="Words of the number, client, phone, contract, site or subject.")

    def of_ground(self, claims: ClaimQuerySet, _name: str, code: str) -> ClaimQuerySet:
        ground = Ground.objects.filter(code=code).first()
        if ground is None:
            raise serializers.ValidationError({"ground": [_("There is no such ground.")]})
        return claims.filter(ground=ground)

    def that_are_overdue(self, claims: ClaimQuerySet, _name: str, wanted: bool) -> ClaimQuerySet:
        overdue = claims.overdue(days.today())
        return overdue if wanted else claims.not_overdue(days.today())

    def found(self, claims: ClaimQuerySet, _name: str, text: str) -> ClaimQuerySet:
        return claims.search(text)


class OfClaim(ViewSet):
    """What is asked of one claim, which its address names."""

    serializer_class = ClaimOut
    may_enter = permissions.can_see_claims

    def rows(self) -> ClaimQuerySet:
        return Claim.objects.select_related("stage", "ground")

    def lock(self, row: Claim) -> None:
        Claim.objects.lock(row.pk)


class Claims(ListMixin, RetrieveMixin, OfClaim):
    """What clients are owed, each a card of a funnel."""

    filterset_class = ClaimFilterSet
    lists = ("list", "timeline")
    orderings = ("-id", "number", "received_on", "respond_by", "next_due_on", "remaining_amount", "updated_at")

    @extend_schema(request=NewClaim, responses={201: ClaimOut})
    def create(self, request: ApiRequest) -> Response:
        require(permissions.can_create_claim(request.user))
        facts = self.sent(NewClaim)
        require("agreed_amount" not in facts or permissions.can_change_agreed_amount(request.user))
        return self.answer(services.create_claim(by=request.user, **facts), status=201)

    @extend_schema(request=ClaimIn, responses=ClaimOut)
    def partial_update(self, request: ApiRequest, pk: int) -> Response:
        claim = self.get_object()
        require(permissions.can_edit_claim(request.user, claim))
        facts = self.sent(ClaimIn, partial=True)
        require("agreed_amount" not in facts or permissions.can_change_agreed_amount(request.user, claim))
        return self.answer(services.edit_claim(claim, by=request.user, **facts))

    @extend_schema(request=MoveIn, responses=ClaimOut)
    @action(detail=True, methods=["post"])
    def move(self, request: ApiRequest, pk: int) -> Response:
        """Move the claim to another stage of its funnel."""
        claim = self.get_object()
        sent = self.sent(MoveIn)
        require(permissions.can_move(request.user, claim, sent["stage"]))
        return self.answer(services.move(claim, by=request.user, **sent))

    @extend_schema(request=CommentIn, responses={201: EntryOut})
    @action(detail=True, methods=["post"])
    def comments(self, request: ApiRequest, pk: int) -> Response:
        """Say something of the claim; @username tells that person."""
        claim = self.get_object()
        require(permissions.can_comment(request.user, claim))
        entry = services.comment(claim, by=request.user, **self.sent(CommentIn))
        return Response(EntryOut(entry).data, status=201)

    @extend_schema(responses=EntryOut(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def timeline(self, request: ApiRequest, pk: int) -> Response:
        """What happened to the claim, the latest first. The summary of its money is the pinned one."""
        entries = self.paginate_queryset(self.get_object().timeline.select_related("claim"))
        return self.get_paginated_response(EntryOut(entries, many=True).data)
