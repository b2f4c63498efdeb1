"""Money: whole kopecks in the database, `Decimal` with two places everywhere else.

SQLite keeps a DecimalField as a float, so sums drift and check constraints refuse exact rows.
Integers do neither.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel.numbers import format_compact_decimal, get_currency_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable, register_combinable_fields
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

KOPECK = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_AMOUNT = Decimal("999999999999.99")

NBSP = "\u00a0"
MINUS = "\u2212"

_UNITS = re.compile(r"(руб(лей|ля|ль)?|р|rub|₽)\.?$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")


def to_kopecks(amount: Decimal) -> int:
    """Return `amount` as whole kopecks. Raises ValueError for a part of a kopeck."""
    kopecks = amount.scaleb(2)
    if kopecks != kopecks.to_integral_value():
        raise ValueError(f"{amount} is not whole kopecks")
    return int(kopecks)


def from_kopecks(kopecks: int | Decimal) -> Decimal:
    return (Decimal(kopecks) * KOPECK).quantize(KOPECK)


def parse_money(text: str) -> Decimal:
    """Read a sum as people write it: «12 500,00 руб.», "12500.5", «1 000 ₽».

    Raises ValueError where it is no number, or is finer than a kopeck.
    """
    bare = _UNITS.sub("", _SPACES.sub("", text)).replace(MINUS, "-")
    if not re.fullmatch(r"-?\d+([.,]\d{1,2})?", bare):
        raise ValueError(f"not a sum of money: {text!r}")
    # Not by quantize(), which gives up on more digits than any sum has: it is the caller who says what is too large.
    whole, _point, part = bare.replace(",", ".").partition(".")
    return Decimal(f"{whole}.{part:0<2}")


def check_amount(amount: Decimal) -> None:
    """Raise ValidationError for what no claim and no payment can be of."""
    if amount <= 0:
        raise ValidationError(_("The sum must be above zero."), code="negative")
    if amount > MAX_AMOUNT:
        raise ValidationError(_("The sum is too large."), code="too_large")


def format_number(amount: Decimal, *, kopecks: bool = True) -> str:
    """«3 500,00» in Russian, "3,500.00" in English; groups never break apart.

    With `kopecks=False` they are left out where there are none.
    """
    english = (get_language() or "ru").startswith("en")
    group, point = (",", ".") if english else (NBSP, ",")
    amount = amount.quantize(KOPECK)
    whole, part = f"{abs(amount):.2f}".split(".")
    grouped = f"{int(whole):,}".replace(",", group)
    tail = f"{point}{part}" if kopecks or part != "00" else ""
    return f"{MINUS if amount < 0 else ''}{grouped}{tail}"


@cache
def symbol(currency: str) -> str:
    """«₽», "€": the same in both languages."""
    return get_currency_symbol(currency, locale="ru" if currency == "RUB" else "en")


def format_money(amount: Decimal, currency: str = "RUB", *, kopecks: bool = True) -> str:
    """«3 500,00 ₽», with no-break spaces."""
    return f"{format_number(amount, kopecks=kopecks)}{NBSP}{symbol(currency)}"


def format_compact(amount: Decimal, currency: str = "RUB") -> str:
    """«1,44 млрд ₽», "1.44B ₽": where there is no room for all of a sum, and all of it stands nearby."""
    locale = "en" if (get_language() or "ru").startswith("en") else "ru"
    return f"{format_compact_decimal(amount, locale=locale, fraction_digits=2)}{NBSP}{symbol(currency)}"


class MoneyField(models.Field):
    """A sum of money: whole kopecks in the column, `Decimal` with two places in Python.

    Not an IntegerField to Django: `F("total") - F("paid")` then is a sum of money too, and not kopecks.
    """

    description = _("Sum of money")

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_kopecks(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        if isinstance(value, float):
            raise ValidationError(_("A sum of money is never a float."), code="float")
        try:
            return Decimal(value).quantize(KOPECK)
        except (InvalidOperation, TypeError, ValueError) as error:
            raise ValidationError(_("Enter a sum, for example 12 500,00."), code="invalid") from error

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if isinstance(value, float):
            raise TypeError("a sum of money is never a float")
        return to_kopecks(Decimal(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> int | None:
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": MoneyFormField, **kwargs})


for _sign in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(MoneyField, _sign, MoneyField, MoneyField)


class MoneyFormField(forms.CharField):
    """A sum typed by a person, with spaces, a comma or a currency sign if they like."""

    default_error_messages = {"invalid": _("Enter a sum, for example 12 500,00.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )
        super().__init__(**{**kwargs, "max_length": 40})

    def prepare_value(self, value: Any) -> Any:
        return format_number(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        try:
            amount = parse_money(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        check_amount(amount)
        return amount

    def run_validators(self, value: Any) -> None:
        """CharField's checks of length are for text, and this is a Decimal by now."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(
                initial if isinstance(initial, str) else self.prepare_value(initial)
            ) != self.to_python(data)
        except ValidationError:
            return True
