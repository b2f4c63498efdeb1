"""Long work on many payments at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims_crm.errors import BusinessRuleError
from jobs.exports import to_excel
from jobs.kinds import Outcome, Steps, job
from jobs.models import Job

from . import permissions, services, worklist
from .models import Payment
from .querysets import PaymentQuerySet
from .services import Settling
from .sheet_columns import WORKLIST

# Whoever else works on one of their claims waits for all of them: not long.
BATCH = 100


@job("payments.export", title=gettext_lazy("Payments to Excel"), allowed=permissions.can_see_payments)
def export_payments(job: Job) -> Steps:
    """Write the worklist as its address (`query`) shows it: all of it, or those `chosen` (ids)."""
    payments = found(job)
    if chosen := job.arguments.get("chosen"):
        payments = payments.filter(pk__in=chosen)
    return (yield from to_excel(_("Payments"), WORKLIST, worklist.every(payments), total=payments.count()))


@job("payments.settle", title=gettext_lazy("Marking payments as paid"), allowed=permissions.can_settle)
def settle_found(job: Job) -> Steps:
    """Mark all that the worklist shows at `query` as paid on `paid_on`."""
    paid_on = date.fromisoformat(job.arguments["paid_on"])

    def settle(payments: list[Payment]) -> Iterator[bool | BusinessRuleError]:
        for done in services.settle_each([Settling(payment, paid_on=paid_on) for payment in payments], by=job.owner):
            yield done if isinstance(done, BusinessRuleError) else done.changed

    return (yield from each(job, settle))


@job("payments.reschedule", title=gettext_lazy("Moving deadlines"), allowed=permissions.can_reschedule)
def reschedule_found(job: Job) -> Steps:
    """Move the deadlines of all that the worklist shows at `query` to `due_on`."""
    due_on = date.fromisoformat(job.arguments["due_on"])

    def move(payments: list[Payment]) -> Iterator[bool | BusinessRuleError]:
        for payment in payments:
            try:
                services.reschedule(payment, by=job.owner, due_on=due_on)
            except BusinessRuleError as error:
                yield error
            else:
                yield True

    return (yield from each(job, move))


def found(job: Job) -> PaymentQuerySet:
    return worklist.Filters.read(QueryDict(job.arguments["query"]), job.owner).payments(job.owner)


def each(job: Job, deed: Callable[[list[Payment]], Iterator[bool | BusinessRuleError]]) -> Steps:
    """Do the deed to all payments found, some at a time; it tells of each whether it was changed, or why not."""
    outcome = Outcome()
    ids = list(found(job).in_order().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        payments = list(Payment.objects.filter(pk__in=some).select_related("claim__client").in_order())
        for payment, done in zip(payments, deed(payments), strict=True):
            if isinstance(done, BusinessRuleError):
                outcome.refused.append((f"{payment.claim.number}, {payment.claim.client}", str(done)))
            else:
                outcome.changed += done
        yield start + len(some), len(ids)
    return outcome
