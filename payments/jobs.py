"""Long work on many payments at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exports import to_excel
from accounts.jobs import Outcome, Steps, job
from accounts.models import Job
from claims import listing
from claims.columns import COLUMNS, of_sheet
from claims_crm.errors import RuleBroken

from . import permissions, services, worklist
from .columns import FIGURE, WORKLIST
from .models import Payment, Statement
from .querysets import PaymentQuerySet
from .reports import figure_at
from .services import Settling
from .statements import services as statements

# Whoever else works on one of their claims waits for all of them: not long.
BATCH = 100


@job("payments.export", title=gettext_lazy("Payments to Excel"), allowed=permissions.can_see_payments)
def export_payments(job: Job) -> Steps:
    """Write the worklist as its address (`query`) shows it: all of it, or those `chosen` (ids)."""
    payments = found(job)
    if chosen := job.arguments.get("chosen"):
        payments = payments.filter(pk__in=chosen)
    return (yield from to_excel(_("Payments"), WORKLIST, worklist.every(payments), total=payments.count()))


@job("payments.report_rows", title=gettext_lazy("Rows of a report to Excel"), allowed=permissions.can_see_reports)
def export_figure(job: Job) -> Steps:
    """Write the payments or claims behind a figure of the report `key`, as its address (`query`) names it."""
    figure = figure_at(job.arguments["key"], QueryDict(job.arguments["query"]), job.owner)
    rows: Any = figure.rows
    if figure.is_of_payments:
        return (yield from to_excel(figure.name, FIGURE, worklist.every(rows), total=rows.count()))
    columns = of_sheet(COLUMNS.values())
    return (yield from to_excel(figure.name, columns, listing.every(rows), total=rows.count()))


@job("payments.settle", title=gettext_lazy("Marking payments as paid"), allowed=permissions.can_settle)
def settle_found(job: Job) -> Steps:
    """Mark all that the worklist shows at `query` as paid on `paid_on`."""
    paid_on = date.fromisoformat(job.arguments["paid_on"])

    def settle(payments: list[Payment]) -> Iterator[bool | RuleBroken]:
        for done in services.settle_each([Settling(payment, paid_on=paid_on) for payment in payments], by=job.owner):
            yield done if isinstance(done, RuleBroken) else done.changed

    return (yield from each(job, settle))


@job("payments.reschedule", title=gettext_lazy("Moving deadlines"), allowed=permissions.can_reschedule)
def reschedule_found(job: Job) -> Steps:
    """Move the deadlines of all that the worklist shows at `query` to `due_on`."""
    due_on = date.fromisoformat(job.arguments["due_on"])

    def move(payments: list[Payment]) -> Iterator[bool | RuleBroken]:
        for payment in payments:
            try:
                services.reschedule(payment, by=job.owner, due_on=due_on)
            except RuleBroken as error:
                yield error
            else:
                yield True

    return (yield from each(job, move))


@job("payments.read_statement", title=gettext_lazy("Reading a bank statement"), allowed=permissions.can_post_statements)
def read_statement(job: Job) -> Steps:
    return (yield from statements.read_steps(_statement(job)))


@job("payments.find_again", title=gettext_lazy("Finding the payments again"), allowed=permissions.can_post_statements)
def find_again(job: Job) -> Steps:
    return (yield from statements.find_again_steps(_statement(job)))


@job("payments.post_statement", title=gettext_lazy("Posting a bank statement"), allowed=permissions.can_post_statements)
def post_statement(job: Job) -> Steps:
    return (yield from statements.post_steps(_statement(job), by=job.owner))


@job("payments.undo_statement", title=gettext_lazy("Undoing a bank statement"), allowed=permissions.can_undo_statements)
def undo_statement(job: Job) -> Steps:
    return (yield from statements.undo_steps(_statement(job), by=job.owner, reason=job.arguments["reason"]))


def _statement(job: Job) -> Statement:
    return Statement.objects.get(pk=job.arguments["statement"])


def found(job: Job) -> PaymentQuerySet:
    return worklist.Filters.read(QueryDict(job.arguments["query"]), job.owner).payments(job.owner)


def each(job: Job, deed: Callable[[list[Payment]], Iterator[bool | RuleBroken]]) -> Steps:
    """Do the deed to all payments found, some at a time; it tells of each whether it was changed, or why not."""
    outcome = Outcome()
    ids = list(found(job).in_order().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        payments = list(Payment.objects.filter(pk__in=some).select_related("claim__client").in_order())
        for payment, done in zip(payments, deed(payments), strict=True):
            if isinstance(done, RuleBroken):
                outcome.refused.append((f"{payment.claim.number}, {payment.claim.client}", str(done)))
            else:
                outcome.changed += done
        yield start + len(some), len(ids)
    return outcome
