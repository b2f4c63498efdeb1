"""Why a line is taken for a payment, in the reader's language: facts are stored, words are made at reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from claims_crm.money import format_money

from ..formats.return_reasons import RETURN_REASONS

REASONS = {
    "order": gettext_lazy("our payment order"),
    "number": gettext_lazy("number of the claim"),
    "contract": gettext_lazy("number of the contract"),
    "account": gettext_lazy("client's account"),
    "tax_number": gettext_lazy("client's INN"),
    "remembered": gettext_lazy("account known from before"),
    "name": gettext_lazy("client's name"),
    "initials": gettext_lazy("surname and initials"),
    "other_payee": gettext_lazy("the payee is not the client"),
    "glued": gettext_lazy("number of the claim, written with spaces or without separators"),
    "sum": gettext_lazy("the sum"),
    "paid_already": gettext_lazy("the payment is marked paid already"),
    "perhaps_paid": gettext_lazy("a payment of this sum is marked paid by No. %(number)s and is in no statement"),
    "ordinal_paid": gettext_lazy("payment %(number)s, which it names, is paid already"),
    "ordinal_other": gettext_lazy("it names payment %(number)s, whose sum is another"),
    "ordinal_unknown": gettext_lazy("it names payment %(number)s, which the schedule does not have"),
    "other_number": gettext_lazy("a part of the number is another claim's"),
    "signs_contradict": gettext_lazy("the number and the payee speak for different claims"),
    "unknown_number": gettext_lazy("it names a claim that does not exist, too"),
    "range": gettext_lazy("it names a range of claims"),
    "other_account": gettext_lazy("the client has another account"),
    "other_tax_number": gettext_lazy("the client has another INN"),
    "before_claim": gettext_lazy("it is older than the claim"),
    "looks_like": gettext_lazy("it looks like a line of another statement"),
    "batch": gettext_lazy("it is a batch whose payees the file does not name"),
    "details_differ": gettext_lazy("the details of the batch do not come to its sum"),
    "reversal": gettext_lazy("it takes back an earlier payment"),
    "ordinal": gettext_lazy("payment %(number)s is named"),
    "less": gettext_lazy("less by %(by)s"),
    "more": gettext_lazy("more by %(by)s"),
    "several_claims": gettext_lazy("several claims in one line"),
    "by_hand": gettext_lazy("chosen by hand"),
    "nothing_open": gettext_lazy("Nothing is left to pay by this claim"),
    "no_sum": gettext_lazy("There is no payment of this sum"),
    "no_client": gettext_lazy("Seems to be no claim: the payee has never been a client"),
    "payee_not_ours": gettext_lazy("You have said of this payee: not ours"),
    "paid_meanwhile": gettext_lazy("The payment was marked paid meanwhile"),
    "amount_changed": gettext_lazy("The payment was %(before)s, now it is %(now)s"),
    "known": gettext_lazy("posted already"),
}


def describe_reason(reason: Mapping[str, Any], currency: str) -> str:
    facts = dict(reason)
    code = facts.pop("code")
    match code:
        case "several_payments":
            text = ngettext("%(count)s payment together", "%(count)s payments together", facts["count"])
        case "equal_payments":
            text = ngettext("%(count)s payment is like that", "%(count)s payments are alike", facts["count"])
        case "equal_claims":
            text = ngettext("%(count)s claim fits", "%(count)s claims fit", facts["count"])
        case "returns":
            bank = RETURN_REASONS.get(facts.pop("bank"), "")
            text = str(gettext_lazy("Returned by the bank")) + (f": {bank}" if bank else "")
        case _:
            text = str(REASONS.get(code, facts.get("text", "")))
    for name in ("by", "before", "now"):
        if name in facts:
            facts[name] = format_money(Decimal(facts[name]), currency or "RUB")
    return text % facts if facts else text


def describe_reasons(reasons: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Return all of it as a sentence without an end."""
    said = [describe_reason(reason, currency) for reason in reasons]
    text = ", ".join(said)
    return text[:1].upper() + text[1:]
