"""Background work on many payments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims_crm.errors import BusinessRuleError
from claims_crm.money import from_kopecks
from jobs.engine import save_step
from jobs.exports import to_excel
from jobs.kinds import Outcome, Steps, job
from jobs.models import Job

from . import permissions, services, worklist
from .models import Payment
from .querysets import PaymentQuerySet
from .services import SettlementRequest
from .sheet_columns import WORKLIST

# Payments settled in one transaction: others wait for the locks of all its claims.
BATCH = 100


@job("payments.export", title=gettext_lazy("Payments to Excel"), allowed=permissions.can_see_payments)
def export_payments(job: Job) -> Steps:
    """Write the worklist of the query string `query` to Excel: all of it, or the payments `chosen` (ids)."""
    payments = matching_payments(job)
    if chosen := job.arguments.get("chosen"):
        payments = payments.filter(pk__in=chosen)
    return (yield from to_excel(_("Payments"), WORKLIST, worklist.iterate(payments), total=payments.count()))


# What the dialog showed of a payment: its id, its amount in kopecks, its deadline.
Confirmed = tuple[int, int, str]


@job(
    "payments.settle", title=gettext_lazy("Marking payments as paid"), allowed=permissions.can_settle, saves_steps=True
)
def settle_confirmed(job: Job) -> Steps:
    """Mark the confirmed `payments` as paid on `paid_on`; one that has another amount by now is refused."""
    paid_on = date.fromisoformat(job.arguments["paid_on"])

    def settle(payments: list[Payment], confirmed: dict[int, Confirmed]) -> Iterator[bool | BusinessRuleError]:
        requests = [
            SettlementRequest(payment, paid_on=paid_on, expected_amount=from_kopecks(confirmed[payment.pk][1]))
            for payment in payments
        ]
        for done in services.settle_each(requests, by=job.owner):
            yield done if isinstance(done, BusinessRuleError) else done.changed

    return (yield from run_in_batches(job, settle))


@job(
    "payments.reschedule", title=gettext_lazy("Moving deadlines"), allowed=permissions.can_reschedule, saves_steps=True
)
def reschedule_confirmed(job: Job) -> Steps:
    """Move the deadlines of the confirmed `payments` to `due_on`; one that was moved meanwhile is refused."""
    due_on = date.fromisoformat(job.arguments["due_on"])

    def move(payments: list[Payment], confirmed: dict[int, Confirmed]) -> Iterator[bool | BusinessRuleError]:
        for payment in payments:
            seen = date.fromisoformat(confirmed[payment.pk][2])
            try:
                services.reschedule(payment, by=job.owner, due_on=due_on, seen=seen)
            except BusinessRuleError as error:
                yield error
            else:
                yield True

    return (yield from run_in_batches(job, move))


def matching_payments(job: Job) -> PaymentQuerySet:
    """Return the payments of the worklist that the job's owner may see."""
    return worklist.Filters.from_query(QueryDict(job.arguments["query"]), job.owner).payments(job.owner)


def run_in_batches(
    job: Job, action: Callable[[list[Payment], dict[int, Confirmed]], Iterator[bool | BusinessRuleError]]
) -> Steps:
    """Run the action on the confirmed payments in batches; it yields for each whether it changed, or the refusal.

    A batch and its result are committed together, so a worker that takes over goes on with the next batch.
    """
    outcome = Outcome.so_far(job)
    rows: list[Confirmed] = job.arguments["payments"]
    for start in range(job.done, len(rows), BATCH):
        batch = {row[0]: row for row in rows[start : start + BATCH]}
        with transaction.atomic():
            visible = Payment.objects.visible_to(job.owner).filter(pk__in=batch).select_related("claim__client")
            payments = list(visible.in_order())
            for payment, done in zip(payments, action(payments, batch), strict=True):
                if isinstance(done, BusinessRuleError):
                    outcome.refused.append((f"{payment.claim.number}, {payment.claim.client}", str(done)))
                else:
                    outcome.changed += done
            for pk in batch.keys() - {payment.pk for payment in payments}:
                outcome.refused.append((f"#{pk}", _("You cannot see this payment any more.")))
            save_step(job, outcome, done=start + len(batch), total=len(rows))
        yield start + len(batch), len(rows)
    return outcome
