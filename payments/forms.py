from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import dateformat
from django.utils.translation import gettext_lazy as _

from claims.errors import ChangedMeanwhile
from claims.models import Claim
from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.money import ZERO, MoneyFormField, format_money

from .errors import FutureDate
from .models import Payment
from .schedule import MAX_COUNT, Rule


class DayField(forms.DateField):
    """A day chosen in the browser's calendar or typed by hand: 31.10.2026, 31.10.26."""

    default_error_messages = {"invalid": _("There is no such day. Write it as 31.10.2026.")}

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%d %b %Y"]
        super().__init__(**{"widget": calendar(), "input_formats": formats, **kwargs})

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not days.FIRST_DAY <= value <= days.LAST_DAY:
            raise ValidationError(_("The date must be between 2000 and 2100."), code="range")


def calendar() -> forms.DateInput:
    limits = {"min": days.FIRST_DAY.isoformat(), "max": days.LAST_DAY.isoformat()}
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **limits})


class ActionForm(forms.Form):
    """A form whose action may be refused by a business rule although the form is valid."""

    # The field that shows an error of the service, if its name differs here.
    alias: dict[str, str] = {}

    def add_rule_error(self, error: BusinessRuleError) -> None:
        """Show the business error at its field, or above the form if it has none."""
        name = self.alias.get(error.field or "", error.field)
        self.add_error(name if name in self.fields else None, str(error))


class PaymentActionForm(ActionForm):
    """An action on one payment. It carries the deadline and amount that the form was opened with, and is refused if the
    payment has changed since.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, payment: Payment | None = None, initial: Any = None) -> None:
        super().__init__(data, initial={**(initial or {}), "seen": payment and _snapshot(payment)})
        self.payment = payment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        payment = self.payment
        if payment and data.get("seen") and data["seen"] != _snapshot(payment):
            self.data = {**self.data.dict(), "seen": _snapshot(payment)}  # type: ignore[attr-defined]
            now = {"sum": format_money(payment.amount, payment.claim.currency), "day": f"{payment.due_on:%d.%m.%Y}"}
            raise ValidationError(_("Changed in the meantime: now %(sum)s by %(day)s. Check it and try again.") % now)
        return data


def _snapshot(payment: Payment) -> str:
    return f"{payment.due_on}/{payment.amount}"


class PayForm(PaymentActionForm):
    paid_on = DayField(label=_("Paid on"))
    document_number = forms.CharField(label=_("Payment order number"), max_length=40, required=False)
    amount = MoneyFormField(label=_("Amount"), help_text=_("Less than the whole: the rest stays planned."))

    @classmethod
    def of(cls, payment: Payment, data: Any = None) -> PayForm:
        return cls(data, payment=payment, initial={"paid_on": days.today(), "amount": payment.amount})

    def facts(self) -> dict[str, Any]:
        """Return the arguments of `payments.services.settle`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class PayAllForm(ActionForm):
    paid_on = DayField(label=_("Paid on"))

    def clean_paid_on(self) -> date:
        if self.cleaned_data["paid_on"] > days.today():
            raise ValidationError(str(FutureDate()))
        return self.cleaned_data["paid_on"]


class ReopenForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2, "autofocus": True})
    )


class RescheduleForm(ActionForm):
    due_on = DayField(label=_("New deadline"))


class MoveDeadlineForm(PaymentActionForm, RescheduleForm):
    """A new deadline for one payment, checked against the one shown, or for several."""


class SplitForm(PaymentActionForm):
    amount = MoneyFormField(label=_("One part"))


class AddForm(ActionForm):
    due_on = DayField(label=_("Deadline"))
    amount = MoneyFormField(label=_("Amount"))


class CancelForm(PaymentActionForm):
    """Confirms a cancellation; there is nothing to fill in."""


