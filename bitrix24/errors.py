"""How a call may end other than well. What matters is whether it can have changed anything there."""

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from claims_crm.errors import BusinessRuleError


class CallFailed(Exception):
    """`code` is Bitrix24's own, or the kind of failure; `text` may be shown: no address is ever in it."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code, text)
        self.code, self.text = code, text

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" if self.text and self.text != self.code else self.code


class NotSent(CallFailed):
    """Nothing was done there; the same may be sent again later."""


class OutcomeUnknown(CallFailed):
    """It was sent, and no answer tells whether it was done."""


class Refused(CallFailed):
    """The portal did not do it, and says why."""


class Stopped(CallFailed):
    """The portal takes nothing from us until a person sees to it: a wrong webhook, a missing right, a closed portal."""


class NotSetUp(BusinessRuleError):
    code = "bitrix24_not_set_up"


class LeaseLost(Exception):
    """Another worker has taken over: we were too long about it."""


# What is no fault of the object in hand: the same goes better later.
PASSING = (CallFailed, LeaseLost, OperationalError, SoftTimeLimitExceeded)
