"""The profile in a browser: what is switched at once, the devices, two-factor sign-in."""

import pytest
from playwright.sync_api import expect

from accounts.models import Session

from ..accounts.authenticator import shown
from ..factories import specialist

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "long-enough-1"


@pytest.fixture
def user():
    user = specialist(username="olga", first_name="Ольга", last_name="Демидова")
    user.set_password(PASSWORD)
    user.save()
    return user


def give_password(page):
    page.goto("/profile/")
    page.get_by_label("Имя", exact=True).fill("olga")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()


@pytest.fixture
def profile(page, user):
    give_password(page)
    expect(page.get_by_role("heading", name="Профиль")).to_be_visible()
    page.wait_for_load_state()
    return page


def test_the_theme_and_the_language_change_at_once(profile, user):
    profile.get_by_text("Тёмная", exact=True).click()
    expect(profile.locator("html")).to_have_attribute("data-theme", "dark")
    profile.get_by_text("English", exact=True).click()
    expect(profile.get_by_role("heading", name="Profile")).to_be_visible()
    expect(profile.locator("html")).to_have_attribute("data-theme", "dark")


def test_what_comes_by_mail_is_kept_by_its_tick(profile, user):
    profile.get_by_label("меня упомянули").uncheck()
    expect(profile.get_by_text("Сохранено")).to_be_visible()
    user.refresh_from_db()
    assert not user.mail_mentions


def test_another_device_is_signed_out(profile, user, client):
    client.force_login(user)
    profile.reload()
    expect(profile.locator(".device")).to_have_count(2)
    profile.locator("#devices").get_by_role("button", name="Выйти:").click()
    expect(profile.locator(".device")).to_have_count(1)
    expect(profile.locator(".device")).to_contain_text("это устройство")
    assert client.get("/profile/").status_code == 302
    assert Session.objects.of(user).count() == 1


def test_two_factor_is_switched_on_and_asked_for(profile, user):
    profile.get_by_role("link", name="Включить").click()
    expect(profile.get_by_role("img", name="QR-код")).to_be_visible()
    profile.get_by_text("Нет камеры?").click()
    secret = profile.locator(".secret").inner_text()
    profile.get_by_label("Код", exact=True).fill(shown(secret))
    profile.get_by_role("button", name="Включить").click()
    expect(profile.locator(".codes li")).to_have_count(10)
    profile.get_by_role("link", name="Коды сохранены").click()
    expect(profile.get_by_text("Осталось 10 резервных кодов")).to_be_visible()

    profile.context.clear_cookies()
    give_password(profile)
    profile.get_by_label("Код", exact=True).fill("000000")
    profile.keyboard.press("Enter")
    expect(profile.get_by_text("Код не подошёл")).to_be_visible()
    profile.wait_for_timeout(1100)  # a wrong code makes the next one wait for a second
    # The code of this half minute has been used for switching on.
    profile.get_by_label("Код", exact=True).fill(shown(secret, after=1))
    profile.keyboard.press("Enter")
    expect(profile.get_by_role("heading", name="Профиль")).to_be_visible()
