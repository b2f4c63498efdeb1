"""Filters of lists. One that is unknown, or has a value that makes no sense, is refused and never ignored."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from .fields import ISO_DATE, MAX_ID

FilterSet = filters.FilterSet


def parse_id(text: str) -> int:
    """Return the id that is written in an address. Raises ValidationError."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:20]) <= MAX_ID):
        raise ValidationError(_("A whole number is needed."), code="invalid")
    return int(text)


class _IdField(forms.Field):
    def to_python(self, value: Any) -> int | None:
        return parse_id(value) if value else None


class _DayField(forms.Field):
    def to_python(self, value: Any) -> date | None:
        if value in (None, ""):
            return None
        try:
            if ISO_DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError(_("There is no such day. Write it as 2026-10-31."), code="invalid")


class _FlagField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value not in (None, "", "true", "false"):
            raise ValidationError(_("true or false."), code="invalid")
        return None if value in (None, "") else value == "true"


class IdFilter(filters.NumberFilter):
    field_class = _IdField


class StrictDateFilter(filters.DateFilter):
    field_class = _DayField


class StrictBooleanFilter(filters.BooleanFilter):
    field_class = _FlagField

    def __init__(self, **kwargs: Any) -> None:
        # Its own widget takes True and 1 as well.
        super().__init__(**{"widget": forms.TextInput, **kwargs})


class TextFilter(filters.CharFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, **kwargs})


ChoiceFilter = filters.ChoiceFilter
