"""Penalties and interest for programs: a calculation by what is sent, of no claim and kept nowhere."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims_crm.api.fields import (
    MoneyStringField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
)
from claims_crm.api.serializers import Serializer
from claims_crm.api.views import ApiView

from . import permissions, services
from .calculation import CalculationInput, DatedSum, Mode
from .calculation.inputs import MAX_CHANGES
from .percent import parse_percent
from .presentation import as_document

PERCENT = r"\d{1,5}(\.\d{1,6})?"


@extend_schema_field({"type": "string", "pattern": f"^{PERCENT}$", "examples": ["0.1"]})
class Percent(serializers.Field):
    """A percentage: "0.1". A string, as sums are."""

    default_error_messages = {"invalid": _("Write a percentage as a string, “0.1”.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(f"-?{PERCENT}", data, re.ASCII):
            self.fail("invalid")
        return parse_percent(data)

    def to_representation(self, value: Any) -> Any:
        return value


class OfPeriod(Serializer):
    """A serializer with the fields "from" and "to", which cannot be names of Python's attributes."""

    def get_fields(self) -> dict[str, Any]:
        names = {"first_day": "from", "last_day": "to"}
        return {names.get(name, name): field for name, field in super().get_fields().items()}


class DatedSumIn(Serializer):
    date = StrictDateField()
    amount = MoneyStringField()

    def to_internal_value(self, data: Any) -> Any:
        sent = super().to_internal_value(data)
        return DatedSum(sent["date"], sent["amount"])


class CalculationIn(OfPeriod):
    mode = StrictChoiceField(choices=Mode.choices)
    base = MoneyStringField(help_text="The price, or the debt on the first day.")
    first_day = StrictDateField(source="first_day", help_text="The first day of the delay; it counts.")
    last_day = StrictDateField(source="last_day", help_text="It counts, too.")
    rate = Percent(
        required=False, help_text="Percent a day: of a contract; by consumer law only if the contract raises it."
    )
    cap = Percent(required=False, help_text="The most, in percent of the base; by default what the law says.")
    due = StrictDateField(
        source="due_on", required=False, help_text="The last day of the term: the day before `from` by default."
    )
    citizen = StrictBooleanField(
        required=False, help_text="Shared construction: 1/150 of the key rate instead of 1/300."
    )
    payments = serializers.ListField(child=DatedSumIn(), required=False, max_length=MAX_CHANGES)
    additions = serializers.ListField(child=DatedSumIn(), required=False, max_length=MAX_CHANGES)
    exclude_moratoria = StrictBooleanField(
        required=False, help_text="Leave out the days of moratoria. By default they count."
    )


class CalculationRowOut(OfPeriod):
    first_day = StrictDateField()
    last_day = StrictDateField()
    days = StrictIntegerField()
    base = MoneyStringField()
    rate = Percent(help_text="Percent a day, or a year where it is the key rate.")
    amount = MoneyStringField()


class ExcludedDaysOut(OfPeriod):
    first_day = StrictDateField()
    last_day = StrictDateField()
    days = StrictIntegerField()
    why = StrictCharField()


class CalculationNoteOut(Serializer):
    code = StrictCharField(help_text="For programs; it stays as it is.")
    facts = serializers.DictField(child=serializers.JSONField(), help_text="What the text is made of.")
    text = StrictCharField(help_text="For people, in the user's language.")


class CalculationOut(Serializer):
    total = MoneyStringField()
    rows = CalculationRowOut(many=True)
    excluded = ExcludedDaysOut(many=True, help_text="Days of the period that do not count.")
    assumptions = CalculationNoteOut(many=True, help_text="How it was calculated.")
    warnings = CalculationNoteOut(many=True, help_text="What may make the result wrong.")


class Calculate(ApiView):
    may_enter = permissions.can_calculate
    # Nothing is written.
    scopes = {"": ("read",)}

    @extend_schema(request=CalculationIn, responses=CalculationOut, operation_id="penalties_calculate")
    def post(self, request: ApiRequest) -> Response:
        """Calculate a penalty or interest by the key rates and moratoria kept here. Not legal advice.

        `rows` and `excluded` together are the period, each day once; `total` is the sum of the rows.
        """
        reader = CalculationIn(data=request.data)
        reader.is_valid(raise_exception=True)
        sent = {**reader.validated_data, "mode": Mode(reader.validated_data["mode"])}
        return Response(as_document(services.calculate(CalculationInput(**sent))))


urlpatterns = [path("penalties/calculate/", Calculate.as_view(), name="penalty-calculate")]
