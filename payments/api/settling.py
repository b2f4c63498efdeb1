"""Settling many payments by one request, with a verdict on each."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims_crm.api.fields import MAX_ID, StrictChoiceField, StrictIntegerField
from claims_crm.api.problems import problem_of_item
from claims_crm.api.serializers import Serializer
from claims_crm.api.views import require

from .. import permissions, services
from ..models import Payment
from ..services import SettlementRequest, SettlementResult
from .payments import PaymentOut, PaymentRows, SettleIn

MAX_PAYMENTS = 500


@extend_schema_field({"$ref": "#/components/schemas/Problem"})
class Problem(serializers.DictField):
    """What a call for this payment alone would have been refused with."""


class OneToSettle(SettleIn):
    id = StrictIntegerField(min_value=1, max_value=MAX_ID)


class ManyToSettle(Serializer):
    payments = serializers.ListField(child=OneToSettle(), min_length=1, max_length=MAX_PAYMENTS)


class Verdict(Serializer):
    id = StrictIntegerField(help_text="The payment, as it was sent.")
    verdict = StrictChoiceField(choices=["settled", "already_paid", "refused"])
    payment = PaymentOut(allow_null=True, help_text="As it is now; none of one that was refused.")
    rest = StrictIntegerField(allow_null=True, help_text="The payment that the rest of a part has become.")
    problem = Problem(allow_null=True)


class Verdicts(Serializer):
    results = Verdict(many=True)


class SettleMany(PaymentRows):
    """Up to 500 payments at once."""

    scopes = {"create": ("settle",)}

    @extend_schema(request=ManyToSettle, responses={200: Verdicts}, operation_id="payments_settle_many")
    def create(self, request: ApiRequest) -> Response:
        """Settle many payments: one that is refused holds up no other.

        `results` stand in the order sent. What is malformed refuses the whole, with nothing settled. A call that was
        cut off may be sent again, with its Idempotency-Key or without: what had been settled is `already_paid` then.
        """
        user = request.user
        require(permissions.can_settle(user))
        sent = self.sent(ManyToSettle)["payments"]
        ids = [one.pop("id") for one in sent]
        payments = Payment.objects.visible_to(user).in_bulk(ids)
        require(all(permissions.can_settle(user, payment) for payment in payments.values()))
        settlings = [
            SettlementRequest(payments[pk], **one) for pk, one in zip(ids, sent, strict=True) if pk in payments
        ]
        done = iter(services.settle_each(settlings, by=user))
        verdicts = [_verdict(request, pk, next(done) if pk in payments else Http404()) for pk in ids]
        now = self.rows().in_bulk([one["id"] for one in verdicts if not one["problem"]])
        results = [{**one, "payment": now.get(one["id"])} for one in verdicts]
        return Response(Verdicts({"results": results}).data)


def _verdict(request: ApiRequest, pk: int, done: SettlementResult | Exception) -> dict[str, Any]:
    if isinstance(done, Exception):
        problem = problem_of_item(request._request, done)  # noqa: SLF001  DRF's own way to Django's
        return {"id": pk, "verdict": "refused", "rest": None, "problem": problem}
    verdict = "settled" if done.changed else "already_paid"
    return {"id": pk, "verdict": verdict, "rest": done.rest.pk if done.rest else None, "problem": None}
