"""Reasons of returned payments: codes of ISO 20022 (ExternalReturnReason1Code) in people's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RETURN_REASONS: dict[str, str | Promise] = {
    "AC01": _("the account number is incorrect"),
    "AC03": _("the payee's account number is invalid"),
    "AC04": _("the account is closed"),
    "AC06": _("the account is blocked"),
    "AC13": _("the account is of the wrong kind"),
    "AG01": _("transactions on this account are forbidden"),
    "AM04": _("the funds were insufficient"),
    "AM05": _("the payment was sent twice"),
    "AM09": _("the amount was wrong"),
    "BE01": _("the payee's name does not agree with the account"),
    "BE04": _("the payee's address is missing or incorrect"),
    "BE05": _("the paying party is not recognised"),
    "CUST": _("the paying party asked for it"),
    "DUPL": _("the payment was sent twice"),
    "FOCR": _("the paying party's bank asked for it"),
    "MD06": _("the payee asked for it"),
    "MD07": _("the payee has died"),
    "MS02": _("the payee refused it, without a reason"),
    "MS03": _("the bank refused it, without a reason"),
    "NARR": _("the reason stands in the purpose"),
    "NOAS": _("the payee did not answer"),
    "RC01": _("the bank's code (BIC) is incorrect"),
    "RR04": _("the regulator forbids it"),
    "TECH": _("a technical error"),
    "UPAY": _("the payment was not due"),
    "RVSL": _("the bank reversed the payment"),
}
