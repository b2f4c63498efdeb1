"""A new claim in one form: the client found or typed, the day to answer computed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from claims.models import Claim, Client, Ground, Pipeline
from claims.services import create_default_stages
from claims_crm import days
from claims_crm.models import Company

from ..factories import ClaimFactory, ClientFactory
from ..factories import accountant as an_accountant
from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db

URL = "/claims/new/"


@pytest.fixture
def form():
    """What is sent when only the least is filled in."""
    today = days.today()
    return {
        "client_name": "Орлов Дмитрий",
        "client_kind": "person",
        "pipeline": Pipeline.objects.get().pk,
        "ground": Ground.objects.get(code="quality").pk,
        "received_on": today.isoformat(),
        "respond_by": (today + timedelta(days=10)).isoformat(),
    }


def errors(response):
    assert response.status_code == 422
    return response.context["form"].errors


def test_the_form_comes_filled_with_what_is_known(as_specialist, specialist):
    form = as_specialist.get(URL).context["form"]
    assert form["specialist"].value() == specialist.pk
    assert form["received_on"].value() == days.today()
    assert form["respond_by"].value() == days.today() + timedelta(days=10)


def test_the_accountant_is_filled_in_where_there_is_no_choice(as_specialist, accountant):
    assert as_specialist.get(URL).context["form"]["accountant"].value() == accountant.pk
    an_accountant()
    assert as_specialist.get(URL).context["form"]["accountant"].value() is None


def test_an_administrator_is_not_made_the_specialist(as_administrator):
    assert as_administrator.get(URL).context["form"]["specialist"].value() is None


def test_it_is_registered_and_goes_on_to_the_schedule(as_specialist, specialist, accountant, form):
    response = as_specialist.post(
        URL,
        form
        | {
            "client_phone": "+7 900 000-14-18",
            "client_email": "orlov@rigel.example",
            "subject": "Дом сдан позже срока",
            "contract_number": "Ф-118/25",
            "site": "«Рейн 180»",
            "description": "Просрочка 46 дней",
            "agreed_amount": "350 000,00 ₽",
            "specialist": specialist.pk,
            "accountant": accountant.pk,
        },
    )
    claim = Claim.objects.get()
    assert response.url == f"/claims/{claim.pk}/payments/"
    assert claim.number == f"П-{days.today().year}-0001"
    assert (claim.client.name, claim.client.phone) == ("Орлов Дмитрий", "+7 900 000-14-18")
    assert (claim.agreed_amount, claim.ground.code) == (Decimal("350000.00"), "quality")
    assert (claim.specialist, claim.accountant, claim.created_by) == (specialist, accountant, specialist)


def test_a_known_client_is_taken_as_it_is(as_specialist, form):
    known = ClaimFactory().client
    as_specialist.post(URL, form | {"client": known.pk, "client_name": ""})
    assert Claim.objects.latest("pk").client == known
    assert Client.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"client_name": " "}, "client_name", "Кому платить?"),
        ({"client_name": "я" * 251}, "client_name", "не более 250 символов"),
        ({"client_email": "не почта"}, "client_email", "правильный адрес"),
        ({"agreed_amount": "12,345"}, "agreed_amount", "Введите сумму"),
        ({"agreed_amount": "0"}, "agreed_amount", "больше нуля"),
        ({"agreed_amount": "1000000000000"}, "agreed_amount", "слишком"),
        ({"received_on": "вчера"}, "received_on", "правильную дату"),
        ({"received_on": (date.today() + timedelta(days=400)).isoformat()}, "received_on", "ещё не наступил"),
        ({"received_on": "1999-12-31"}, "received_on", "С 2000 по 2100 год."),
        ({"respond_by": "2000-01-01"}, "respond_by", "Раньше, чем получена"),
        ({"ground": ""}, "ground", "обязательное"),
        ({"pipeline": "999"}, "pipeline", "вариант"),
        ({"client": "999999"}, "client_name", "Такого клиента нет"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_is_typed_stays(as_specialist, form, wrong, field, why):
    response = as_specialist.post(URL, form | {"subject": "Что было набрано"} | wrong)
    assert why.lower() in " ".join(errors(response)[field]).lower()
    assert "Что было набрано" in response.content.decode()
    assert not Claim.objects.exists()
    assert not Client.objects.exists()


def test_an_accountant_registers_nothing(as_accountant, form):
    assert as_accountant.get(URL).status_code == 403
    assert as_accountant.post(URL, form).status_code == 403
    assert not Claim.objects.exists()


def test_with_several_funnels_one_is_chosen(as_specialist, form):
    assert '<select name="pipeline"' not in as_specialist.get(URL).content.decode()
    refunds = Pipeline.objects.create(name_ru="Возвраты", number_prefix="В", respond_within_days=3)
    create_default_stages(refunds)
    assert '<select name="pipeline"' in as_specialist.get(URL).content.decode()
    as_specialist.post(URL, form | {"pipeline": refunds.pk})
    assert Claim.objects.get().number.startswith("В-")


def test_a_funnel_that_takes_no_new_claims_is_not_offered(as_specialist, form):
    old = Pipeline.objects.create(name_ru="Старая", number_prefix="С", is_active=False)
    assert "pipeline" in errors(as_specialist.post(URL, form | {"pipeline": old.pk}))


def test_the_day_to_answer_follows_the_day_of_receipt(as_specialist, htmx):
    asked = {"received_on": "2026-03-01", "pipeline": Pipeline.objects.get().pk}
    page = as_specialist.get(f"{URL}answer-by/", asked, headers=htmx).content.decode()
    assert 'value="2026-03-11"' in page


@pytest.mark.parametrize("asked", [{}, {"received_on": "?"}, {"received_on": "2026-03-01", "pipeline": "?"}])
def test_without_a_day_there_is_none_to_answer(as_specialist, htmx, asked):
    assert as_specialist.get(f"{URL}answer-by/", asked, headers=htmx).status_code == 200


# known clients


def suggested(client, text):
    return [found.name for found in client.get(f"{URL}clients/", {"client_name": text}).context["clients"]]


@pytest.mark.parametrize("text", ["орлов", "ОРЛОВ дм", "9000001418", "Ф-118"])
def test_known_clients_are_offered_by_name_phone_and_contract(as_specialist, text):
    ClaimFactory(client=ClientFactory(name="Орлов Дмитрий", phone="+7 900 000-14-18"), contract_number="Ф-118/25")
    ClaimFactory(client=ClientFactory(name="Белых", phone=""))
    assert suggested(as_specialist, text) == ["Орлов Дмитрий"]


def test_a_known_client_is_offered_by_the_tax_number(as_specialist):
    ClientFactory(name="ООО «Рейн»", tax_number="7701234567")
    ClientFactory(name="Другой", tax_number="7701234568")
    page = as_specialist.get(f"{URL}clients/", {"client_name": "7701234567"}).content.decode()
    assert "ООО «Рейн»" in page
    assert "Другой" not in page


@pytest.mark.parametrize(("phone", "is_one"), [("абв", False), ("+7 900 000-14-18, доб. 12, Иван", True), ("", True)])
def test_a_phone_has_digits_and_whatever_else(as_specialist, form, phone, is_one):
    response = as_specialist.post(URL, form | {"client_phone": phone})
    assert (response.status_code == 302) == is_one
    assert is_one or "client_phone" in errors(response)


def test_a_new_client_is_made_with_a_tax_number_that_can_be_one(as_specialist, form):
    assert "client_tax_number" in errors(as_specialist.post(URL, form | {"client_tax_number": "123"}))
    as_specialist.post(URL, form | {"client_tax_number": "7701234560"})
    assert Client.objects.get().tax_number == "7701234560"


def test_a_client_is_offered_once_however_many_claims(as_specialist):
    client = ClientFactory(name="Орлов Дмитрий")
    ClaimFactory.create_batch(3, client=client)
    assert suggested(as_specialist, "орлов") == ["Орлов Дмитрий"]


def test_a_client_without_claims_is_offered_too(as_specialist):
    ClientFactory(name="Орлов Дмитрий")
    assert suggested(as_specialist, "орлов") == ["Орлов Дмитрий"]


def test_one_letter_offers_nothing(as_specialist):
    ClientFactory(name="Орлов Дмитрий")
    assert suggested(as_specialist, "о") == []


def test_clients_of_claims_one_may_not_see_are_neither_offered_nor_taken(as_specialist, form):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    strange = ClaimFactory(client=ClientFactory(name="Орлов Дмитрий"), specialist=a_specialist()).client
    assert suggested(as_specialist, "орлов") == []
    assert as_specialist.get(f"{URL}client/?client={strange.pk}").context["client"] is None
    refused = as_specialist.post(URL, form | {"client": strange.pk, "client_name": ""})
    assert "client_name" in errors(refused)
    assert strange.name not in refused.content.decode()


def test_a_chosen_client_takes_the_place_of_the_fields(as_specialist):
    known = ClientFactory(name="Орлов Дмитрий")
    page = as_specialist.get(f"{URL}client/?client={known.pk}").content.decode()
    assert f'name="client" value="{known.pk}"' in page
    assert 'name="client_name"' not in page
    assert 'name="client_name"' in as_specialist.get(f"{URL}client/").content.decode()


def test_the_chosen_client_stands_in_the_form_once(as_specialist):
    assert as_specialist.get(URL).content.decode().count('name="client"') == 1
