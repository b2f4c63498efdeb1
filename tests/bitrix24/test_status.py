"""What people see of the mirror here."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bitrix24 import sync
from bitrix24.models import Mirror, Mirrored
from claims.services import edit_claim
from notifications.models import Notice
from payments.services import settle

from ..factories import administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_administrator(client, people):
    client.force_login(people[4])
    return client


def change(claim) -> None:
    edit_claim(claim, by=None, subject=f"{claim.subject}!")
    claim.refresh_from_db()


def page(client) -> str:
    return client.get(reverse("bitrix24:status")).content.decode()


def test_it_says_that_the_mirror_is_off(client):
    client.force_login(administrator())
    assert "BITRIX24_WEBHOOK_URL" in page(client)


def test_it_says_how_far_behind_we_are_and_never_the_secret(as_administrator, deal, claim, portal):
    portal.down = True
    change(claim)
    sync.run()
    shown = page(as_administrator)
    assert "NO_ANSWER" in shown
    assert "s3cr3tsecret" not in shown


def test_what_does_not_get_through_can_be_opened_there_and_sent_again(as_administrator, deal, claim, webhook):
    Mirrored.objects.claims().update(last_error="Refused: x", attempts=9)
    row = Mirrored.objects.claims().get()
    assert f"/crm/deal/details/{row.remote_id}/" in page(as_administrator)
    as_administrator.post(reverse("bitrix24:again", args=[row.pk]))
    row.refresh_from_db()
    assert row.dirty_since
    assert not row.attempts


def test_it_costs_the_same_however_much_there_is(as_administrator, mirror, django_assert_max_num_queries):
    page(as_administrator)
    for number in range(60):
        Mirrored.objects.create(
            kind="claim", local_id=number, claim_id=number, last_error="x", dirty_since=timezone.now()
        )
        if number in (1, 59):
            with django_assert_max_num_queries(17):
                page(as_administrator)


def test_the_claim_links_to_its_deal(client, people, deal, claim):
    client.force_login(people[2])
    shown = client.get(claim.get_absolute_url()).content.decode()
    assert f"/crm/deal/details/{deal['id']}/" in shown


def test_switched_off_no_page_and_no_payment_asks_anything_more(client, people, claim):
    client.force_login(people[2])
    with CaptureQueriesContext(connection) as queries:
        client.get(claim.get_absolute_url())
        settle(claim.payments.in_order()[0], by=people[3])
    assert not [query for query in queries if "bitrix24" in query["sql"]]


class TestNotice:
    def test_administrators_are_notified_once_when_action_is_needed(self, deal, claim, portal, people):
        portal.secret = "another"
        for _time in range(3):
            change(claim)
            Mirror.objects.update(next_try=timezone.now())
            sync.run()
        [sent_notice] = Notice.objects.filter(kind="trouble")
        assert sent_notice.user == people[4]

    def test_a_portal_that_is_away_for_a_while_is_no_news(self, deal, claim, portal):
        portal.down = True
        change(claim)
        sync.run()
        assert not Notice.objects.filter(kind="trouble").exists()

    def test_after_a_recovery_the_next_failure_is_notified_again(self, deal, claim, portal):
        good, portal.secret = portal.secret, "another"
        for secret in ("another", good, "another"):
            portal.secret = secret
            change(claim)
            Mirror.objects.update(next_try=timezone.now())
            Mirrored.objects.update(next_attempt=timezone.now())
            sync.run()
        assert Mirror.current().notified_at
        assert Mirror.current().failures == 1
