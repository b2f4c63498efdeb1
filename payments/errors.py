from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims_crm.errors import InputRefused, RuleBroken
from claims_crm.money import format_money


class ScheduleRefused(InputRefused):
    """What was asked of the schedule cannot be: a count, a sum or a date out of range."""

    code = "schedule_refused"


class AmountChanged(RuleBroken):
    code = "amount_changed"

    def __init__(self, now: Decimal, currency: str) -> None:
        told = {"now": format_money(now, currency)}
        super().__init__(_("The sum was changed meanwhile: now it is %(now)s. It is not paid yet.") % told)
        self.now = now


class PaymentCancelled(RuleBroken):
    code = "payment_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This payment was cancelled."))


class PaymentPaid(RuleBroken):
    code = "payment_paid"

    def __init__(self) -> None:
        super().__init__(_("This payment is paid. Reopen it first."))


class PaymentNotPaid(RuleBroken):
    code = "payment_not_paid"

    def __init__(self) -> None:
        super().__init__(_("This payment is not paid."))


class ReasonMissing(InputRefused):
    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Say why the payment is reopened."), field="reason")


class TooLate(RuleBroken):
    code = "too_late"

    def __init__(self) -> None:
        super().__init__(_("It is too late to undo. Reopen the payment and say why."))


class FutureDate(InputRefused):
    code = "future_date"

    def __init__(self) -> None:
        super().__init__(_("The day of payment is still to come."), field="paid_on")


class DateRefused(InputRefused):
    code = "date_refused"

    def __init__(self, field: str) -> None:
        super().__init__(_("The date must be between 2000 and 2100."), field=field)


class AmountRefused(InputRefused):
    code = "amount_refused"

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message, field="amount")
