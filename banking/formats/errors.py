from typing import Any

from claims_crm.errors import BusinessRuleError

from . import fault_text


class StatementUnreadable(BusinessRuleError):
    """The file as a whole cannot be read. `reason` and `facts` are kept; words are made in the reader's language."""

    code = "statement_unreadable"

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(fault_text.describe_file_error(reason, facts), field="file")
        self.reason = reason
        self.facts = facts
