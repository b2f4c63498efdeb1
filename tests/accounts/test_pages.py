"""Signing in and out, one's profile, and what the side bar costs."""

import pytest
from django.core import mail
from django.template import Context, Template
from django.test import RequestFactory

from accounts.context_processors import sidebar
from accounts.models import User
from claims_crm import __version__
from claims_crm.models import Company

from .. import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    user = factories.specialist(username="olga", first_name="Ольга", last_name="Демидова")
    user.set_password("long-enough-1")
    user.save()
    return user


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


ABOUT = {"first_name": "Ольга", "last_name": "Демидова", "email": "olga@rigel.example"}
HTMX = {"HX-Request": "true"}


def test_one_signs_in_and_comes_where_one_was_going(client, user):
    answer = client.post("/login/", {"username": "olga", "password": "long-enough-1", "next": "/claims/"})
    assert answer.url == "/claims/"


def test_a_wrong_password_keeps_the_name(client, user):
    page = client.post("/login/", {"username": "olga", "password": "?"}).content.decode()
    assert 'value="olga"' in page


def test_nobody_is_led_to_another_site(client, user):
    answer = client.post("/login/", {"username": "olga", "password": "long-enough-1", "next": "https://evil.example/"})
    assert answer.url == "/"


def test_one_signs_out_by_a_button_not_by_a_link(signed_in):
    assert signed_in.get("/logout/").status_code == 405
    assert signed_in.post("/logout/").url == "/login/"
    assert signed_in.get("/profile/").url.startswith("/login/")


def test_the_profile_names_the_version(signed_in):
    assert f"Ригель {__version__}" in signed_in.get("/profile/").content.decode()


def test_the_profile_is_ones_own(signed_in, user):
    signed_in.post("/profile/", ABOUT | {"first_name": "Оля", "is_superuser": "on", "username": "root"})
    user.refresh_from_db()
    assert (user.first_name, user.username, user.is_superuser) == ("Оля", "olga", False)


def test_the_language_changes_at_once(signed_in, user):
    answer = signed_in.post("/profile/language/", {"language": "en"}, headers=HTMX)
    assert answer["HX-Refresh"] == "true"
    assert "<h1>Profile</h1>" in signed_in.get("/profile/").content.decode()
    assert signed_in.post("/profile/language/", {"language": "la"}).status_code == 400


def test_what_comes_by_mail_is_kept_at_once_and_alone(signed_in, user):
    answer = signed_in.post(
        "/profile/mail/", {"mail_tasks": "on", "mail_digest": "on", "email": "x@y.example"}, headers=HTMX
    )
    assert "toast" in answer["HX-Trigger"]
    user.refresh_from_db()
    assert (user.mail_tasks, user.mail_digest, user.mail_mentions) == (True, True, False)
    assert user.email == "olga@rigel.example"


@pytest.mark.parametrize("part", ["language", "theme", "mail"])
def test_a_switch_works_without_scripts(signed_in, part):
    answer = signed_in.post(f"/profile/{part}/", {part: ""}, headers={"Referer": "/profile/"})
    assert answer.url == "/profile/"


def test_a_profile_that_does_not_hold_is_not_kept_and_stays_as_typed(signed_in, user):
    answer = signed_in.post("/profile/", ABOUT | {"first_name": "Оля", "email": "не почта"})
    assert answer.context["form"].errors["email"]
    assert 'value="Оля"' in answer.content.decode()
    assert User.objects.get(pk=user.pk).first_name == "Ольга"


def test_the_password_is_changed_with_the_old_one(signed_in, user):
    new = {"new_password1": "another-long-2", "new_password2": "another-long-2"}
    assert signed_in.post("/profile/password/", new | {"old_password": "?"}).context["form"].errors["old_password"]
    assert signed_in.post("/profile/password/", new | {"old_password": "long-enough-1"}).url == "/profile/"
    user.refresh_from_db()
    assert user.check_password("another-long-2")
    # Still signed in: only other browsers are signed out.
    assert signed_in.get("/profile/").status_code == 200
    assert mail.outbox == []


@pytest.mark.parametrize(("theme", "status"), [("dark", 302), ("light", 302), ("", 302), ("pink", 400)])
def test_the_theme_is_kept_for_the_next_page(signed_in, user, theme, status):
    assert signed_in.post("/profile/theme/", {"theme": theme}).status_code == status
    user.refresh_from_db()
    assert user.theme == (theme if status == 302 else "")


def test_the_theme_button_needs_no_page(signed_in):
    assert signed_in.post("/profile/theme/", {"theme": "dark"}, headers={"HX-Request": "true"}).status_code == 204


def test_a_part_without_the_side_bar_asks_nothing(user, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = user
    with django_assert_num_queries(0):
        Template("a part").render(Context(sidebar(request)))


def test_the_side_bar_offers_what_one_may_in_a_few_queries(user, django_assert_max_num_queries):
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=user.pk)
    # Read once for the whole page.
    request.user.has_perm("claims.view_claim")
    Company.current()
    User.inactive_ids()
    with django_assert_max_num_queries(4):
        drawn = Template("{{ sidebar.can_create_claim }} {{ sidebar.can_import }}").render(Context(sidebar(request)))
    assert drawn == "True True"
