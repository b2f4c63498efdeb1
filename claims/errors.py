from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.errors import BusinessRuleError, InvalidInput


class ClaimBusy(BusinessRuleError):
    code = "claim_busy"

    def __init__(self) -> None:
        super().__init__(_("Someone is changing this claim right now. Try again in a moment."))


class ClaimFinal(BusinessRuleError):
    code = "claim_final"

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("The claim is closed. Move it back to a working stage first."))


class MoveRefused(BusinessRuleError):
    code = "move_refused"


class ChangedMeanwhile(BusinessRuleError):
    """The value to be changed is no longer the one the user saw; `now` is the current one."""

    code = "changed_meanwhile"

    def __init__(self, field: str, now: Any) -> None:
        super().__init__(_("Someone has changed it in the meantime."), field=field)
        self.now = now


class MovedMeanwhile(BusinessRuleError):
    code = "moved_meanwhile"

    def __init__(self, stage: str) -> None:
        super().__init__(_("The claim has been moved to “%(stage)s” in the meantime.") % {"stage": stage})


class ReasonRequired(BusinessRuleError):
    code = "reason_required"

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("Give a reason."), field="reason")


class NumberTaken(BusinessRuleError):
    code = "number_taken"

    def __init__(self, number: str) -> None:
        super().__init__(
            _("There is a claim %(number)s already.") % {"number": number},
            field="number",
        )


class FileRefused(InvalidInput):
    code = "file_refused"

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message, field="file")


class FactsRefused(InvalidInput):
    code = "facts_refused"
