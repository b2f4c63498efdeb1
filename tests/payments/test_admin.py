"""Payments in the admin: shown, settled and reopened through the services, never edited."""

import pytest
from django.urls import reverse

from claims.models import TimelineEntry
from payments.models import Payment
from payments.services import cancel, settle

from ..factories import administrator

pytestmark = pytest.mark.django_db

LIST = "admin:payments_payment_changelist"


@pytest.fixture
def admin_client(client):
    client.force_login(administrator())
    return client


def act(client, name, payments, **data):
    chosen = {"action": name, "_selected_action": [payment.pk for payment in payments], **data}
    return client.post(reverse(LIST), chosen, follow=True)


def test_payments_are_found_by_their_claim(admin_client, claim, payments):
    page = admin_client.get(reverse(LIST), {"q": claim.client.name}).content.decode()
    assert page.count(f">{claim.number}<") >= len(payments)
    assert claim.number not in admin_client.get(reverse(LIST), {"q": "никого"}).content.decode()


def test_settling_goes_through_the_service_and_tells_what_was_refused(admin_client, claim, payments):
    cancel(payments[1], by=None)
    page = act(admin_client, "settle", payments[:2]).content.decode()
    claim.refresh_from_db()
    assert claim.paid_amount == payments[0].amount
    assert "Эта выплата отменена" in page
    assert claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED).count() == 1


def test_reopening_asks_for_the_reason_first(admin_client, claim, payments):
    settle(payments[0], by=None)
    asked = act(admin_client, "reopen", payments[:1])
    assert 'name="reason"' in asked.content.decode()
    assert act(admin_client, "reopen", payments[:1], reason=" ").status_code == 200
    assert Payment.objects.paid().exists()
    act(admin_client, "reopen", payments[:1], reason="не тот клиент")
    assert not Payment.objects.paid().exists()
    assert claim.timeline.get(kind=TimelineEntry.Kind.PAYMENT_REOPENED).text == "не тот клиент"


def test_a_payment_is_neither_added_nor_changed_nor_deleted(admin_client, payments):
    address = reverse("admin:payments_payment_change", args=[payments[0].pk])
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"amount": "1"}).status_code == 403
    assert admin_client.get(reverse("admin:payments_payment_add")).status_code == 403
    assert admin_client.post(reverse("admin:payments_payment_delete", args=[payments[0].pk])).status_code == 403
    assert "delete_selected" not in admin_client.get(reverse(LIST)).content.decode()


def test_who_may_not_settle_has_no_such_action(client, accountant, payments):
    accountant.is_staff = True
    accountant.save()
    accountant.groups.clear()
    accountant.user_permissions.set(
        Payment._meta.apps.get_model("auth", "Permission").objects.filter(codename__in=("view_payment", "view_claim"))
    )
    client.force_login(accountant)
    act(client, "settle", payments[:1])
    assert not Payment.objects.paid().exists()
