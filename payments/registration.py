"""The payments' part of the new-claim form: the first schedule, previewed before anything is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claims.models import Claim
from claims_crm.errors import BusinessRuleError

from . import services
from .forms import FirstScheduleForm
from .schedule import Part

if TYPE_CHECKING:
    from accounts.models import User
    from claims.forms import NewClaimForm


class FirstSchedule:
    """The schedule builder, and the payments it gives for the agreed sum and funnel of the claim's form."""

    template = "payments/_first_schedule.html"

    def __init__(self, data: Any = None) -> None:
        self.form = FirstScheduleForm.new(data)
        self.parts: list[Part] = []
        self.claim: Claim | None = None

    def is_valid(self, form: NewClaimForm) -> bool:
        """Return whether the builder is valid or no schedule is wanted; keeps the resulting payments in `parts`."""
        pipeline, total = form.cleaned_data.get("pipeline"), form.cleaned_data.get("agreed_amount")
        if self.form.is_valid() and self.form.is_wanted and pipeline and total:
            self.claim = Claim(pipeline=pipeline, currency=pipeline.currency, agreed_amount=total)
            try:
                self.parts = services.plan(self.claim, total=total, **self._plan_arguments())
            except BusinessRuleError as error:
                self.form.add_rule_error(error)
        return self.form.is_valid()

    def carry_out(self, claim: Claim, *, by: User) -> None:
        if self.parts:
            services.schedule(claim, by=by, **self._plan_arguments())

    def _plan_arguments(self) -> dict[str, Any]:
        return {name: self.form.cleaned_data[name] for name in ("count", "first_due_on", "rule")}
