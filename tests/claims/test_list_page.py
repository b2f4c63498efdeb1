"""The table of claims: finding, filtering, sorting, and going on at a constant cost."""

from datetime import date
from decimal import Decimal

import pytest

from claims.listing import PAGE, SORTS, iterate_claims
from claims.models import Claim, Stage
from claims.services import move
from claims_crm import days
from claims_crm.models import Company
from payments.services import settle

from ..factories import ClaimFactory, ClientFactory, claim_with_payments
from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db

URL = "/claims/"


def numbers(response):
    return [claim.number for claim in response.context["claims"]]


def test_a_row_tells_number_client_stage_sums_and_the_next_payment(as_specialist, claim):
    page = as_specialist.get(URL).content.decode().replace("\u00a0", " ")
    for told in (claim.number, claim.client.name, "Дом сдан позже срока", "Выплаты", "3 500,00 ₽", "Ольга Демидова"):
        assert told in page
    assert 'class="seg' in page


def test_the_first_visitor_is_told_what_will_be_here_and_how_to_begin(as_specialist):
    page = as_specialist.get(URL).content.decode()
    assert "Здесь будут претензии" in page
    assert 'href="/claims/new/"' in page


def test_an_accountant_is_not_offered_what_they_may_not(as_accountant):
    assert 'href="/claims/new/"' not in as_accountant.get(URL).content.decode()


def test_without_the_right_there_is_no_table(client):
    from ..factories import UserFactory

    client.force_login(UserFactory())
    assert client.get(URL).status_code == 403


def test_a_whole_number_goes_straight_to_its_claim(as_specialist, claim):
    assert as_specialist.get(URL, {"q": f" {claim.number.lower()} "}).url == f"/claims/{claim.pk}/"


def test_while_typing_the_table_stays(as_specialist, claim, htmx):
    response = as_specialist.get(URL, {"q": claim.number}, headers=htmx)
    assert numbers(response) == [claim.number]


def test_a_number_one_may_not_see_is_not_found(as_specialist):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    strange = ClaimFactory(specialist=a_specialist())
    response = as_specialist.get(URL, {"q": strange.number})
    assert response.status_code == 200
    assert numbers(response) == []


@pytest.mark.parametrize("text", ["орлов семён", "ОРЛОВ", "9000001418", "+7 (900) 000-14-18", "ф-118", "рейн"])
def test_it_is_found_by_client_phone_contract_and_site(as_specialist, text):
    found = ClaimFactory(
        client=ClientFactory(name="Орлов Семён", phone="+7 900 000-14-18"),
        contract_number="Ф-118/25",
        site="«Рейн 180»",
    )
    ClaimFactory(client=ClientFactory(name="Белых", phone=""))
    assert numbers(as_specialist.get(URL, {"q": text})) == [found.number]


def test_nothing_found_says_so_and_leads_back(as_specialist, claim):
    page = as_specialist.get(URL, {"q": "нет такого"}).content.decode()
    assert "Ничего не нашлось" in page
    assert "Показать все претензии" in page


def test_filters_add_up(as_specialist, specialist, accountant):
    overdue = claim_with_payments("100", specialist=specialist, first_due_on=date(2020, 1, 31))
    settled = claim_with_payments("100", first_due_on=date(2020, 1, 31))
    settle(settled.payments.get(), by=accountant)
    fresh = ClaimFactory(specialist=specialist)
    assert numbers(as_specialist.get(URL, {"show": "overdue"})) == [overdue.number]
    assert numbers(as_specialist.get(URL, {"show": "settled"})) == [settled.number]
    assert numbers(as_specialist.get(URL, {"mine": "on"})) == [fresh.number, overdue.number]
    assert numbers(as_specialist.get(URL, {"mine": "on", "kind": "open"})) == [fresh.number]
    assert numbers(as_specialist.get(URL, {"specialist": specialist.pk, "show": "overdue"})) == [overdue.number]


def test_in_work_leaves_out_the_closed(as_specialist, specialist, claim):
    rejected = ClaimFactory()
    move(rejected, rejected.pipeline.first_stage(Stage.Kind.REJECTED), by=specialist, reason="не наш дом")
    assert numbers(as_specialist.get(URL, {"show": "work"})) == [claim.number]


