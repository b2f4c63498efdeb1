from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.context_processors import MAX_BADGE_COUNT
from accounts.models import User
from accounts.signals import sidebar_requested
from claims.models import Claim, Pipeline, TimelineEntry
from claims.signals import claim_edited, claims_moved, comment_added
from claims_crm import days
from jobs.models import Job
from jobs.signals import job_ended, job_seen
from payments.models import Payment
from payments.signals import (
    payments_cancelled,
    payments_changed,
    payments_reopened,
    payments_scheduled,
    payments_settled,
    schedules_changed,
    schedules_imported,
)

from . import services, tasklist
from .models import Notice, TaskRule
from .rules import DEFAULT_RULES


@receiver(post_save, sender=Pipeline)
def give_default_rules(sender, instance, created, raw=False, **kwargs) -> None:
    if created and not raw:
        TaskRule.objects.bulk_create(TaskRule(pipeline=instance, **rule) for rule in DEFAULT_RULES)


@receiver(payments_scheduled, sender=Payment)
def raise_tasks_due_already(sender, payments, **kwargs) -> None:
    services.raise_pay_tasks(today=days.today(), claims={payment.claim for payment in payments})


@receiver(payments_changed, sender=Payment)
def follow_deadlines(sender, payments, **kwargs) -> None:
    claims = {payment.claim for payment in payments}
    services.sync_due_dates(claims)
    services.raise_pay_tasks(today=days.today(), claims=claims)


@receiver(payments_settled, sender=Payment)
def close_pay_tasks(sender, payments, by, **kwargs) -> None:
    services.complete_pay_tasks(payments, by=by)


@receiver(payments_cancelled, sender=Payment)
def withdraw_pay_tasks(sender, payments, by, **kwargs) -> None:
    services.withdraw_pay_tasks(payments, by=by)


@receiver(payments_reopened, sender=Payment)
def bring_back_pay_tasks(sender, payments, **kwargs) -> None:
    services.reopen_tasks(payments)


@receiver(schedules_changed, sender=Claim)
def align_tasks(sender, claims, by, settled, **kwargs) -> None:
    services.sync_claim_tasks(claims, by=by, completing=settled, notices=services.settled_notice(settled))


@receiver(claims_moved, sender=Claim)
def follow_stage(sender, claims, after, by, by_itself, **kwargs) -> None:
    services.raise_stage_tasks(claims, after)
    if after.is_final:
        for claim in claims:
            services.close_claim_tasks(claim, by=by)
    elif not by_itself:  # else `schedules_changed` comes after it
        completing = [claim for claim in claims if claim.is_settled and after.kind == after.Kind.COMPLETING]
        services.sync_claim_tasks(claims, by=by, completing=completing)


@receiver(claim_edited, sender=Claim)
def reassign_tasks(sender, claim, changes, by, **kwargs) -> None:
    if changes.keys() & {"accountant", "specialist"}:
        services.assign_open_tasks(claim, by=by)


@receiver(comment_added, sender=TimelineEntry)
def tell_mentioned(sender, entry, mentioned, **kwargs) -> None:
    services.notify_mentioned(entry, mentioned)


@receiver(schedules_imported, sender=Claim)
def raise_for_imported(sender, claim_ids, **kwargs) -> None:
    services.raise_imported_claim_tasks(claim_ids)


@receiver(job_ended, sender=Job)
def tell_job_ended(sender, job, **kwargs) -> None:
    services.notify_job_ended(job)


@receiver(job_seen, sender=Job)
def read_job_ended(sender, job, **kwargs) -> None:
    services.mark_job_notice_read(job)


@receiver(sidebar_requested, sender=User)
def count_tasks_and_notices(sender, request, **kwargs) -> dict[str, int]:
    return {
        "open_tasks_count": tasklist.open_tasks(request.user, everyones=False)[:MAX_BADGE_COUNT].count(),
        "unread_count": Notice.objects.unread_count(request.user),
    }
