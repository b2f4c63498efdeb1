"""Many workers mailing at once: each letter goes out once."""

from datetime import date

import pytest
from django.core import mail

from notifications.models import Notice
from notifications.services import send_waiting_mail, sweep

from ..concurrency import at_once, failures

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_eight_workers_at_once_one_sends_each_letter(claim, payer, owner, monkeypatch):
    # Rung for, a real worker of the run could mail the letters before these eight do.
    monkeypatch.setattr("notifications.services.notices.enqueue_on_commit", lambda *_: None)
    sweep(today=date(2026, 5, 15))
    results = at_once(*[send_waiting_mail] * 8)
    assert failures(results) == []
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([payer.email, owner.email])
    assert set(Notice.objects.values_list("mail", "mail_attempts")) == {("sent", 1)}
