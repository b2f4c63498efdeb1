"""Where one is signed in: what is known of a device, what knowing it costs, and signing it out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Session
from accounts.tasks import clear_sessions
from accounts.user_agents import device_name, is_handheld

from .. import factories

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
PASSWORD = "long-enough-1"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def user():
    user = factories.specialist(username="olga")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(user, user_agent=FIREFOX, ip="192.0.2.7"):
    client = Client(headers={"User-Agent": user_agent}, REMOTE_ADDR=ip)
    assert client.post("/login/", {"username": user.username, "password": PASSWORD}).status_code == 302
    return client


def session_of(client):
    return Session.objects.get(pk=client.cookies["sessionid"].value)


def is_signed_in(client):
    return client.get("/profile/").status_code == 200


# what is known


def test_signing_in_notes_the_device(user):
    session = session_of(sign_in(user))
    assert (session.user, session.name, session.ip) == (user, "Firefox, Windows", "192.0.2.7")
    assert timezone.now() - session.signed_in_at < timedelta(minutes=1)


def test_a_visitor_who_has_not_signed_in_is_no_device(client):
    client.get("/login/")
    assert not Session.objects.exists()


def test_behind_a_proxy_the_address_is_the_one_it_saw(user, settings):
    settings.BEHIND_PROXY = True
    client = Client()
    forwarded = {"X-Forwarded-For": "10.0.0.1, 198.51.100.9"}
    client.post("/login/", {"username": "olga", "password": PASSWORD}, headers=forwarded)
    assert session_of(client).ip == "198.51.100.9"


def test_an_address_that_is_none_is_not_kept(user):
    assert session_of(sign_in(user, ip="")).ip is None


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36", "Yandex Browser, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 15; K) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", "Safari, macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) CriOS/141.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_told_in_words(user_agent, words):
    with translation.override("en"):
        assert device_name(user_agent) == words


def test_a_phone_is_told_from_a_computer():
    assert is_handheld(IPHONE)
    assert not is_handheld(FIREFOX)


# what it costs


def test_a_page_asks_for_the_session_once(user, django_assert_max_num_queries):
    client = sign_in(user)
    with django_assert_max_num_queries(20) as asked:
        client.get("/profile/password/")
        of_sessions = [query["sql"] for query in asked if "accounts_session" in query["sql"]]
    assert len(of_sessions) == 1


def test_when_one_was_last_seen_is_written_every_few_minutes(user, time_machine):
    time_machine.move_to("2026-11-25 09:00:00+03:00", tick=False)
    client = sign_in(user)
    first = session_of(client).seen_at

    time_machine.shift(timedelta(minutes=4))
    client.get("/profile/")
    assert session_of(client).seen_at == first

    time_machine.shift(timedelta(minutes=2))
    client.get("/profile/")
    assert session_of(client).seen_at == first + timedelta(minutes=6)


def test_a_session_ends_after_twelve_hours(user, time_machine):
    time_machine.move_to("2026-11-25 09:00:00+03:00", tick=False)
    client = sign_in(user)
    time_machine.shift(timedelta(hours=11, minutes=59))
    assert is_signed_in(client)
    time_machine.shift(timedelta(minutes=2))
    assert not is_signed_in(client)

    clear_sessions()
    assert not Session.objects.exists()


# the list


def test_the_profile_lists_ones_devices_this_one_first(user):
    phone, here = sign_in(user, IPHONE), sign_in(user, FIREFOX)
    sign_in_of_another = factories.accountant()
    Client().force_login(sign_in_of_another)

    answer = here.get("/profile/")

    assert [session.pk for session in answer.context["devices"]] == [session_of(here).pk, session_of(phone).pk]
    assert "Safari, iPhone" in answer.content.decode()


def test_the_list_does_not_betray_the_keys(user):
    phone, here = sign_in(user, IPHONE), sign_in(user, FIREFOX)
    page = here.get("/profile/").content.decode()
    assert session_of(phone).pk not in page
    assert session_of(here).pk not in page


def test_the_profile_costs_the_same_with_many_devices(user, django_assert_max_num_queries):
    here = sign_in(user)
    here.get("/profile/")
    with django_assert_max_num_queries(20) as asked:
        here.get("/profile/")
        with_one = len(asked)
    for _ in range(5):
        sign_in(user, IPHONE)
    here.get("/profile/")
    with django_assert_max_num_queries(with_one):
        here.get("/profile/")


# signing out


def test_one_device_is_signed_out_from_another(user):
    phone, tablet, here = (sign_in(user, agent) for agent in (IPHONE, IPHONE, FIREFOX))

    answer = here.post(f"/profile/devices/{session_of(phone).device}/sign-out/", headers=HTMX)

    assert "toast" in answer["HX-Trigger"]
    assert [is_signed_in(client) for client in (phone, tablet, here)] == [False, True, True]


def test_all_others_are_signed_out_at_once(user):
    phone, tablet, here = (sign_in(user, agent) for agent in (IPHONE, IPHONE, FIREFOX))
    assert here.post("/profile/devices/sign-out/").url == "/profile/"
    assert [is_signed_in(client) for client in (phone, tablet, here)] == [False, False, True]


def test_nobody_signs_out_someone_else(user):
    phone, stranger = sign_in(user, IPHONE), Client()
    stranger.force_login(factories.administrator())
    assert stranger.post(f"/profile/devices/{session_of(phone).device}/sign-out/").status_code == 404
    assert stranger.post("/profile/devices/sign-out/").status_code == 302
    assert is_signed_in(phone)


def test_this_device_is_signed_out_by_the_menu_only(user):
    here = sign_in(user)
    assert here.post(f"/profile/devices/{session_of(here).device}/sign-out/").status_code == 404


def test_a_new_password_signs_out_the_others(user):
    phone, here = sign_in(user, IPHONE), sign_in(user, FIREFOX)
    device = session_of(here).device
    passwords = {"old_password": PASSWORD, "new_password1": "another-long-2", "new_password2": "another-long-2"}

    here.post("/profile/password/", passwords)

    assert not is_signed_in(phone)
    assert is_signed_in(here)
    assert [session.device for session in Session.objects.of(user)] == [device]


def test_a_password_set_by_an_administrator_signs_one_out(user, client):
    phone = sign_in(user, IPHONE)
    client.force_login(factories.administrator())
    passwords = {"usable_password": "true", "password1": "another-long-2", "password2": "another-long-2"}
    assert client.post(f"/admin/accounts/user/{user.pk}/password/", passwords).status_code == 302
    assert not is_signed_in(phone)
    assert not Session.objects.of(user).exists()


def test_signing_in_changes_the_key_of_the_session(user):
    """A key planted before sign-in opens nothing after it."""
    client = Client()
    client.session.save()
    planted = client.cookies["sessionid"].value
    client.post("/login/", {"username": "olga", "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(pk=planted).exists()
