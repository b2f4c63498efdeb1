from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.errors import BusinessRuleError, InvalidInput


class TaskEnded(BusinessRuleError):
    code = "task_ended"

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("This task was withdrawn."))


class ChecklistUnticked(BusinessRuleError):
    code = "checklist_unticked"

    def __init__(self) -> None:
        super().__init__(_("Tick every item of the checklist first."), field="checklist")


class TaskRefused(InvalidInput):
    code = "task_refused"


class TaskClosesItself(BusinessRuleError):
    code = "task_closes_itself"

    def __init__(self) -> None:
        super().__init__(_("This task closes by itself once the rest of the agreed sum is scheduled."))


class TooLate(BusinessRuleError):
    code = "too_late"

    def __init__(self) -> None:
        super().__init__(_("It is too late to undo this."))
