"""A forgotten password: the letter, its link, and what it must not reveal."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import tasks, two_factor
from accounts.models import User
from accounts.password_reset import send_password_reset_letters

from .. import factories

pytestmark = pytest.mark.django_db

NEW = {"new_password1": "another-long-2", "new_password2": "another-long-2"}


@pytest.fixture(autouse=True)
def _no_letter_was_sent():
    cache.clear()


@pytest.fixture
def user():
    user = factories.specialist(username="olga", first_name="Ольга", last_name="Демидова", email="olga@rigel.example")
    user.set_password("long-enough-1")
    user.save()
    return user


def link():
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.outbox[-1].body)[1]


def follow_the_link(client):
    """Return the page with the form; its address has the link's secret no more."""
    return client.get(link(), follow=True).redirect_chain[-1][0]


def test_a_letter_brings_the_link(user, settings):
    send_password_reset_letters("Olga@rigel.example")
    letter = mail.outbox[0]
    assert letter.to == ["olga@rigel.example"]
    assert "Ольга Демидова" in letter.body
    assert f'href="{settings.SITE_URL}/login/password/' in letter.alternatives[0].content


def test_the_letter_is_in_the_language_of_who_gets_it(user):
    User.objects.update(language="en")
    send_password_reset_letters(user.email)
    assert mail.outbox[0].subject == "A new password for Rigel"


def test_a_new_password_is_set_by_the_link(client, user):
    send_password_reset_letters(user.email)
    page = follow_the_link(client)
    assert client.post(page, NEW).url == "/login/password/done/"
    assert client.post("/login/", {"username": "olga", "password": "another-long-2"}).url == "/"


def test_the_link_is_good_once(client, user):
    send_password_reset_letters(user.email)
    used = link()
    client.post(follow_the_link(client), NEW)
    assert not Client().get(used, follow=True).context["validlink"]


def test_the_link_is_good_for_a_day(client, user, time_machine):
    time_machine.move_to("2026-11-25 09:00:00+03:00", tick=False)
    user.last_login = timezone.now()
    user.save()
    send_password_reset_letters(user.email)
    time_machine.move_to("2026-11-26 09:00:01+03:00", tick=False)
    assert not client.get(link(), follow=True).context["validlink"]


def test_a_weak_password_is_refused_beside_its_field(client, user):
    send_password_reset_letters(user.email)
    page = follow_the_link(client)
    weak = client.post(page, {"new_password1": "12345", "new_password2": "12345"})
    assert weak.context["form"].errors["new_password2"]


def test_whoever_knew_the_old_password_is_signed_out(client, user):
    elsewhere = Client()
    elsewhere.force_login(user)
    send_password_reset_letters(user.email)
    client.post(follow_the_link(client), NEW)
    assert not user.sessions.exists()
    assert elsewhere.get("/profile/").status_code == 302


def test_a_new_password_ends_the_wait_after_wrong_ones(client, user):
    for _ in range(5):
        client.post("/login/", {"username": "olga", "password": "?"})
    send_password_reset_letters(user.email)
    client.post(follow_the_link(client), NEW)
    assert client.post("/login/", {"username": "olga", "password": "another-long-2"}).url == "/"


def test_the_letter_is_no_way_around_two_factor(client, user):
    two_factor.TOTPDevice.objects.create(user=user)
    send_password_reset_letters(user.email)
    client.post(follow_the_link(client), NEW)
    assert client.post("/login/", {"username": "olga", "password": "another-long-2"}).url == "/login/code/"


# what it must not reveal


@pytest.mark.parametrize("email", ["olga@rigel.example", "unknown@rigel.example"])
def test_the_answer_is_the_same_whoever_has_the_address(
    client, user, email, monkeypatch, django_assert_max_num_queries, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(tasks.send_password_reset_letters, "apply_async", lambda args, **_: rung.append(args))
    with django_assert_max_num_queries(10) as asked, django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/login/password/", {"email": email})
        assert not [query for query in asked if "accounts_user" in query["sql"]]
    assert answer.url == "/login/password/sent/"
    assert rung == [(email,)]
    assert mail.outbox == []


def test_the_worker_sends_what_was_asked_for(user):
    tasks.send_password_reset_letters("olga@rigel.example")
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("who", [{"is_active": False}, {"password": "!"}])
def test_who_may_not_sign_in_gets_no_letter(user, who):
    User.objects.update(**who)
    assert send_password_reset_letters(user.email) == 0


def test_asking_again_and_again_fills_nobodys_letter_box(user):
    assert [send_password_reset_letters(user.email) for _ in range(3)] == [1, 0, 0]


def test_an_address_that_is_none_is_told_so(client):
    assert client.post("/login/password/", {"email": "не почта"}).context["form"].errors["email"]
