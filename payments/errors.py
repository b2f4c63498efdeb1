from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.errors import BusinessRuleError, InvalidInput
from claims_crm.money import format_money


class ScheduleRefused(InvalidInput):
    """What was asked of the schedule cannot be: a count, a sum or a date out of range."""

    code = "schedule_refused"


class AmountChanged(BusinessRuleError):
    code = "amount_changed"

    def __init__(self, now: Decimal, currency: str) -> None:
        told = {"now": format_money(now, currency)}
        super().__init__(_("The amount has been changed in the meantime: it is now %(now)s. Nothing was paid.") % told)
        self.now = now


class PaymentCancelled(BusinessRuleError):
    code = "payment_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This payment was cancelled."))


class PaymentPaid(BusinessRuleError):
    code = "payment_paid"

    def __init__(self) -> None:
        super().__init__(_("This payment is paid. Reopen it first."))


class PaymentHasHistory(BusinessRuleError):
    code = "payment_has_history"

    def __init__(self) -> None:
        super().__init__(_("This payment was paid before and reopened. Cancel it instead of deleting it."))


class PaymentNotPaid(BusinessRuleError):
    code = "payment_not_paid"

    def __init__(self) -> None:
        super().__init__(_("This payment is not paid."))


class ReasonMissing(InvalidInput):
    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Give the reason for reopening the payment."), field="reason")


class TooLate(BusinessRuleError):
    code = "too_late"

    def __init__(self) -> None:
        super().__init__(_("It is too late to undo. Reopen the payment and say why."))


class FutureDate(InvalidInput):
    code = "future_date"

    def __init__(self) -> None:
        super().__init__(_("The payment date is in the future."), field="paid_on")


class DateRefused(InvalidInput):
    code = "date_refused"

    def __init__(self, field: str) -> None:
        super().__init__(_("The date must be between 2000 and 2100."), field=field)


class AmountRefused(InvalidInput):
    code = "amount_refused"

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message, field="amount")
