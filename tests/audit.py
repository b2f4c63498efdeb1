"""The one checking function: every promise about money and tasks, asked of the database's own rows.

It shares nothing with the services it checks: figures are added up here, in plain Python.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from claims.models import Claim, TimelineEntry
from claims_crm import days
from notifications.models import Task, TaskRule
from payments.models import Payment

PLANNED, PAID = Payment.Status.PLANNED, Payment.Status.PAID


def audit_money(*, bulk: bool = False, swept: date | None = None) -> list[str]:
    """Return what is wrong, a line each; an empty list when every promise holds.

    `bulk`: payments were changed past the services, so neither the timeline nor (until the next sweep)
    the tasks know of it. `swept`: a sweep of this day has just run, so nothing due may lack its task.
    """
    claims = list(Claim.objects.select_related("stage", "pipeline").prefetch_related("payments", "tasks", "timeline"))
    wrong = [f"{claim.number}: {line}" for claim in claims for line in _of_claim(claim, bulk, swept)]
    return wrong + _orphans()


def _of_claim(claim: Claim, bulk: bool, swept: date | None) -> Iterator[str]:
    yield from _balance(claim)
    yield from _payments(claim)
    yield from _summary(claim)
    yield from _unique_tasks(claim)
    if not bulk or swept:
        yield from _tasks_fit(claim)
    if not bulk:
        yield from _entries_fit(claim)
    if swept:
        yield from _nothing_due_without_task(claim, swept)
        yield from _stage_fits(claim)


def _balance(claim: Claim) -> Iterator[str]:
    counted = [payment for payment in claim.payments.all() if payment.status in (PLANNED, PAID)]
    scheduled = sum(payment.amount for payment in counted)
    paid = sum(payment.amount for payment in counted if payment.status == PAID)
    next_due_on = min((payment.due_on for payment in counted if payment.status == PLANNED), default=None)
    settled = 0 < paid == scheduled and (claim.agreed_amount is None or claim.agreed_amount <= paid)
    for name, true in (
        ("scheduled_amount", scheduled),
        ("paid_amount", paid),
        ("remaining_amount", scheduled - paid),
        ("planned_count", sum(payment.status == PLANNED for payment in counted)),
        ("next_due_on", next_due_on),
        ("is_settled", settled),
    ):
        if (kept := getattr(claim, name)) != true:
            yield f"{name} is {kept}, its payments say {true}"


def _payments(claim: Claim) -> Iterator[str]:
    for payment in claim.payments.all():
        if payment.amount <= 0:
            yield f"payment {payment.pk} is of {payment.amount}"
        if (payment.status == PAID) != (payment.paid_on is not None):
            yield f"payment {payment.pk} is {payment.status}, paid on {payment.paid_on}"


def _summary(claim: Claim) -> Iterator[str]:
    summaries = [entry for entry in claim.timeline.all() if entry.kind == TimelineEntry.Kind.SUMMARY]
    if len(summaries) != 1:
        yield f"{len(summaries)} summaries"
        return
    figures = {"total": claim.scheduled_amount, "paid": claim.paid_amount, "remaining": claim.remaining_amount}
    if summaries[0].facts != {name: str(sum_) for name, sum_ in figures.items()} | {"currency": claim.currency}:
        yield f"the summary reads {summaries[0].facts}"


def _unique_tasks(claim: Claim) -> Iterator[str]:
    open_tasks = Counter(
        (task.kind, task.payment_id) for task in claim.tasks.all() if task.is_open and task.kind != Task.Kind.MANUAL
    )
    for (kind, payment), count in open_tasks.items():
        if count > 1:
            yield f"{count} open {kind} tasks of payment {payment}"


def _tasks_fit(claim: Claim) -> Iterator[str]:
    payments = {payment.pk: payment for payment in claim.payments.all()}
    for task in claim.tasks.all():
        if not task.is_open:
            continue
        payment = payments.get(task.payment_id)
        match task.kind:
            case Task.Kind.PAY if payment.status != PLANNED:
                yield f"an open pay task of payment {payment.pk}, which is {payment.status}"
            case Task.Kind.PAY if task.due_on != payment.due_on:
                yield f"the task of payment {payment.pk} is due {task.due_on}, the payment {payment.due_on}"
            case Task.Kind.COMPLETE if not claim.is_settled:
                yield "an open completion task of a claim that is not settled"
            case Task.Kind.SCHEDULE if not claim.is_under_scheduled:
                yield "an open scheduling task of a claim whose schedule is not short"


def _entries_fit(claim: Claim) -> Iterator[str]:
    """Each settlement is told exactly once: a payment is paid as often as it was settled and not reopened."""
    told: Counter[int] = Counter()
    for entry in claim.timeline.all():
        if entry.kind == TimelineEntry.Kind.PAYMENT_SETTLED:
            told[entry.data["payment"]] += 1
        elif entry.kind == TimelineEntry.Kind.PAYMENT_REOPENED:
            told[entry.data["payment"]] -= 1
    for payment in claim.payments.all():
        if told[payment.pk] != (payment.status == PAID):
            yield f"payment {payment.pk} is {payment.status}, the timeline tells of {told[payment.pk]} settlements"


def _nothing_due_without_task(claim: Claim, today: date) -> Iterator[str]:
    rule = TaskRule.objects.filter(
        pipeline=claim.pipeline, trigger=TaskRule.Trigger.PAYMENT_DUE, is_active=True
    ).first()
    if rule is None:
        return
    horizon = days.latest_due_on_raised_by(today, rule.lead_working_days)
    with_task = {task.payment_id for task in claim.tasks.all() if task.is_open}
    for payment in claim.payments.all():
        if payment.status == PLANNED and payment.due_on <= horizon and payment.pk not in with_task:
            yield f"payment {payment.pk} is due {payment.due_on} and has no task"


def _stage_fits(claim: Claim) -> Iterator[str]:
    kind = claim.stage.kind
    if claim.is_settled and claim.pipeline.starts_completing and kind in ("open", "paying"):
        yield f"settled, and still {kind}"
    if claim.remaining_amount and claim.pipeline.goes_back and kind in ("completing", "closed"):
        yield f"{claim.remaining_amount} is left to pay, and it is {kind}"


def _orphans() -> list[str]:
    """Return what two columns of different tables contradict each other in."""
    return [
        f"task {task.pk} is of claim {task.claim_id}, its payment of claim {task.payment.claim_id}"
        for task in Task.objects.filter(payment__isnull=False).select_related("payment")
        if task.claim_id != task.payment.claim_id
    ]
