"""Two-factor sign-in: switched on with a code, asked for after the password, never a way around it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import two_factor
from accounts.models import RecoveryCode, Session
from accounts.two_factor import TooManyCodes, WrongCode
from claims_crm.models import Company

from .. import factories
from ..concurrency import at_once
from .authenticator import shown

pytestmark = pytest.mark.django_db

PASSWORD = "long-enough-1"
NOW = "2026-11-25 09:00:10+03:00"


@pytest.fixture(autouse=True)
def clock(time_machine):
    """Stands still, so that a code does not run out in the middle of a test."""
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def user():
    return with_password(factories.specialist(username="olga", first_name="Ольга"))


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def secret(user, clock):
    """The secret of the user's app; two-factor is on since a while."""
    return switch_on(user, clock)[0]


def switch_on(user, clock):
    key = two_factor.new_key()
    secret = two_factor.spelled(key)
    codes = two_factor.switch_on(user, key=key, code=shown(secret))
    clock.shift(timedelta(minutes=5))
    return secret, codes


def give_password(client, user, next_page=""):
    answer = client.post("/login/", {"username": user.username, "password": PASSWORD, "next": next_page})
    assert answer.status_code == 302
    return answer.url


def give_code(client, code, **others):
    return client.post("/login/code/", {"code": code, **others})


def is_signed_in(client):
    return client.get("/profile/password/").status_code == 200


def require(of):
    Company.objects.update_or_create(pk=1, defaults={"two_factor": of})
    Company.invalidate()


# switching on


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def secret_on(page):
    return re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.content.decode())[1]


def test_it_is_switched_on_with_the_first_code_of_the_app(signed_in, user):
    secret = secret_on(signed_in.get("/profile/two-factor/"))
    page = signed_in.post("/profile/two-factor/", {"code": shown(secret)})
    assert two_factor.is_on(user)
    assert len(set(re.findall(r"<code>([a-z2-7-]{19})</code>", page.content.decode()))) == 10


def test_the_secret_is_drawn_here_and_by_nobody_else(signed_in):
    page = signed_in.get("/profile/two-factor/").content.decode()
    assert '<div class="qr" role="img"' in page
    assert re.search(r"<svg[^>]*viewBox", page)
    assert 'style="' not in page


def test_a_mistyped_first_code_leaves_it_off_and_the_secret_as_scanned(signed_in, user, clock):
    secret = secret_on(signed_in.get("/profile/two-factor/"))
    page = signed_in.post("/profile/two-factor/", {"code": "000000"})
    assert page.context["form"].errors["code"]
    assert not two_factor.is_on(user)
    assert secret_on(page) == secret
    assert signed_in.post("/profile/two-factor/", {"code": shown(secret)}).status_code == 200
    assert two_factor.is_on(user)


def test_the_recovery_codes_are_shown_once_and_kept_as_digests(user, clock):
    _, codes = switch_on(user, clock)
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_who_has_it_on_is_not_offered_a_second_secret(signed_in, user, secret):
    assert signed_in.get("/profile/two-factor/").url == "/profile/"
    assert signed_in.post("/profile/two-factor/", {"code": "123456"}).url == "/profile/"
    assert TOTPDevice.objects.get(user=user)


# signing in


def test_the_password_alone_opens_nothing(client, user, secret):
    assert give_password(client, user, "/claims/") == "/login/code/?next=%2Fclaims%2F"
    assert not is_signed_in(client)
    assert not Session.objects.of(user).exists()


def test_the_code_opens_what_one_was_going_to(client, user, secret):
    give_password(client, user, "/claims/")
    assert give_code(client, shown(secret), next="/claims/").url == "/claims/"
    assert is_signed_in(client)


def test_nobody_is_led_to_another_site(client, user, secret):
    assert give_password(client, user, "https://evil.example/") == "/login/code/"
    assert give_code(client, shown(secret), next="https://evil.example/").url == "/"


def test_without_a_password_before_there_is_no_code_to_give(client, user, secret):
    assert client.get("/login/code/?next=/claims/").url == "/login/?next=%2Fclaims%2F"
    assert give_code(client, shown(secret)).url == "/login/"


def test_a_code_is_good_once(user, secret):
    first, second = Client(), Client()
    for client in (first, second):
        give_password(client, user)
        give_code(client, shown(secret))
    assert is_signed_in(first)
    assert not is_signed_in(second)


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_clock_of_the_phone_may_be_half_a_minute_wrong(user, secret, steps, is_good):
    code = shown(secret, after=steps)
    if is_good:
        two_factor.use_code(user, code)
    else:
        with pytest.raises(WrongCode):
            two_factor.use_code(user, code)


