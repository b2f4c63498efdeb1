"""People are invited by mail, with a role; the link of the letter sets their first password."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.password_reset import send_password_reset_letters
from accounts.roles import Role

from .. import factories

pytestmark = pytest.mark.django_db

URL = "/people/invite/"
MARINA = {"email": "belova@rigel.example", "role": "accountants", "first_name": "Марина", "last_name": "Белова"}
NEW = {"new_password1": "another-long-2", "new_password2": "another-long-2"}


@pytest.fixture
def boss(client):
    boss = factories.administrator(first_name="Пётр", last_name="Ильин")
    client.force_login(boss)
    return boss


def link():
    return re.search(r"http://127\.0\.0\.1:8000(/login/password/\w+/\S+)", mail.outbox[-1].body)[1]


def invited():
    return User.objects.get(email=MARINA["email"])


def test_who_is_invited_sets_a_password_and_works_in_their_role(client, boss):
    client.post(URL, MARINA)
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (
        ["belova@rigel.example"],
        "Пётр Ильин приглашает вас в Ригель",
    )
    newcomer = Client()
    form = newcomer.get(link(), follow=True)
    assert "belova" in form.content.decode()
    newcomer.post(form.redirect_chain[-1][0], NEW)
    assert newcomer.post("/login/", {"username": "belova", "password": NEW["new_password1"]}).url == "/"
    assert invited().role == Role.ACCOUNTANT
    assert not invited().is_staff


def test_an_administrator_may_enter_the_admin(client, boss):
    client.post(URL, MARINA | {"role": "administrators"})
    assert invited().is_staff


def test_a_used_link_says_so_and_offers_a_new_letter(client, boss):
    client.post(URL, MARINA)
    used = link()
    newcomer = Client()
    newcomer.post(newcomer.get(used, follow=True).redirect_chain[-1][0], NEW)
    page = Client().get(used, follow=True).content.decode()
    assert "Ссылка больше не действует" in page
    assert "/login/password/" in page


def test_who_comes_too_late_asks_for_a_new_link_themselves(client, boss, settings):
    client.post(URL, MARINA)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "Ссылка больше не действует" in Client().get(link(), follow=True).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = 3600
    cache.clear()
    assert send_password_reset_letters(MARINA["email"]) == 1


def test_an_invitation_lives_longer_than_the_link_for_a_forgotten_password(client, boss, settings):
    settings.PASSWORD_LETTER_TIMEOUT = -1
    client.post(URL, MARINA)
    assert "Ссылка больше не действует" not in Client().get(link(), follow=True).content.decode()
    Client().force_login(invited())
    cache.clear()
    send_password_reset_letters(MARINA["email"])
    assert "Ссылка больше не действует" in Client().get(link(), follow=True).content.decode()


def test_who_has_not_come_yet_is_written_to_again(client, boss):
    client.post(URL, MARINA)
    assert "belova@rigel.example" in client.get(URL).content.decode()
    client.post(f"/people/{invited().pk}/invite/")
    assert len(mail.outbox) == 2


def test_who_works_here_already_is_not_invited_again(client, boss):
    client.post(URL, MARINA)
    Client().force_login(invited())
    assert client.post(f"/people/{invited().pk}/invite/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"email": ""}, "обязательное"),
        ({"email": "belova"}, "правильный"),
        ({"role": ""}, "обязательное"),
        ({"role": "kings"}, "вариант"),
        ({"email": "OLGA@rigel.example"}, "уже работает"),
        ({"email": "gone@rigel.example"}, "отключён"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nobody_is_written_to(client, boss, wrong, why):
    factories.specialist(email="olga@rigel.example")
    factories.specialist(email="gone@rigel.example", is_active=False)
    response = client.post(URL, MARINA | wrong)
    assert response.status_code == 422
    assert why in response.content.decode().lower()
    assert mail.outbox == []


def test_two_with_the_same_name_before_the_at_are_told_apart(client, boss):
    factories.specialist(username="Belova", email="another@rigel.example")
    client.post(URL, MARINA)
    assert invited().username == "belova2"


def test_a_silent_mail_server_is_told_of_and_nothing_is_lost(client, boss, monkeypatch):
    monkeypatch.setattr("accounts.invitations.send_invitation", lambda *_args, **_named: (_ for _ in ()).throw(OSError))
    page = client.post(URL, MARINA, follow=True).content.decode()
    assert "не ушло" in page
    assert invited().email in page


def test_a_line_break_in_a_name_begins_no_header(client, boss):
    User.objects.filter(pk=boss.pk).update(first_name="Пётр\nBcc: evil@rigel.example")
    client.post(URL, MARINA)
    assert "\n" not in mail.outbox[0].subject


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.ACCOUNTANT])
def test_only_administrators_invite(client, role):
    client.force_login(factories.UserFactory(role=role))
    assert client.post(URL, MARINA).status_code == 403
    assert not User.objects.filter(email=MARINA["email"]).exists()
