"""Rules about the facts of claims and clients, checked by forms and again by services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm import days

from . import bank_details


def check_days(received_on: date | None, respond_by: date | None) -> None:
    """Check that a claim is not received in the future nor due for an answer before receipt.

    Raises ValidationError by field.
    """
    errors: dict[str, list[str | Promise]] = {}
    for name, value in (("received_on", received_on), ("respond_by", respond_by)):
        if value and not days.FIRST_DAY <= value <= days.LAST_DAY:
            errors.setdefault(name, []).append(_("From 2000 to 2100."))
    if received_on and received_on > days.today():
        errors.setdefault("received_on", []).append(_("This date is in the future."))
    if received_on and respond_by and respond_by < received_on:
        errors.setdefault("respond_by", []).append(_("Before the claim is received."))
    if errors:
        raise ValidationError(errors)


def check_facts(row: Model, names: Iterable[str]) -> None:
    """Run the validators of the model on the named fields only; relations are not checked.

    Raises ValidationError by field.
    """
    checked = {field.name for field in row._meta.concrete_fields if field.name in set(names) and not field.is_relation}
    row.clean_fields(exclude={field.name for field in row._meta.fields} - checked)


def check_tax_number(number: str) -> None:
    """Check the control digits of an INN; its length is checked by the model. Raises ValidationError."""
    if len(number) in (10, 12) and not bank_details.is_tax_number(number):
        raise ValidationError(_("The INN has wrong control digits."))


def check_account(account: str, bic: str) -> None:
    """Check the control digits of an IBAN, or of a Russian account with its bank's BIC; others are not checked.

    Raises ValidationError.
    """
    if account[:2].isalpha() and not bank_details.is_iban(account):
        raise ValidationError(_("The IBAN has wrong control digits."))
    is_russian = len(account) == 20 and len(bic) == 9 and (account + bic).isdecimal()
    if is_russian and not bank_details.account_fits_bank(account, bic):
        raise ValidationError(_("The control digit of the account does not agree with the BIC."))


def check_details(facts: Mapping[str, Any], changed: Collection[str]) -> None:
    """Check the control digits of a client's changed details. Raises ValidationError by field."""
    errors: dict[str, ValidationError] = {}
    try:
        if "tax_number" in changed:
            check_tax_number(facts["tax_number"])
    except ValidationError as error:
        errors["tax_number"] = error
    try:
        if {"bank_account", "bank_bic"} & {*changed}:
            check_account(facts["bank_account"], facts["bank_bic"])
    except ValidationError as error:
        errors["bank_account"] = error
    if errors:
        raise ValidationError(errors)
