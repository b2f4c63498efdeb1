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
    """What was to be changed is not what the reader had before them; `now` is what it is."""

    code = "changed_meanwhile"

    def __init__(self, field: str, now: Any) -> None:
        super().__init__(_("Somebody has changed it meanwhile."), field=field)
        self.now = now


class MovedMeanwhile(BusinessRuleError):
    code = "moved_meanwhile"

    def __init__(self, stage: str) -> None:
        super().__init__(_("Meanwhile the claim was moved to “%(stage)s”.") % {"stage": stage})


class ReasonRequired(BusinessRuleError):
    code = "reason_required"

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("Say why."), field="reason")


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