class EditForm(ActionForm):
    """The editable cells of a planned payment, with the values they were rendered with."""

    due_on = DayField(label=_("Deadline"), widget=forms.DateInput(format="%d.%m.%Y", attrs={"inputmode": "numeric"}))
    amount = MoneyFormField(label=_("Amount"))
    due_on_was = DayField(widget=forms.HiddenInput)
    amount_was = MoneyFormField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, payment: Payment, data: Any = None) -> EditForm:
        """Return the form of the payment, with `data` as typed."""
        shown = {"due_on": payment.due_on, "amount": payment.amount}
        if data is not None and data.get("theirs") in shown:
            # The user takes the other person's value: as if nothing had been typed there.
            data = {**data.dict(), **dict.fromkeys((data["theirs"], f"{data['theirs']}_was"), shown[data["theirs"]])}
        form = cls(data, initial={**shown, **{f"{name}_was": value for name, value in shown.items()}})
        form.payment = payment
        form.stale = set()
        return form

    @property
    def amount_shown(self) -> str:
        """The current amount as the cell shows it, whatever was typed."""
        return str(self.fields["amount"].prepare_value(self.payment.amount))

    def without_amount(self) -> EditForm:
        """Return the form limited to the deadline, for users who may only move deadlines."""
        del self.fields["amount"], self.fields["amount_was"]
        return self

    payment: Payment
    # Names of the cells that another person has changed in the meantime.
    stale: set[str]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.edited(data):
            now = getattr(self.payment, name)
            if now not in (data[f"{name}_was"], data[name]):
                self._found_stale(name, now)
        return data

    def add_rule_error(self, error: BusinessRuleError) -> None:
        if isinstance(error, ChangedMeanwhile) and error.field:
            self._found_stale(error.field, error.now)
        else:
            super().add_rule_error(error)

    def _found_stale(self, name: str, now: Any) -> None:
        self.stale.add(name)
        self.add_error(name, _("Changed in the meantime: now %s.") % self._shown(now))

    def edited(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield the names of the cells that the user changed."""
        for name in ("due_on", "amount"):
            if data.get(name) is not None and data.get(f"{name}_was") not in (None, data[name]):
                yield name

    def _shown(self, value: date | Decimal) -> str:
        if isinstance(value, date):
            return dateformat.format(value, "d.m.Y")
        return str(self.fields["amount"].prepare_value(value))


class ScheduleForm(ActionForm):
    """The schedule builder: a sum, a number of payments, a rule and the first date."""

    alias = {"first_due_on": "first_day"}
    css = {"total": "num", "count": "count"}

    total = MoneyFormField(label=_("Sum"))
    count = forms.IntegerField(
        label=_("Number of payments"),
        min_value=1,
        max_value=MAX_COUNT,
        error_messages={
            name: _("A schedule has from 1 to 60 payments.") for name in ("min_value", "max_value", "invalid")
        },
    )
    rule = forms.ChoiceField(
        label=_("Day"),
        choices=[(Rule.MONTH_END, _("on the last day of the month")), (Rule.SAME_DAY, _("on the same day"))],
    )
    first_month = forms.TypedChoiceField(label=_("First month"), coerce=date.fromisoformat, required=False)
    first_day = DayField(label=_("First day"), required=False)
    # The balance the builder was opened with: a schedule is not applied over changes the user has not seen.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, claim: Claim, data: Any = None) -> ScheduleForm:
        payments = list(claim.payments.counted().in_order())
        planned = [payment for payment in payments if payment.is_planned]
        first = _first_due_on(payments)
        form = cls(
            data,
            initial={
                "total": _unpaid_sum(claim) or None,
                "count": len(planned) or 4,
                "rule": Rule.MONTH_END,
                "first_month": first.replace(day=1).isoformat(),
                "first_day": first,
                "seen": balance_snapshot(claim),
            },
        )
        form.show_months_from(min(first, days.today()))
        return form

    def show_months_from(self, first: date) -> None:
        self.fields["first_month"].choices = _months(first, 24)  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = f"input {self.css.get(name, '')}".strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name = "first_month" if data.get("rule") == Rule.MONTH_END else "first_day"
        if name not in self.errors and not data.get(name):
            self.add_error(name, _("Say when the first payment is due."))
        data["first_due_on"] = data.get(name)
        return data

    def refresh_balance(self, claim: Claim) -> None:
        """Show the form again with the claim's current balance."""
        self.data = {**self.data, "seen": balance_snapshot(claim)}

    def plan(self) -> dict[str, Any]:
        """Return the arguments of `payments.services.plan`."""
        return {name: self.cleaned_data[name] for name in ("total", "count", "first_due_on", "rule")}


class FirstScheduleForm(ScheduleForm):
    """The builder for a claim being registered: its agreed sum in `count` payments.

    Without a count or a sum no schedule is made.
    """

    total = None  # type: ignore[assignment]
    seen = None  # type: ignore[assignment]

    @classmethod
    def new(cls, data: Any = None) -> FirstScheduleForm:
        first = _first_due_on([])
        initial = {
            "count": 4,
            "rule": Rule.MONTH_END,
            "first_month": first.replace(day=1).isoformat(),
            "first_day": first,
        }
        form = cls(data, initial=initial)
        form.fields["count"].required = form.fields["rule"].required = False
        form.show_months_from(first)
        return form

    def clean(self) -> dict[str, Any]:
        return super().clean() if self.is_wanted else self.cleaned_data

    @property
    def is_wanted(self) -> bool:
        return bool(self.cleaned_data.get("count"))


def balance_snapshot(claim: Claim) -> str:
    """Return the claim's totals as the schedule form carries them."""
    return f"{claim.scheduled_amount}/{claim.paid_amount}"


def _unpaid_sum(claim: Claim) -> Decimal:
    """Return the sum for a new schedule: the agreed sum (or the scheduled one) less what is paid, at least 0."""
    target = claim.scheduled_amount if claim.agreed_amount is None else claim.agreed_amount
    return max(target - claim.paid_amount, ZERO)


def _first_due_on(payments: list[Payment]) -> date:
    """Return the first deadline of a schedule: that of the current one, else the month after the last paid payment but
    not in the past.
    """
    today = days.today()
    this_month = days.month_end(today.year, today.month)
    planned = [payment.due_on for payment in payments if payment.is_planned]
    if planned:
        return planned[0]
    paid = [payment.due_on for payment in payments if payment.is_paid]
    if not paid:
        return this_month
    following = days.add_months(max(paid), 1)
    return max(this_month, days.month_end(following.year, following.month))


def _months(first: date, count: int) -> list[tuple[str, str]]:
    months = [days.add_months(first.replace(day=1), ahead) for ahead in range(count)]
    # In the genitive case: «ноября 2026» after «начиная с».
    return [(month.isoformat(), dateformat.format(month, "E Y")) for month in months]
