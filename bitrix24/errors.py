"""Errors of calls to the portal. What matters is whether the call may have changed anything."""

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from claims_crm.errors import BusinessRuleError
from jobs.lease import LeaseLost


class CallFailed(Exception):
    """A call failed. `code` is Bitrix24's or our own; `text` may be shown: it never contains the address."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code, text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" if self.text and self.text != self.code else self.code


class NotSent(CallFailed):
    """Nothing was done in the portal; the call may be repeated later."""


class OutcomeUnknown(CallFailed):
    """The call was sent, but no answer says whether it was done."""


class Refused(CallFailed):
    """The portal refused the call with a reason."""


class Stopped(CallFailed):
    """The portal takes nothing from us until a person sees to it: a wrong webhook, a missing right, a closed portal."""


class NotSetUp(BusinessRuleError):
    code = "bitrix24_not_set_up"


# Not the fault of the object being pushed: the same may succeed later.
TRANSIENT = (CallFailed, LeaseLost, OperationalError, SoftTimeLimitExceeded)
