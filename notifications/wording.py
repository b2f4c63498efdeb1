"""Words for notices: facts are stored, sentences are made at reading, in the reader's language.

No query is made here: the notices come with what they are about, see `NoticeQuerySet.to_read`.
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

QUOTED = 200  # characters of a comment


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words: what happened, about what, and the page where one sees to it."""

    text: str
    detail: str
    url: str


def word(notice: Notice) -> Words:
    return WORDINGS[Notice.Kind(notice.kind)](notice)


def _task_raised(notice: Notice) -> Words:
    task = notice.task
    assert task is not None
    due = _("by %(day)s") % {"day": day_short(task.due_on)}
    # The rules' titles name the claim themselves, as a rule.
    about = task.claim.client.name if task.claim.number in task.title else _about(task.claim)
    return Words(task.title, f"{about} · {due}", task_url(task))


def _payment_overdue(notice: Notice) -> Words:
    payment, claim = notice.payment, notice.claim
    assert payment is not None
    assert claim is not None
    text = _("Overdue: %(sum)s, due %(day)s") % {
        "sum": format_money(payment.amount, claim.currency),
        "day": day_short(payment.due_on),
    }
    return Words(text, _about(claim), reverse("payments:claim", args=[claim.pk]))


def _claim_settled(notice: Notice) -> Words:
    claim = notice.claim
    assert claim is not None
    sums = {"claim": claim.number, "sum": format_money(claim.paid_amount, claim.currency, kopecks=False)}
    text = _("Claim %(claim)s is paid in full: %(sum)s") % sums
    return Words(text, claim.client.name, claim.get_absolute_url())


def _mention(notice: Notice) -> Words:
    entry, claim = notice.entry, notice.claim
    assert entry is not None
    assert claim is not None
    who = entry.author.name if entry.author else _("System")
    comment = " ".join(by_name(entry.text, entry.data.get("mentioned", {})).split())
    text = _("%(who)s: %(comment)s") % {"who": who, "comment": Truncator(comment).chars(QUOTED)}
    return Words(text, _about(claim), f"{claim.get_absolute_url()}#entry-{entry.pk}")


def _job_ended(notice: Notice) -> Words:
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
    return Words(job.title, detail, job.get_absolute_url())


TROUBLES: dict[str, Callable[[Notice], Words]] = {}


def trouble(name: str) -> Callable[[Callable[[Notice], Words]], Callable[[Notice], Words]]:
    """Declare the words of a trouble that a floor above tells administrators of: `data["what"]` is its name."""

    def declare(wording: Callable[[Notice], Words]) -> Callable[[Notice], Words]:
        TROUBLES[name] = wording
        return wording

    return declare


def _trouble(notice: Notice) -> Words:
    return TROUBLES[notice.data["what"]](notice)


WORDINGS = {
    Notice.Kind.TASK_RAISED: _task_raised,
    Notice.Kind.PAYMENT_OVERDUE: _payment_overdue,
    Notice.Kind.CLAIM_SETTLED: _claim_settled,
    Notice.Kind.MENTION: _mention,
    Notice.Kind.JOB_ENDED: _job_ended,
    Notice.Kind.TROUBLE: _trouble,
}
"""The digest is no line among others: it has a letter of its own, see `services/digest.py`."""


def _about(claim: Claim) -> str:
    return f"{claim.client.name} · {claim.number}"


def task_url(task: Task) -> str:
    """Where the task is done: the claim's schedule for money, its tasks for the rest."""
    tab = "payments:claim" if task.kind in (Task.Kind.PAY, Task.Kind.SCHEDULE) else "notifications:claim_tasks"
    return reverse(tab, args=[task.claim_id])
