from django.utils.translation import gettext_lazy as _

from claims_crm.errors import BusinessRuleError

from . import reason_text


class StatementNotReady(BusinessRuleError):
    code = "statement_not_ready"

    def __init__(self) -> None:
        super().__init__(_("This cannot be done with the statement as it is now. Open its page again."))


class PaidAnotherWay(BusinessRuleError):
    code = "paid_another_way"

    def __init__(self) -> None:
        super().__init__(_("This payment was reopened since and paid in another way: it stays paid."))


class NothingToPost(BusinessRuleError):
    code = "nothing_to_post"

    def __init__(self) -> None:
        super().__init__(_("Nothing is chosen to be posted."))


class ChoiceRefused(BusinessRuleError):
    """A payment cannot be chosen for the line: it is not planned any more, or other lines take all of it."""

    code = "choice_refused"


class ChangedMeanwhile(BusinessRuleError):
    """The payment is not what it was when the line was matched with it."""

    def __init__(self, code: str) -> None:
        super().__init__(reason_text.describe_reason({"code": code}, ""))
        self.code = code
