from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims.api.claims import OfClaim
from claims.models import Claim
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
from claims_crm.api.filters import ChoiceFilter, FilterSet, IdFilter, StrictBooleanFilter, StrictDateFilter, TextFilter
from claims_crm.api.serializers import ModelSerializer, Serializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet, require

from .. import permissions, services
from ..errors import PaymentCancelled
from ..models import Payment
from ..querysets import PaymentQuerySet
from ..schedule import MAX_COUNT, Rule


class PaymentOut(ModelSerializer):
    sequence = serializers.SerializerMethodField(help_text="Its place in the schedule; none of a cancelled one.")
    task = serializers.SerializerMethodField(help_text="The task to pay it, open or done, if there was one.")

    class Meta:
        model = Payment
        fields: tuple[str, ...] = (
            "id",
            "claim",
            "sequence",
            "due_on",
            "amount",
            "status",
            "paid_on",
            "paid_by",
            "document_number",
            "task",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_sequence(self, payment: Payment) -> int | None:
        return None if payment.is_cancelled else payment.sequence

    def get_task(self, payment: Any) -> int | None:
        return max((task.pk for task in payment.tasks.all()), default=None)


class Settled(PaymentOut):
    already_paid = StrictBooleanField(read_only=True, help_text="It was paid before: nothing was changed.")
    rest = StrictIntegerField(
        read_only=True, allow_null=True, help_text="The payment that the rest of a part has become."
    )

    class Meta(PaymentOut.Meta):
        fields: tuple[str, ...] = (*PaymentOut.Meta.fields, "already_paid", "rest")


class VisibleClaim(StrictPrimaryKeyField):
    def get_queryset(self) -> Any:
        return Claim.objects.visible_to(self.context["request"].user)


class NewPayment(Serializer):
    claim = VisibleClaim()
    due_on = StrictDateField()
    amount = MoneyStringField()


class PaymentEdit(Serializer):
    due_on = StrictDateField(required=False)
    amount = MoneyStringField(required=False)


class SettleIn(Serializer):
    paid_on = StrictDateField(required=False, help_text="Today by default.")
    document_number = StrictCharField(required=False, allow_blank=True, max_length=40)
    amount = MoneyStringField(
        required=False, help_text="Less than the whole: the rest becomes a planned payment of its own."
    )


class ReopenIn(Serializer):
    reason = StrictCharField(max_length=500)


class ScheduleIn(Serializer):
    total = MoneyStringField(required=False, help_text="What of the agreed sum is not scheduled yet, by default.")
    count = StrictIntegerField(min_value=1, max_value=MAX_COUNT)
    first_due_on = StrictDateField()
    rule = StrictChoiceField(
        choices=[(rule.value, rule.value) for rule in Rule], required=False, default=Rule.MONTH_END.value
    )


class PaymentFilterSet(FilterSet):
    """Days are inclusive, both ways."""

    claim = IdFilter()
    status = ChoiceFilter(choices=Payment.Status.choices)
    accountant = IdFilter(field_name="claim__accountant")
    due_after = StrictDateFilter(field_name="due_on", lookup_expr="gte")
    due_before = StrictDateFilter(field_name="due_on", lookup_expr="lte")
    overdue = StrictBooleanFilter(method="that_are_overdue", label="Planned, and past its deadline.")
    search = TextFilter(method="found", label="Words of the claim, as there; or the sum.")

    def that_are_overdue(self, payments: PaymentQuerySet, _name: str, wanted: bool) -> PaymentQuerySet:
        return payments.overdue(days.today()) if wanted else payments.not_overdue(days.today())

    def found(self, payments: PaymentQuerySet, _name: str, text: str) -> PaymentQuerySet:
        return payments.search(text)


class PaymentRows(ViewSet):
    serializer_class = PaymentOut
    may_enter = permissions.can_see_payments

    def rows(self) -> PaymentQuerySet:
        return Payment.objects.with_sequence().prefetch_related("tasks")


class Payments(ListMixin, RetrieveMixin, PaymentRows):
    """Instalments of claims."""

    filterset_class = PaymentFilterSet
    scopes = {"settle": ("settle",), "reopen": ("settle",)}
    orderings = ("due_on", "id", "amount", "paid_on", "updated_at")

    def lock(self, row: Payment) -> None:
        Payment.objects.lock(row)

    @extend_schema(request=NewPayment, responses={201: PaymentOut})
    def create(self, request: ApiRequest) -> Response:
        """Plan one more payment."""
        require(permissions.can_schedule(request.user))
        facts = self.sent(NewPayment)
        require(permissions.can_schedule(request.user, facts["claim"]))
        return self.answer(services.add(by=request.user, **facts), status=201)

    @extend_schema(request=PaymentEdit, responses=PaymentOut)
    def partial_update(self, request: ApiRequest, pk: int) -> Response:
        """Move the deadline of a planned payment, or change its amount."""
        payment = self.get_object()
        require(permissions.can_reschedule(request.user, payment))
        facts = self.sent(PaymentEdit)
        if "amount" in facts:
            require(permissions.can_schedule(request.user, payment.claim))
        return self.answer(services.change(payment, by=request.user, **facts))

    @extend_schema(responses={204: None})
    def destroy(self, request: ApiRequest, pk: int) -> Response:
        """Withdraw a planned payment. It stays for the record, cancelled."""
        payment = self.get_object()
        require(permissions.can_schedule(request.user, payment.claim))
        if payment.is_cancelled:
            raise PaymentCancelled
        services.cancel(payment, by=request.user)
        return Response(status=204)

    @extend_schema(
        request=SettleIn,
        responses=Settled,
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: ApiRequest, pk: int) -> Response:
        """Record that the money has left. Sent again, it changes nothing and says so."""
        payment = self.get_object()
        require(permissions.can_settle(request.user, payment))
        done = services.settle(payment, by=request.user, **self.sent(SettleIn))
        return self.answer(done.payment, already_paid=not done.changed, rest=done.rest.pk if done.rest else None)

    @extend_schema(request=ReopenIn, responses=PaymentOut)
    @action(detail=True, methods=["post"])
    def reopen(self, request: ApiRequest, pk: int) -> Response:
        """Take back a payment that was marked paid by mistake."""
        payment = self.get_object()
        require(permissions.can_reopen(request.user, payment))
        return self.answer(services.reopen(payment, by=request.user, **self.sent(ReopenIn)))


class ClaimSchedule(OfClaim):
    pagination_class = None

    @extend_schema(request=ScheduleIn, responses={201: PaymentOut(many=True)}, operation_id="claims_schedule_create")
    def create(self, request: ApiRequest, pk: int) -> Response:
        """Lay out planned payments beside those there are, a month apart."""
        claim = self.get_object()
        require(permissions.can_schedule(request.user, claim))
        laid_out = services.schedule(claim, by=request.user, **self.sent(ScheduleIn))
        rows = Payment.objects.filter(pk__in=[payment.pk for payment in laid_out]).in_order().with_sequence()
        return Response(PaymentOut(rows.prefetch_related("tasks"), many=True).data, status=201)
