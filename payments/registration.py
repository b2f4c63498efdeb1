"""The payments' part of the form of a new claim: its first schedule, shown as it will be before anything is saved."""

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
    """The sentence, and the payments that come of it for the sum and the funnel of the claim's own form."""

    template = "payments/_first_schedule.html"

    def __init__(self, data: Any = None) -> None:
        self.form = FirstScheduleForm.new(data)
        self.parts: list[Part] = []
        self.claim: Claim | None = None

    def is_valid(self, form: NewClaimForm) -> bool:
        """Tell whether the sentence makes a schedule, or none is wanted; keep the payments that come of it."""
        pipeline, total = form.cleaned_data.get("pipeline"), form.cleaned_data.get("agreed_amount")
        if self.form.is_valid() and self.form.is_wanted and pipeline and total:
            self.claim = Claim(pipeline=pipeline, currency=pipeline.currency, agreed_amount=total)
            try:
                self.parts = services.plan(self.claim, total=total, **self._asked())
            except BusinessRuleError as error:
                self.form.refuse(error)
        return self.form.is_valid()

    def carry_out(self, claim: Claim, *, by: User) -> None:
        if self.parts:
            services.schedule(claim, by=by, **self._asked())

    def _asked(self) -> dict[str, Any]:
        return {name: self.form.cleaned_data[name] for name in ("count", "first_due_on", "rule")}
