"""Values as the API writes and takes them: a sum is a string, a number is a number, and nothing is guessed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from .. import days, money

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MAX_ID = models.BigAutoField.MAX_BIGINT


class StrictCharField(serializers.CharField):
    """A string, and nothing that might be written as one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictEmailField(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A whole number, written as one: no 1.0, no "1", no true."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictChoiceField(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class StrictDateField(serializers.DateField):
    """2026-05-31, from 2000 to 2100."""

    default_error_messages = {"range": _("The date must be between 2000 and 2100.")}

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day: date = super().to_internal_value(value)
        if not days.FIRST_DAY <= day <= days.LAST_DAY:
            self.fail("range")
        return day


@extend_schema_field({"type": "string", "pattern": r"^\d{1,12}\.\d{2}$", "examples": ["3500.00"]})
class MoneyStringField(serializers.Field):
    """A sum of money: "3500.00". Never a number, which programs keep as a float."""

    default_error_messages = {"invalid": _("Write a sum as a string, “3500.00”.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(r"-?\d{1,40}(\.\d{1,2})?", data, re.ASCII):
            self.fail("invalid")
        amount = money.parse_money(data)
        money.check_amount(amount)
        return amount

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


@extend_schema_field({"type": "integer"})
class StrictPrimaryKeyField(serializers.PrimaryKeyRelatedField):
    """The id of a row that may be named here; one that may not be seen is not there."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)

    def use_pk_only_optimization(self) -> bool:
        return True
