"""Mail: the notices that wait for it, all of a person's in one letter."""

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
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from claims.models import Claim, TimelineEntry
from claims.services.timeline import entry_fields
from claims_crm.models import Company

from ..models import Notice
from ..wording import Words, word
from .digest import digest_sections

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend

log = logging.getLogger(__name__)

# While a worker has them nobody else sends them; longer than any letter takes, should it die with them.
LEASE = timedelta(minutes=10)
# How long a letter that failed waits before it is tried again; after the last it is given up.
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
# Ends well before the time limit of a task; the next run goes on.
LONGEST_RUN = 180.0  # seconds
MOST_IN_A_LETTER = 50


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    template: str
    context: dict[str, Any]


def send_waiting_mail() -> int:
    """Mail each person what waits for them; return how many letters went out.

    Safe to run at any time, by any number at once. A silent mail server only makes the letters wait.
    """
    sent = 0
    end = time.monotonic() + LONGEST_RUN
    connection = get_connection()
    try:
        for user_id in _people_waiting():
            if time.monotonic() > end:
                break
            connection.open()
            sent += _mail_to(user_id, connection)
    except OSError as error:
        log.warning("The mail server does not answer (%s); the letters wait.", type(error).__name__)
    finally:
        connection.close()
    return sent


def _people_waiting() -> list[int]:
    return list(_due().order_by("user").values_list("user", flat=True).distinct())


def _due() -> Any:
    return Notice.objects.filter(mail=Notice.Mail.WAITING, mail_not_before__lte=timezone.now())


def _mail_to(user_id: int, connection: BaseEmailBackend) -> int:
    user = User.objects.get(pk=user_id)
    taken = _take(user)
    with translation.override(user.language or settings.LANGUAGE_CODE), timezone.override(Company.current().zone):
        letters = _letters(user, taken)
        return sum(_send(letter, notices, user, connection) for letter, notices in letters)


@transaction.atomic
def _take(user: User) -> list[Notice]:
    """Take the person's waiting notices: nobody else sends them for the time of the lease.

    The person's row is the lock, so that one letter's notices are not dealt out among workers.
    """
    if not User.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=user.pk):
        return []
    ids = list(_due().filter(user=user).order_by("pk").values_list("pk", flat=True)[:MOST_IN_A_LETTER])
    Notice.objects.filter(pk__in=ids).update(
        mail_not_before=timezone.now() + LEASE, mail_attempts=F("mail_attempts") + 1
    )
    return list(Notice.objects.filter(pk__in=ids).to_read().order_by("pk"))


def _letters(user: User, taken: Sequence[Notice]) -> list[tuple[Letter, list[Notice]]]:
    """Put the notices into letters: the digest into one of its own, the rest together, what is moot into none."""
    wanted = _wanted(user, taken)
    _end([notice for notice in taken if notice.pk not in wanted], Notice.Mail.NONE)
    lines: list[Words] = []
    together: list[Notice] = []
    letters = []
    for notice in (notice for notice in taken if notice.pk in wanted):
        try:
            if notice.kind == Notice.Kind.DIGEST:
                letters.append((_digest(user, notice), [notice]))
            else:
                lines.append(word(notice))
                together.append(notice)
        except Exception:
            log.exception("Notice %s cannot be put into words", notice.pk)
            _put_off([notice])
    if lines:
        letters.insert(0, (_news(user, lines), together))
    return letters


def _wanted(user: User, taken: Sequence[Notice]) -> set[int]:
    if not (user.is_active and user.email):
        return set()
    notices = Notice.objects.filter(pk__in=[notice.pk for notice in taken])
    return set(notices.visible_to(user).timely().values_list("pk", flat=True))


def _news(user: User, lines: Sequence[Words]) -> Letter:
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
    return Letter(_("For today: what waits for you"), "digest", context)


def _send(letter: Letter, notices: list[Notice], user: User, connection: BaseEmailBackend) -> bool:
    try:
        message = EmailMultiAlternatives(
            subject=" ".join(letter.subject.splitlines()),  # a line break in it would begin another header
            body=render_to_string(f"mail/{letter.template}.txt", letter.context),
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        message.attach_alternative(render_to_string(f"mail/{letter.template}.html", letter.context), "text/html")
        message.send()
    except Exception as error:
        log.warning("A letter to user %s did not go: %s", user.pk, type(error).__name__)
        connection.close()
        _put_off(notices)
        return False
    with transaction.atomic():
        _end(notices, Notice.Mail.SENT)
        write_down(notices, user)
    return True


def write_down(notices: Sequence[Notice], user: User) -> None:
    """Let the timeline of each claim the letter speaks of tell that it was sent, to whom and about what.

    The digest names the same claims day after day: it is no news on theirs.
    """
    about: dict[int, list[str]] = {}
    for notice in notices:
        if notice.claim_id and notice.kind not in about.setdefault(notice.claim_id, []):
            about[notice.claim_id].append(notice.kind)
    there = Claim.objects.filter(pk__in=about).values_list("pk", flat=True)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(**entry_fields(pk, TimelineEntry.Kind.MAIL_SENT, by=None, to=user.name, about=about[pk]))
        for pk in there
    )


def _put_off(notices: Sequence[Notice]) -> None:
    for notice in notices:
        if notice.mail_attempts > len(WAITS):
            notice.mail = Notice.Mail.FAILED
        else:
            notice.mail_not_before = timezone.now() + WAITS[notice.mail_attempts - 1]
    Notice.objects.bulk_update(notices, ["mail", "mail_not_before"])


def _end(notices: Sequence[Notice], mail: str) -> None:
    if notices:
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
