"""The text of notices: facts are stored, sentences are made when they are shown, in the reader's language.

Makes no queries: the notices come with their related rows, see `NoticeQuerySet.with_related`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.models import Claim
from claims_crm.money import format_money
from claims_crm.templatetags.rigel import day_short
from claims_crm.web.linkify import by_name

from .models import Notice, Task

MAX_QUOTE = 200  # characters of a comment


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice as text: what happened, about what, and the URL of the page to act on."""

    text: str
    detail: str
    url: str


def describe(notice: Notice) -> NoticeText:
    """Return the text of a notice of any kind but DIGEST."""
    return DESCRIBERS[Notice.Kind(notice.kind)](notice)


def _task_raised(notice: Notice) -> NoticeText:
    task = notice.task
    assert task is not None
    due = _("by %(day)s") % {"day": day_short(task.due_on)}
    # Most titles of rules name the claim already.
    about = task.claim.client.name if task.claim.number in task.title else _about(task.claim)
    return NoticeText(task.title, f"{about} · {due}", task_url(task))


def _payment_overdue(notice: Notice) -> NoticeText:
    payment, claim = notice.payment, notice.claim
    assert payment is not None
    assert claim is not None
    text = _("Overdue: %(sum)s, due %(day)s") % {
        "sum": format_money(payment.amount, claim.currency),
        "day": day_short(payment.due_on),
    }
    return NoticeText(text, _about(claim), reverse("payments:claim", args=[claim.pk]))


def _claim_settled(notice: Notice) -> NoticeText:
    claim = notice.claim
    assert claim is not None
    sums = {"claim": claim.number, "sum": format_money(claim.paid_amount, claim.currency, kopecks=False)}
    text = _("Claim %(claim)s is paid in full: %(sum)s") % sums
    return NoticeText(text, claim.client.name, claim.get_absolute_url())


def _mention(notice: Notice) -> NoticeText:
    entry, claim = notice.entry, notice.claim
    assert entry is not None
    assert claim is not None
    who = entry.author.name if entry.author else _("System")
    comment = " ".join(by_name(entry.text, entry.data.get("mentioned", {})).split())
    text = _("%(who)s: %(comment)s") % {"who": who, "comment": Truncator(comment).chars(MAX_QUOTE)}
    return NoticeText(text, _about(claim), f"{claim.get_absolute_url()}#entry-{entry.pk}")


def _job_ended(notice: Notice) -> NoticeText:
    job = notice.job
    assert job is not None
    if job.file:
        detail = _("The file is ready.")
    elif job.is_done:
        detail = ngettext("%(count)s row changed", "%(count)s rows changed", job.changed) % {"count": job.changed}
    else:
        detail = job.failure or job.get_status_display()
    if job.refused:
        count = len(job.refused)
        detail += " · " + ngettext("%(count)s refused", "%(count)s refused", count) % {"count": count}
    return NoticeText(job.title, detail, job.get_absolute_url())


Describer = Callable[[Notice], NoticeText]

TROUBLE_DESCRIBERS: dict[str, Describer] = {}


def describes_trouble(name: str) -> Callable[[Describer], Describer]:
    """Register the decorated function as the text of TROUBLE notices whose `data["what"]` is `name`.

    For floors above, which notify administrators of problems of their own.
    """

    def register(describer: Describer) -> Describer:
        TROUBLE_DESCRIBERS[name] = describer
        return describer

    return register


def _trouble(notice: Notice) -> NoticeText:
    return TROUBLE_DESCRIBERS[notice.data["what"]](notice)


DESCRIBERS = {
    Notice.Kind.TASK_RAISED: _task_raised,
    Notice.Kind.PAYMENT_OVERDUE: _payment_overdue,
    Notice.Kind.CLAIM_SETTLED: _claim_settled,
    Notice.Kind.MENTION: _mention,
    Notice.Kind.JOB_ENDED: _job_ended,
    Notice.Kind.TROUBLE: _trouble,
}
"""Without the digest, which has a letter of its own: see `services/digest.py`."""


def _about(claim: Claim) -> str:
    return f"{claim.client.name} · {claim.number}"


def task_url(task: Task) -> str:
    """Return the URL where the task is done: the claim's schedule for money, its tasks tab for the rest."""
    tab = "payments:claim" if task.kind in (Task.Kind.PAY, Task.Kind.SCHEDULE) else "notifications:claim_tasks"
    return reverse(tab, args=[task.claim_id])
