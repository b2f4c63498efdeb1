"""Many payments settled by one call, with a verdict on each."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims_crm.api.fields import MAX_ID, Choice, Whole
from claims_crm.api.problems import of_one
from claims_crm.api.serializers import Serializer
from claims_crm.api.views import require
from claims_crm.errors import RuleBroken

from .. import permissions, services
from ..models import Payment
from .payments import OfPayments, PaymentOut, SettleIn

MOST = 500


@extend_schema_field({"$ref": "#/components/schemas/Problem"})
class Problem(serializers.DictField):
    """What a call for this payment alone would have been refused with."""


class OneToSettle(SettleIn):
    id = Whole(min_value=1, max_value=MAX_ID)


class ManyToSettle(Serializer):
    payments = serializers.ListField(child=OneToSettle(), min_length=1, max_length=MOST)


class Verdict(Serializer):
    id = Whole(help_text="The payment, as it was sent.")
    verdict = Choice(choices=["settled", "already_paid", "refused"])
    payment = PaymentOut(allow_null=True, help_text="As it is now; none of one that was refused.")
    rest = Whole(allow_null=True, help_text="The payment that the rest of a part has become.")
    problem = Problem(allow_null=True)


class Verdicts(Serializer):
    results = Verdict(many=True)


class SettleMany(OfPayments):
    """Up to 500 payments at once."""

    scopes = {"create": ("settle",)}
    piecewise = ("create",)

    @extend_schema(request=ManyToSettle, responses={200: Verdicts}, operation_id="payments_settle_many")
    def create(self, request: ApiRequest) -> Response:
        """Settle many payments, each by itself: one that is refused holds up no other.

        `results` stand in the order sent. What is malformed refuses the whole, with nothing settled. A call that was
        cut off may be sent again, with its Idempotency-Key or without: what had been settled is `already_paid` then.
        """
        require(permissions.can_settle(request.user))
        verdicts = [self._settle(request, **one) for one in self.sent(ManyToSettle)["payments"]]
        now = self.rows().in_bulk([one["id"] for one in verdicts if not one["problem"]])
        results = [{**one, "payment": now.get(one["id"])} for one in verdicts]
        return Response(Verdicts({"results": results}).data)

    def _settle(self, request: ApiRequest, id: int, **facts: Any) -> dict[str, Any]:  # noqa: A002  as the program calls it
        user = request.user
        try:
            with transaction.atomic():
                payment = get_object_or_404(Payment.objects.visible_to(user), pk=id)
                require(permissions.can_settle(user, payment))
                done = services.settle(payment, by=user, **facts)
        except (RuleBroken, Http404, OperationalError) as error:
            problem = of_one(request._request, error)  # noqa: SLF001  DRF's own way to Django's
            return {"id": id, "verdict": "refused", "rest": None, "problem": problem}
        verdict = "settled" if done.changed else "already_paid"
        return {"id": id, "verdict": verdict, "rest": done.rest.pk if done.rest else None, "problem": None}
