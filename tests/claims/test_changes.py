"""What others change while a claim's page is open: whether there is anything, and what is said of it."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim
from claims.services import comment, edit_claim
from claims_crm.models import Company
from payments.services import settle

from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(claim):
    return Claim.objects.with_version().get(pk=claim.pk).version


@pytest.fixture
def url(claim):
    return f"/claims/{claim.pk}/changes/"


def test_nothing_is_sent_while_nothing_has_changed(as_specialist, url, version):
    response = as_specialist.get(f"{url}?seen={version}")
    assert (response.status_code, response.content) == (204, b"")


def test_asking_costs_one_query_beside_signing_in(as_specialist, url, version):
    as_specialist.get(f"{url}?seen={version}")
    with CaptureQueriesContext(connection) as asked:
        as_specialist.get(f"{url}?seen={version}")
    about_claims = [query["sql"] for query in asked if 'FROM "claims_claim"' in query["sql"]]
    assert len(about_claims) == 1
    assert len(asked) <= 6


@time_machine.travel("2026-11-18 12:00+03:00")
def test_who_did_what_is_told_in_words(as_specialist, accountant, claim, url, version):
    settle(claim.payments.in_order().first(), by=accountant)
    answer = as_specialist.get(f"{url}?seen={version}").json()
    assert answer["version"] > version
    assert answer["said"].startswith("Марина Белова: Выплата со сроком 31 января оплачена:")


def test_several_changes_are_counted_and_the_newest_is_told(as_accountant, specialist, claim, url, version):
    edit_claim(claim, by=specialist, site="«Рейн 180»", contract_number="24-117")
    comment(claim, by=specialist, text="Позвонила   клиенту")
    said = as_accountant.get(f"{url}?seen={version}").json()["said"]
    assert said == "Ольга Демидова: Комментарий: Позвонила клиенту. И ещё 1 изменение."


def test_changed_facts_are_named(as_accountant, specialist, claim, url, version):
    edit_claim(claim, by=specialist, site="«Рейн 180»")
    said = as_accountant.get(f"{url}?seen={version}").json()["said"]
    assert said == "Ольга Демидова: Изменены сведения о претензии: Объект."


def test_of_what_one_did_oneself_nothing_is_said(as_specialist, specialist, claim, url, version):
    comment(claim, by=specialist, text="Готово")
    answer = as_specialist.get(f"{url}?seen={version}").json()
    assert (answer["said"], answer["version"] > version) == ("", True)


@pytest.mark.parametrize("seen", ["", "x", "²", "-1", "99999999999999999999"])
def test_a_version_asked_wrongly_does_not_fail(as_specialist, url, seen):
    assert as_specialist.get(url, {"seen": seen}).status_code == 200


def test_a_strange_claim_does_not_exist(client, url):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    client.force_login(a_specialist())
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("tab", ["", "payments/", "tasks/", "files/", "history/"])
def test_every_tab_says_which_version_it_shows(as_specialist, claim, version, tab):
    page = as_specialist.get(f"/claims/{claim.pk}/{tab}").content.decode()
    assert f'data-changes="/claims/{claim.pk}/changes/" data-version="{version}"' in page
