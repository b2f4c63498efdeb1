"""Notices that go by mail: one letter a person, once, and late rather than never."""

from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from claims.models import Claim
from claims.services import comment, edit_claim
from claims.timeline_text import describe
from claims_crm.models import Company
from notifications.models import Notice
from notifications.services import send_waiting_mail, sweep
from notifications.services.mail import RETRY_DELAYS, _lease_notices, record_in_timeline
from payments.services import settle

from ..factories import accountant, claim_with_payments, specialist
from .smtp import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def raised(claim, may):
    """The accountant has one task of 31 January, with a notice waiting to be mailed."""
    sweep(today=date(2026, 1, 31))
    return Notice.objects.get()


class Broken(EmailBackend):
    """Accepts letters except for refused addresses."""

    refuses: tuple[str, ...] = ()

    def send_messages(self, messages):
        if set(messages[0].to) & set(self.refuses):
            raise OSError("refused")
        return super().send_messages(messages)


@pytest.fixture
def broken(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{Broken.__module__}.Broken"

    def refuse(*addresses):
        monkeypatch.setattr(Broken, "refuses", addresses)

    return refuse


def states():
    return list(Notice.objects.order_by("pk").values_list("mail", "mail_attempts"))


def test_a_notice_is_mailed_once_with_a_link(raised, payer, claim, settings):
    settings.SITE_URL = "https://rigel.example"
    assert send_waiting_mail() == 1
    assert send_waiting_mail() == 0
    [letter] = mail.outbox
    assert letter.to == [payer.email]
    assert letter.subject == f"Оплатить 1\xa0000,00\xa0₽ по претензии {claim.number}"
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    for body in (letter.body, html):
        assert f"https://rigel.example/claims/{claim.pk}/payments/" in body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert states() == [("sent", 1)]


def test_the_timeline_records_the_letter_once_it_is_sent(raised, broken, payer, claim, may):
    sent = claim.timeline.filter(kind="mail_sent")
    broken(payer.email)
    send_waiting_mail()
    assert not sent.exists()
    broken()
    may.shift(3600)
    send_waiting_mail()
    entry = sent.get()
    assert describe(entry, claim).text == f"Отправлено письмо: {payer.name}, задача"
    assert entry not in claim.timeline.history()


def test_the_digest_is_no_news_on_the_claims_it_names(claim, payer):
    lines = {"overdue": {"count": 1, "sums": {}, "first": [{"claim": claim.pk}]}}
    record_in_timeline([Notice(user=payer, kind=Notice.Kind.DIGEST, key="digest", data=lines)], payer)
    assert not claim.timeline.filter(kind="mail_sent").exists()


def test_the_letter_is_in_the_readers_language(raised, payer, claim):
    payer.language = "en"
    payer.save()
    send_waiting_mail()
    assert mail.outbox[0].subject == f"Pay 1,000.00\xa0₽ on claim {claim.number}"


def test_all_that_waits_for_a_person_goes_in_one_letter(claim, may, payer, owner):
    sweep()
    assert send_waiting_mail() == 2
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert set(letters) == {payer.email, owner.email}
    # Four tasks and four overdue payments.
    assert letters[payer.email].subject.endswith("и ещё 7")
    assert letters[payer.email].body.count(claim.number) >= 8


def test_a_notice_that_became_irrelevant_is_not_mailed(raised, claim, payer):
    settle(claim.payments.in_order()[0], by=payer)
    assert send_waiting_mail() == 0
    assert states() == [("none", 1)]


def test_a_claim_no_longer_visible_is_not_mailed_of(claim, may, owner):
    Notice.objects.all().delete()
    comment(claim, by=accountant(), text=f"@{owner.username} что с актом?")
    Company.objects.update(specialists_see=Company.Sees.OWN)
    Company.invalidate()
    edit_claim(claim, by=None, specialist=specialist())
    send_waiting_mail()
    assert not mail.outbox


def test_an_inactive_user_is_not_mailed(raised, payer):
    payer.is_active = False
    payer.save()
    assert send_waiting_mail() == 0
    assert states() == [("none", 1)]


def test_a_line_break_begins_no_header(raised, claim):
    Claim.objects.filter(pk=claim.pk).update(number="П-1\r\nBcc: thief@rigel.example")
    assert send_waiting_mail() == 1
    message = mail.outbox[0].message()
    assert "\n" not in message["Subject"].replace("\n ", "")
    assert message["Bcc"] is None
    assert mail.outbox[0].recipients() == [raised.user.email]


def test_what_a_person_wrote_is_text_and_no_markup(claim, may, owner, payer):
    Notice.objects.all().delete()
    comment(claim, by=owner, text=f'@{payer.username} <img src="https://thief.example/"> & "вот"')
    send_waiting_mail()
    [letter] = mail.outbox
    assert '<img src="https://thief.example/"> & "вот"' in letter.body
    assert "<img" not in letter.alternatives[0][0]


def test_a_failed_letter_is_tried_again_later_and_given_up_at_last(raised, broken, payer, may):
    broken(payer.email)
    for attempt, wait in enumerate(RETRY_DELAYS, start=1):
        assert send_waiting_mail() == 0
        assert states() == [("waiting", attempt)]
        assert send_waiting_mail() == 0, "not before its time"
        may.shift(wait)
    send_waiting_mail()
    assert states() == [("failed", len(RETRY_DELAYS) + 1)]


def test_an_unreachable_user_does_not_delay_the_others(claim, may, payer, owner, broken):
    broken(payer.email)
    sweep()
    assert send_waiting_mail() == 1
    assert [letter.to for letter in mail.outbox] == [[owner.email]]


@pytest.mark.logs_errors
def test_a_notice_without_a_text_does_not_delay_the_others(claim, may, payer):
    sweep(today=date(2026, 2, 28))
    first, second, *_ = Notice.objects.filter(user=payer).order_by("pk")
    Notice.objects.filter(pk=first.pk).update(kind="unheard_of")
    assert send_waiting_mail() >= 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.mail, second.mail) == (Notice.Mail.WAITING, Notice.Mail.SENT)


def test_a_silent_server_costs_no_attempt(raised, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert send_waiting_mail() == 0
    assert states() == [("waiting", 0)]


def test_leased_notices_are_not_taken_by_another_worker(raised, payer, may):
    assert len(_lease_notices(payer)) == 1
    assert _lease_notices(payer) == []
    assert send_waiting_mail() == 0
    may.shift(timedelta(minutes=11))
    assert send_waiting_mail() == 1


def test_letters_go_over_a_real_connection(claim, may, payer, owner, settings):
    sweep()
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        assert send_waiting_mail() == 2
    letters = [message_from_bytes(letter, policy=policy.default) for letter in server.letters]
    assert sorted(letter["To"] for letter in letters) == sorted([payer.email, owner.email])
    assert all("претензии" in letter["Subject"] or "Просрочено" in letter["Subject"] for letter in letters)
    assert all(letter.get_body(("plain",)) and letter.get_body(("html",)) for letter in letters)
    assert not Notice.objects.filter(mail=Notice.Mail.WAITING, mail_not_before__lte=timezone.now()).exists()


def test_a_letter_costs_the_same_however_many_notices_it_has(may, payer, django_assert_max_num_queries):
    for _ in range(5):
        claim_with_payments("10", "20", "30", accountant=payer)
    sweep()
    Notice.objects.exclude(user=payer).delete()
    with django_assert_max_num_queries(20):
        assert send_waiting_mail() == 1
