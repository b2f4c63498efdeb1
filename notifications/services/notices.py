"""Notices: who gets them, once under a key, in the bell and by mail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from claims.models import Claim, TimelineEntry
from claims_crm.dispatch import enqueue_on_commit
from jobs.models import Job

from ..models import Notice

MAILED = {
    Notice.Kind.TASK_RAISED: "mail_tasks",
    Notice.Kind.PAYMENT_OVERDUE: "mail_overdue",
    Notice.Kind.CLAIM_SETTLED: "mail_settled",
    Notice.Kind.MENTION: "mail_mentions",
    Notice.Kind.DIGEST: "mail_digest",
}
"""The user's preference that sends a kind by mail. TROUBLE is always mailed; kinds not listed stay in the bell."""


def notice(user: User, kind: str, key: str, **about: Any) -> Notice:
    """Return a notice, not saved yet, that is mailed if the user chose so for its kind."""
    preference = MAILED.get(Notice.Kind(kind))
    wants_mail = kind == Notice.Kind.TROUBLE or (preference is not None and getattr(user, preference))
    by_mail = wants_mail and bool(user.email)
    return Notice(
        user=user,
        kind=kind,
        key=key,
        mail=Notice.Mail.WAITING if by_mail else Notice.Mail.NONE,
        **about,
    )


def notify(notices: Iterable[Notice]) -> None:
    """Save the notices and enqueue their mail; a user gets one notice per key, so repeated ones are ignored."""
    notices = list(notices)
    if not notices:
        return
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1000)
    if any(notice.mail == Notice.Mail.WAITING for notice in notices):
        enqueue_on_commit("notifications.tasks.send_mail")


def people_of(claims: Iterable[Claim], role: str) -> dict[int, list[User]]:
    """Return {claim id: its person of the role}, or all people of the role where it has no active one."""
    field = "accountant" if role == Role.ACCOUNTANT else "specialist"
    everyone: list[User] | None = None
    people = {}
    for claim in claims:
        person = getattr(claim, field)
        is_there = person is not None and person.is_active
        if not is_there and everyone is None:
            everyone = list(User.objects.in_role(role))
        people[claim.pk] = [person] if is_there else everyone or []
    return people


def notify_mentioned(entry_id: int, user_ids: Iterable[int]) -> None:
    """Notify the users mentioned in a comment, except its author."""
    entry = TimelineEntry.objects.select_related("claim", "author").get(pk=entry_id)
    mentioned = User.objects.filter(pk__in=user_ids).order_by("pk")
    notify(
        notice(
            user,
            Notice.Kind.MENTION,
            f"mention:{entry.pk}",
            claim=entry.claim,
            entry=entry,
        )
        for user in mentioned
        if user != entry.author
    )


def notify_job_ended(job: Job) -> None:
    """Notify the owner that the background job has ended."""
    notify([notice(job.owner, Notice.Kind.JOB_ENDED, f"job:{job.pk}", job=job)])


def mark_job_notice_read(job: Job) -> None:
    """Mark the owner's notice about the job as read: they have opened its page."""
    Notice.objects.filter(user=job.owner_id, job=job).unread().update(read_at=timezone.now())