@pytest.mark.parametrize(
    "query",
    ["pipeline=x", "kind=x", "specialist=999999", "sort=x", "after=x", "after=²", "show=x", "ground=", "after=9"],
)
def test_what_is_asked_wrongly_is_not_asked(as_specialist, claim, query):
    assert as_specialist.get(f"{URL}?{query}").status_code == 200


def some_claims(count):
    """Claims of which some share a day and a sum, and some have no next payment."""
    for index in range(count):
        due = date(2026, 1 + index % 3, 1)
        if index % 4 == 0:
            ClaimFactory(received_on=due)
        else:
            claim_with_payments(str(1000 + index % 2), first_due_on=due, received_on=due)


@pytest.mark.parametrize("sort", ["", *SORTS, *(f"-{name}" for name in SORTS)])
def test_the_parts_of_the_table_add_up_to_the_whole(as_specialist, monkeypatch, sort):
    some_claims(11)
    monkeypatch.setattr("claims.views.listing.PAGE", 4)
    seen, url = [], f"{URL}?sort={sort}"
    while url:
        response = as_specialist.get(url)
        seen += response.context["claims"]
        url = URL + response.context["next_url"] if response.context["next_url"] else ""
    assert len(seen) == len({claim.pk for claim in seen}) == 11
    if field := SORTS.get(sort.removeprefix("-")):
        values = [claim.client.name if field == "client__name" else getattr(claim, field) for claim in seen]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == sorted(known, reverse=sort.startswith("-"))


def test_more_rows_come_as_rows(as_specialist, monkeypatch, htmx):
    some_claims(5)
    monkeypatch.setattr("claims.views.listing.PAGE", 2)
    first = as_specialist.get(URL)
    more = as_specialist.get(URL + first.context["next_url"], headers=htmx)
    assert more.templates[0].name == "claims/_rows.html"
    assert len(more.context["claims"]) == 2


def test_the_address_keeps_what_was_asked_and_no_more(as_specialist, claim, htmx):
    response = as_specialist.get(f"{URL}?q=&show=work&mine=&kind=&sort=-due", headers=htmx)
    assert response["HX-Push-Url"] == "?show=work&sort=-due"


def test_the_number_of_queries_does_not_follow_the_number_of_claims(as_specialist, queries):
    some_claims(2)
    few = queries(lambda: as_specialist.get(URL))
    some_claims(PAGE)
    assert queries(lambda: as_specialist.get(URL)) == few
    assert few <= 16


def test_a_count_stops_at_a_thousand(as_specialist, claim, monkeypatch):
    monkeypatch.setattr("claims.views.listing.COUNT_LIMIT", 1)
    ClaimFactory()
    assert "больше 1" in as_specialist.get(URL).content.decode()


def test_overdue_is_told_by_the_companys_day(as_specialist, claim):
    Claim.objects.filter(pk=claim.pk).update(next_due_on=days.today())
    assert numbers(as_specialist.get(URL, {"show": "overdue"})) == []


def test_short_of_the_agreed_sum_is_told(as_specialist):
    claim_with_payments("1000", agreed_amount=Decimal(5000))
    assert "согласовано 5 000 ₽" in as_specialist.get(URL).content.decode().replace("\u00a0", " ")


def test_paying_between_two_pages_loses_no_other_claim(as_specialist, monkeypatch, htmx, accountant):
    """The last row of the first page is paid in full before the second is asked for, and sorts elsewhere by then."""
    monkeypatch.setattr("claims.views.listing.PAGE", 2)
    for amount in (100, 200, 300, 400, 500, 600):
        claim_with_payments(str(amount))
    seen, url = [], f"{URL}?sort=-remaining"
    while url:
        response = as_specialist.get(url, headers=htmx)
        seen += response.context["claims"]
        if len(seen) == 2:
            settle(seen[-1].payments.get(), by=accountant)
        url = URL + response.context["next_url"] if response.context["next_url"] else ""
    assert {claim.scheduled_amount for claim in seen} == {100, 200, 300, 400, 500, 600}


def test_an_export_has_each_claim_once_though_some_are_paid_meanwhile(monkeypatch, accountant):
    monkeypatch.setattr("claims.listing.CHUNK", 2)
    for amount in (100, 200, 300, 400, 500, 600):
        claim_with_payments(str(amount))
    written = []
    for claim in iterate_claims(Claim.objects.all(), "remaining"):
        written.append(claim.scheduled_amount)
        settle(claim.payments.get(), by=accountant)
    assert written == [100, 200, 300, 400, 500, 600]
