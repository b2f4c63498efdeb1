from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.context_processors import MAX_BADGE_COUNT
from accounts.models import User
from accounts.signals import sidebar_requested
from claims.changes import Change
from claims.models import Pipeline
from claims.signals import claim_changes
from jobs.models import Job
from jobs.signals import job_ended, job_seen

from . import services, tasklist
from .models import Notice, TaskRule
from .rules import DEFAULT_RULES


@receiver(post_save, sender=Pipeline)
def give_default_rules(sender, instance, created, raw=False, **kwargs) -> None:
    if created and not raw:
        TaskRule.objects.bulk_create(TaskRule(pipeline=instance, **rule) for rule in DEFAULT_RULES)


@receiver(claim_changes, sender=Change)
def follow_change(sender: type[Change], change: Change, **kwargs: Any) -> None:
    services.follow_change(change)


@receiver(job_ended, sender=Job)
def notify_job_ended(sender, job, **kwargs) -> None:
    services.notify_job_ended(job)


@receiver(job_seen, sender=Job)
def mark_job_notice_read(sender, job, **kwargs) -> None:
    services.mark_job_notice_read(job)


@receiver(sidebar_requested, sender=User)
def count_tasks_and_notices(sender, request, **kwargs) -> dict[str, int]:
    return {
        "open_tasks_count": tasklist.open_tasks(request.user, everyones=False)[:MAX_BADGE_COUNT].count(),
        "unread_count": Notice.objects.unread_count(request.user),
    }