@pytest.mark.parametrize("typed", ["12 34", "", "abcdef", "１２３４５６", "0" * 40, "x" * 41])
def test_what_is_no_code_is_told_so(client, user, secret, typed):
    give_password(client, user)
    answer = give_code(client, typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]
    assert not is_signed_in(client)


def test_each_wrong_code_makes_the_next_wait_twice_as_long(client, user, secret, clock):
    give_password(client, user)
    for wait in (1, 2, 4, 8):
        give_code(client, "000000")
        assert "Слишком много" in give_code(client, shown(secret)).context["form"].errors["code"][0]
        clock.shift(timedelta(seconds=wait))
    assert give_code(client, shown(secret)).status_code == 302


def test_another_computer_or_a_recovery_code_is_no_way_around_the_wait(user, secret):
    for _ in range(2):
        with pytest.raises(WrongCode):
            two_factor.use_code(user, "not a code")
    with pytest.raises(TooManyCodes):
        two_factor.use_code(user, shown(secret))


def test_the_password_is_good_for_ten_minutes_only(client, user, secret, clock):
    give_password(client, user)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert give_code(client, shown(secret)).url == "/login/"
    assert not is_signed_in(client)


def test_a_password_changed_meanwhile_ends_the_sign_in(client, user, secret):
    give_password(client, user)
    user.set_password("another-long-2")
    user.save()
    assert give_code(client, shown(secret)).url == "/login/"


def test_who_was_switched_off_meanwhile_stays_out(client, user, secret):
    give_password(client, user)
    user.is_active = False
    user.save()
    assert give_code(client, shown(secret)).url == "/login/"


def test_each_step_changes_the_key_of_the_session(client, user, secret):
    """Neither a key planted before the password nor one seen before the code opens anything."""
    client.get("/login/")
    client.session.save()
    keys = [client.cookies["sessionid"].value]
    give_password(client, user)
    keys.append(client.cookies["sessionid"].value)
    give_code(client, shown(secret))
    keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    assert list(Session.objects.values_list("pk", flat=True)) == keys[-1:]


def test_wrong_passwords_are_counted_on_until_the_code_is_given(client, user, secret):
    for _ in range(4):
        client.post("/login/", {"username": "olga", "password": "?"})
    give_password(client, user)
    assert client.post("/login/", {"username": "olga", "password": "?"}).status_code == 429


def test_signing_in_as_someone_else_forgets_whose_code_was_awaited(client, user, secret):
    other = with_password(factories.accountant())
    give_password(client, user)
    assert give_password(client, other) == "/"
    assert client.get("/login/code/").url == "/login/"


# recovery codes


def test_a_recovery_code_stands_in_for_the_phone_once(user, clock):
    _, codes = switch_on(user, clock)
    client = Client()
    give_password(client, user)
    assert "xxxx-xxxx" in client.get("/login/code/?recovery").content.decode()
    assert give_code(client, codes[3].upper().replace("-", " ")).status_code == 302
    assert is_signed_in(client)
    assert user.recovery_codes.count() == 9
    with pytest.raises(WrongCode):
        two_factor.use_code(user, codes[3])


def test_nobody_uses_the_recovery_code_of_another(user, secret, clock):
    _, codes = switch_on(factories.accountant(), clock)
    with pytest.raises(WrongCode):
        two_factor.use_code(user, codes[0])


def test_new_recovery_codes_take_the_place_of_the_old(user, clock, client):
    _, old = switch_on(user, clock)
    client.force_login(user)
    page = client.post("/profile/two-factor/codes/", {"password": PASSWORD}).content.decode()
    new = re.findall(r"<code>([a-z2-7-]{19})</code>", page)
    assert user.recovery_codes.count() == 10
    assert not set(old) & set(new)
    two_factor.use_code(user, new[0])


# switching off


def test_it_is_switched_off_with_the_password_only(signed_in, user, secret):
    assert signed_in.post("/profile/two-factor/off/", {"password": "?"}).context["form"].errors["password"]
    assert two_factor.is_on(user)
    assert signed_in.post("/profile/two-factor/off/", {"password": PASSWORD}).url == "/profile/"
    assert not two_factor.is_on(user)
    assert not RecoveryCode.objects.exists()
    assert give_password(Client(), user) == "/"


