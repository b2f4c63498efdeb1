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
"""Which preference of the user sends which notice by mail. Trouble is always mailed; the others stay in the bell."""


def notice(user: User, kind: str, key: str, **about: Any) -> Notice:
    """Return a notice, not saved yet, to be mailed if the user chose so for its kind."""
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
    """Tell people; what they were told under the same key before is not told again."""
    notices = list(notices)
    if not notices:
        return
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1000)
    if any(notice.mail == Notice.Mail.WAITING for notice in notices):
        from ..tasks import send_mail

        enqueue_on_commit(send_mail)


def people_of(claims: Iterable[Claim], role: str) -> dict[int, list[User]]:
    """Return {claim id: who has the role in it}: its own person, or everyone of the role where it has none who
    still works here.
    """
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


def tell_mentioned(entry: TimelineEntry, mentioned: Iterable[User]) -> None:
    """Tell those mentioned in a comment, but not its author."""
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


def tell_job_ended(job: Job) -> None:
    notify([notice(job.owner, Notice.Kind.JOB_ENDED, f"job:{job.pk}", job=job)])


def read_job_ended(job: Job) -> None:
    """The owner has seen what came of it: the bell need not tell."""
    Notice.objects.filter(user=job.owner_id, job=job).unread().update(read_at=timezone.now())
