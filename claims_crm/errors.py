"""The errors a person is told about, on every floor."""

from django.utils.functional import Promise


class BusinessRuleError(Exception):
    """A rule of the business refuses what was asked. Nothing has been changed.

    `message` is written for the reader, already translated or lazily so. HTTP answers 409.
    `code` is stable, for programs; `field` names the input at fault, if one is.
    """

    code = "rule_broken"

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(BusinessRuleError):
    """What was sent can never be, however things stand: a sum of nothing, a day that is still to come.

    A program is answered 400.
    """

    code = "input_refused"