@pytest.mark.parametrize("page", ["off", "codes"])
def test_guessing_the_password_there_locks_as_signing_in_does(signed_in, user, secret, page):
    statuses = [signed_in.post(f"/profile/two-factor/{page}/", {"password": "?"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


# the admin


def test_the_admin_has_no_sign_in_of_its_own(client):
    admin = with_password(factories.administrator(username="root"))
    answer = client.post("/admin/login/", {"username": "root", "password": PASSWORD, "next": "/admin/"})
    assert answer.url.startswith("/login/?next=")
    assert not Session.objects.of(admin).exists()


def test_signing_in_on_the_way_to_the_admin_asks_for_the_code(client, clock):
    admin = with_password(factories.administrator(username="root"))
    secret, _ = switch_on(admin, clock)
    page = client.get("/admin/accounts/user/", follow=True).redirect_chain[-1][0]
    give_password(client, admin, "/admin/accounts/user/")
    assert page == "/login/?next=/admin/accounts/user/"
    assert client.get("/admin/accounts/user/").status_code == 302
    give_code(client, shown(secret), next="/admin/accounts/user/")
    assert client.get("/admin/accounts/user/").status_code == 200


@pytest.mark.parametrize(
    ("next_page", "leads_to"), [("/admin/auth/group/", "/admin/auth/group/"), ("https://evil.example/", "/admin/")]
)
def test_who_has_signed_in_goes_on_to_the_admin(client, next_page, leads_to):
    client.force_login(factories.administrator())
    assert client.get("/admin/login/", {"next": next_page}).url == leads_to


def test_who_may_not_enter_the_admin_is_told_so(signed_in):
    assert signed_in.get("/admin/", follow=True).status_code == 403


def reset(client, *users):
    data = {"action": "reset_two_factor", "_selected_action": [user.pk for user in users]}
    return client.post("/admin/accounts/user/", data, follow=True)


def test_an_administrator_resets_it_for_others_on_record(client, user, secret):
    phone = Client()
    phone.force_login(user)
    client.force_login(factories.administrator())

    reset(client, user)

    assert not two_factor.is_on(user)
    assert not is_signed_in(phone)
    assert "двухфакторный вход (сброшен)" in client.get(f"/admin/accounts/user/{user.pk}/history/").content.decode()


def test_nobody_resets_their_own_or_a_superusers(client, clock):
    admin, root = factories.administrator(), factories.administrator(is_superuser=True)
    for person in (admin, root):
        switch_on(person, clock)
    client.force_login(admin)
    reset(client, admin, root)
    assert two_factor.is_on(admin)
    assert two_factor.is_on(root)


def test_the_admin_shows_who_has_it_on_and_where_one_is_signed_in(client, user, secret, django_assert_max_num_queries):
    Client(headers={"User-Agent": "Firefox/141.0 Windows"}).force_login(user)
    session = Session.objects.get(user=user)
    Session.objects.filter(pk=session.pk).update(user_agent="Firefox/141.0 Windows", ip="192.0.2.7")
    client.force_login(factories.administrator())
    page = client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert "Firefox, Windows · 192.0.2.7" in page
    assert "включён с 25.11.2026" in page
    assert session.pk not in page
    with django_assert_max_num_queries(15):
        client.get("/admin/accounts/user/")


def test_the_admin_does_not_show_the_secrets(client, secret):
    client.force_login(factories.administrator(is_superuser=True))
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


# required by the company


def test_where_it_is_required_nothing_opens_before_it_is_on(signed_in, user):
    require("all")
    assert signed_in.get("/claims/").url == "/profile/two-factor/"
    assert signed_in.get("/claims/", headers={"HX-Request": "true"})["HX-Redirect"] == "/profile/two-factor/"
    assert signed_in.post("/profile/two-factor/off/", {"password": PASSWORD}).url == "/profile/two-factor/"
    assert signed_in.post("/logout/").status_code == 302


def test_where_it_is_required_everything_opens_once_it_is_on(signed_in, user):
    require("all")
    secret = secret_on(signed_in.get("/profile/two-factor/"))
    signed_in.post("/profile/two-factor/", {"code": shown(secret)})
    assert signed_in.get("/claims/").status_code == 200


def test_where_it_is_required_it_is_not_switched_off(signed_in, user, secret):
    require("all")
    assert signed_in.post("/profile/two-factor/off/", {"password": PASSWORD}).status_code == 409
    assert two_factor.is_on(user)


def test_it_may_be_required_of_those_who_enter_the_admin(signed_in, client):
    require("admins")
    assert signed_in.get("/claims/").status_code == 200
    client.force_login(factories.administrator())
    assert client.get("/admin/").url == "/profile/two-factor/"


def test_where_it_is_not_required_a_page_costs_no_more(signed_in, django_assert_max_num_queries):
    signed_in.get("/profile/password/")
    with django_assert_max_num_queries(20) as asked:
        signed_in.get("/profile/password/")
        assert not [query for query in asked if "totp" in query["sql"]]


# at once


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_twice_at_once_is_good_once(user, secret):
    code = shown(secret)

    def use():
        two_factor.use_code(user, code)
        return True

    outcomes = at_once(use, use, use)
    assert sum(outcome is True for outcome in outcomes) == 1
