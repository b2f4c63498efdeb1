from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from claims_crm.errors import BusinessRuleError, InvalidInput

from . import issue_text


class FileUnreadable(InvalidInput):
    """The file as a whole cannot be read. `reason` and `facts` are kept; words are made in the reader's language."""

    code = "register_unreadable"

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(issue_text.describe_file_error(reason, facts), field="file")
        self.reason = reason
        self.facts = facts


class ImportNotReady(BusinessRuleError):
    code = "import_not_ready"

    def __init__(self) -> None:
        super().__init__(_("This cannot be done with the import as it is now. Open its page again."))


class NothingToImport(BusinessRuleError):
    code = "nothing_to_import"

    def __init__(self) -> None:
        super().__init__(_("There is not one new claim in this register."))


class QuestionsOpen(BusinessRuleError):
    """The file leaves something open that must be answered before it is written."""

    code = "questions_open"

    def __init__(self) -> None:
        super().__init__(_("Answer the questions about the register first: nothing is written until then."))


class ImportTouched(BusinessRuleError):
    """People have worked with claims of the import already: undoing it would lose what they did."""

    code = "import_touched"
    NAMED = 5

    def __init__(self, numbers: Sequence[str]) -> None:
        named = ", ".join(numbers[: self.NAMED]) + ("…" if len(numbers) > self.NAMED else "")
        text = ngettext(
            "The import cannot be undone: people have worked with %(count)s claim of it already: %(named)s.",
            "The import cannot be undone: people have worked with %(count)s claims of it already: %(named)s.",
            len(numbers),
        )
        super().__init__(text % {"count": len(numbers), "named": named})
        self.numbers = numbers
