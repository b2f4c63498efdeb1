"""Webhooks are set up in the admin, and what became of each message is read there."""

import pytest
from django.urls import reverse

from notifications.models import Notice
from notifications.notice_text import describe
from webhooks import services
from webhooks.events import Event
from webhooks.models import Delivery, Subscription

from ..factories import ClaimFactory, administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(administrator())
    return client


def facts(**changes):
    return {"name": "1С", "url": "https://example.com/hooks", "events": Event.values, "is_active": "on", **changes}


def page(subscription):
    return reverse("admin:webhooks_subscription_change", args=[subscription.pk])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_webhook_is_added_and_its_secret_shown(admin):
    response = admin.post(reverse("admin:webhooks_subscription_add"), facts(), follow=True)
    subscription = Subscription.objects.get()
    assert subscription.secret in text(response)
    assert subscription.events == Event.values
    assert subscription.secret not in text(admin.get(page(subscription)))
    assert subscription.secret in text(admin.get(page(subscription), {"secret": ""}))
    assert (
        "Секрет (показан)".lower()
        in text(admin.get(reverse("admin:webhooks_subscription_history", args=[subscription.pk]))).lower()
    )


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"url": "http://example.com/"}, "https://"),
        ({"url": "https://127.0.0.1/"}, "открытом интернете"),
        ({"url": "https://me:word@example.com/"}, "без имени"),
        ({"url": "https://"}, "Это не адрес"),
        ({"events": []}, "Обязательное поле"),
        ({"events": ["claim.eaten"]}, "Выберите корректный вариант"),
    ],
)
def test_invalid_input_is_refused_and_why(admin, changes, why):
    response = admin.post(reverse("admin:webhooks_subscription_add"), facts(**changes))
    assert why in text(response)
    assert not Subscription.objects.exists()


def test_one_whose_messages_are_on_record_is_not_removed(admin, subscription):
    url = reverse("admin:webhooks_subscription_delete", args=[subscription.pk])
    ClaimFactory()
    assert admin.post(url, {"post": "yes"}).status_code == 403
    Delivery.objects.all().delete()
    assert admin.post(url, {"post": "yes"}).status_code == 302
    assert not Subscription.objects.exists()


def test_the_secret_is_renewed(admin, subscription):
    old = subscription.secret
    url = reverse("admin:webhooks_subscription_changelist")
    admin.post(url, {"action": "renew_secrets", "_selected_action": [subscription.pk]})
    subscription.refresh_from_db()
    assert subscription.secret != old


def test_one_that_was_switched_off_says_so_and_is_switched_on(admin, subscription, receiver, send):
    ClaimFactory()
    services.disable(subscription, Subscription.Off.FAILED)
    listed = text(admin.get(reverse("admin:webhooks_subscription_changelist")))
    assert "за три дня ничего не удалось доставить" in listed
    assert send() == 0
    admin.post(page(subscription), facts(url=receiver.url))
    assert send() == 1
    assert "всё доставлено" in text(admin.get(reverse("admin:webhooks_subscription_changelist")))


def test_the_notice_to_administrators_links_to_the_webhook(admin, subscription):
    services.disable(subscription, Subscription.Off.GONE)
    words = describe(Notice.objects.get(kind=Notice.Kind.TROUBLE))
    assert words.text == "Вебхук «1С» выключен"
    assert "410" in words.detail
    assert words.url == page(subscription)
    text(admin.get(words.url))
    text(admin.get(reverse("notifications:notices")))


def test_messages_are_listed_with_what_became_of_them(may, admin, receiver, send):
    receiver.fails(500)
    ClaimFactory()
    send()
    url = reverse("admin:webhooks_delivery_changelist")
    assert "1 попытка не удалась, следующая 15.05.2026 12:00" in text(admin.get(url))
    shown = text(admin.get(reverse("admin:webhooks_delivery_change", args=[Delivery.objects.get().pk])))
    assert "claim.created" in shown
    assert "500" in shown


def test_messages_of_a_claim_that_is_gone_are_still_read(admin, subscription):
    ClaimFactory()
    Delivery.objects.update(claim=0)
    assert text(admin.get(reverse("admin:webhooks_delivery_changelist")))
    assert text(admin.get(reverse("admin:webhooks_delivery_change", args=[Delivery.objects.get().pk])))


def test_a_message_is_sent_again(admin, receiver, send):
    ClaimFactory()
    send()
    url = reverse("admin:webhooks_delivery_changelist")
    admin.post(url, {"action": "send_again", "_selected_action": [Delivery.objects.get().pk]})
    send()
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("who", ["specialist", "accountant"])
def test_it_is_for_administrators(client, request, subscription, who):
    user = request.getfixturevalue(who)
    user.is_staff = True
    user.save()
    client.force_login(user)
    for name in ("subscription", "delivery"):
        assert client.get(reverse(f"admin:webhooks_{name}_changelist")).status_code == 403


@pytest.mark.parametrize("count", [1, 20])
def test_the_lists_cost_the_same_however_many(admin, receiver, send, count, django_assert_max_num_queries):
    for number in range(count):
        Subscription.objects.create(name=f"{number}", url=receiver.url, events=Event.values)
    ClaimFactory()
    for name in ("subscription", "delivery"):
        with django_assert_max_num_queries(16):
            text(admin.get(reverse(f"admin:webhooks_{name}_changelist")))
