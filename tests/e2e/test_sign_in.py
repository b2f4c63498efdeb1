import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_signs_in_where_they_were_going(page):
    accountant = factories.accountant(username="olga")
    accountant.set_password("one-two-three")
    accountant.save()

    page.goto("/profile/")
    page.get_by_label("Имя", exact=True).fill("olga")
    page.get_by_label("Пароль", exact=True).fill("one-two-three")
    page.get_by_role("button", name="Войти").click()

    page.wait_for_url("**/profile/")
