"""Mail: sends waiting notices, all of a user's in one letter."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from claims.models import Claim, TimelineEntry
from claims.services.timeline import entry_fields
from claims_crm.models import Company
from jobs.lease import take_all

from ..models import Notice
from ..notice_text import NoticeText, describe
from .digest import digest_sections

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend

log = logging.getLogger(__name__)

# For how long a worker has notices to itself: longer than any letter takes, and free again if the worker dies.
LEASE = timedelta(minutes=10)
# Delays before a failed letter is tried again; after the last one it is marked as failed.
RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
# Well below the time limit of a task; the next run continues.
MAX_RUN = 180.0  # seconds
MAX_NOTICES_PER_LETTER = 50


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    template: str
    context: dict[str, Any]


def send_waiting_mail() -> int:
    """Send the waiting notices, a letter per user; return how many letters were sent.

    Safe to run at any time, in parallel. While the mail server does not answer, the letters wait.
    """
    sent = 0
    end = time.monotonic() + MAX_RUN
    connection = get_connection()
    try:
        for user_id in _users_with_mail():
            if time.monotonic() > end:
                break
            connection.open()
            sent += _send_to_user(user_id, connection)
    except OSError as error:
        log.warning("The mail server does not answer (%s); the letters wait.", type(error).__name__)
    finally:
        connection.close()
    return sent


def _users_with_mail() -> list[int]:
    return list(_due().order_by("user").values_list("user", flat=True).distinct())


def _due() -> Any:
    return Notice.objects.filter(mail=Notice.Mail.WAITING, mail_not_before__lte=timezone.now())


def _send_to_user(user_id: int, connection: BaseEmailBackend) -> int:
    user = User.objects.get(pk=user_id)
    leased = _lease_notices(user)
    with translation.override(user.language or settings.LANGUAGE_CODE), timezone.override(Company.current().zone):
        letters = _letters(user, leased)
        return sum(_send(letter, notices, user, connection) for letter, notices in letters)


@transaction.atomic
def _lease_notices(user: User) -> list[Notice]:
    """Return the user's waiting notices, leased: no other worker sends them during LEASE.

    The user's row is the lock, so that workers do not share out the notices of one letter.
    """
    if not User.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=user.pk):
        return []
    ids = list(_due().filter(user=user).order_by("pk").values_list("pk", flat=True)[:MAX_NOTICES_PER_LETTER])
    waiting = Notice.objects.filter(pk__in=ids, mail=Notice.Mail.WAITING)
    taken = take_all(waiting, duration=LEASE, field="mail_not_before", attempts="mail_attempts")
    return list(Notice.objects.filter(pk__in=[notice.pk for notice in taken]).with_related().order_by("pk"))


def _letters(user: User, leased: Sequence[Notice]) -> list[tuple[Letter, list[Notice]]]:
    """Return letters with their notices: the digest in its own, the rest together; outdated notices get none."""
    relevant = _still_relevant(user, leased)
    _set_mail_status([notice for notice in leased if notice.pk not in relevant], Notice.Mail.NONE)
    lines: list[NoticeText] = []
    in_one_letter: list[Notice] = []
    letters = []
    for notice in (notice for notice in leased if notice.pk in relevant):
        try:
            if notice.kind == Notice.Kind.DIGEST:
                letters.append((_digest(user, notice), [notice]))
            else:
                lines.append(describe(notice))
                in_one_letter.append(notice)
        except Exception:
            log.exception("Notice %s cannot be put into words", notice.pk)
            _schedule_retry([notice])
    if lines:
        letters.insert(0, (_news(user, lines), in_one_letter))
    return letters


def _still_relevant(user: User, leased: Sequence[Notice]) -> set[int]:
    if not (user.is_active and user.email):
        return set()
    notices = Notice.objects.filter(pk__in=[notice.pk for notice in leased])
    return set(notices.visible_to(user).timely().values_list("pk", flat=True))


def _news(user: User, lines: Sequence[NoticeText]) -> Letter:
    first, others = lines[0].text, len(lines) - 1
    subject = first
    if others:
        subject = ngettext("%(first)s and %(count)s more", "%(first)s and %(count)s more", others) % {
            "first": first,
            "count": others,
        }
    return Letter(subject, "notices", {"user": user, "lines": lines, "site": settings.SITE_URL})


def _digest(user: User, notice: Notice) -> Letter:
    context = {"user": user, "sections": digest_sections(notice.data), "site": settings.SITE_URL}
    return Letter(_("Your tasks for today"), "digest", context)


def _send(letter: Letter, notices: list[Notice], user: User, connection: BaseEmailBackend) -> bool:
    try:
        message = EmailMultiAlternatives(
            subject=" ".join(letter.subject.splitlines()),  # a line break would start another header
            body=render_to_string(f"mail/{letter.template}.txt", letter.context),
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        message.attach_alternative(render_to_string(f"mail/{letter.template}.html", letter.context), "text/html")
        message.send()
    except Exception as error:
        log.warning("A letter to user %s was not sent: %s", user.pk, type(error).__name__)
        connection.close()
        _schedule_retry(notices)
        return False
    with transaction.atomic():
        _set_mail_status(notices, Notice.Mail.SENT)
        record_in_timeline(notices, user)
    return True


def record_in_timeline(notices: Sequence[Notice], user: User) -> None:
    """Record in the timeline of each claim in the letter that it was sent, to whom and about what.

    Not for the digest, which has no claim of its own and names the same ones day after day.
    """
    about: dict[int, list[str]] = {}
    for notice in notices:
        if notice.claim_id and notice.kind not in about.setdefault(notice.claim_id, []):
            about[notice.claim_id].append(notice.kind)
    existing = Claim.objects.filter(pk__in=about).values_list("pk", flat=True)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(**entry_fields(pk, TimelineEntry.Kind.MAIL_SENT, by=None, to=user.name, about=about[pk]))
        for pk in existing
    )


def _schedule_retry(notices: Sequence[Notice]) -> None:
    for notice in notices:
        if notice.mail_attempts > len(RETRY_DELAYS):
            notice.mail = Notice.Mail.FAILED
        else:
            notice.mail_not_before = timezone.now() + RETRY_DELAYS[notice.mail_attempts - 1]
    Notice.objects.bulk_update(notices, ["mail", "mail_not_before"])


def _set_mail_status(notices: Sequence[Notice], mail: str) -> None:
    if notices:
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
