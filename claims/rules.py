"""What may be said of claims and clients: asked by forms before a service is, and by services of everyone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm import days


def check_days(received_on: date | None, respond_by: date | None) -> None:
    """A claim is not received tomorrow, nor answered before it is received. Raises ValidationError by field."""
    errors: dict[str, list[str | Promise]] = {}
    for name, value in (("received_on", received_on), ("respond_by", respond_by)):
        if value and not days.FIRST_DAY <= value <= days.LAST_DAY:
            errors.setdefault(name, []).append(_("From 2000 to 2100."))
    if received_on and received_on > days.today():
        errors.setdefault("received_on", []).append(_("This day has not come yet."))
    if received_on and respond_by and respond_by < received_on:
        errors.setdefault("respond_by", []).append(_("Before the claim is received."))
    if errors:
        raise ValidationError(errors)


def check_facts(row: Model, names: Iterable[str]) -> None:
    """Ask of these facts of the row what its model asks: length, form, range. Raises ValidationError by field.

    What stood there before is left alone. Rows that it refers to are looked at by who found them.
    """
    asked = {field.name for field in row._meta.concrete_fields if field.name in set(names) and not field.is_relation}
    row.clean_fields(exclude={field.name for field in row._meta.fields} - asked)
