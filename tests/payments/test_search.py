"""The one search: claims, clients and payments, what matched marked."""

from decimal import Decimal

import pytest

from claims_crm.models import Company
from payments.querysets import parse_amount

from ..factories import ClaimFactory, ClientFactory, UserFactory, claim_with_payments
from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db

URL = "/search/"


@pytest.fixture
def claim(specialist):
    client = ClientFactory(name="Семёнов Пётр", phone="+7 (912) 345-67-89")
    return claim_with_payments("87500.50", "12.00", client=client, contract_number="24/117-Ф", specialist=specialist)


@pytest.fixture
def search(as_specialist, htmx):
    return lambda text: as_specialist.get(URL, {"q": text}, headers=htmx)


@pytest.fixture
def htmx():
    return {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("пётр семен", ["Семён", "Пётр"]),
        ("24-117", ["24/117"]),
        ("8 912 345-67-89", ["912) 345-67-89"]),
        ("67-89", ["67-89"]),
    ],
)
def test_what_matched_is_marked(search, claim, text, marked):
    response = search(text)
    assert response.context["found"].claims == [claim]
    for piece in marked:
        assert f"<mark>{piece}</mark>" in response.content.decode()


@pytest.mark.parametrize("text", ["87500,50", "87 500,50", "87.500,50", "87,500.50 ₽", "87\u00a0500,50 руб."])
def test_a_payment_is_found_by_its_sum_in_any_writing(search, claim, text):
    assert [payment.amount for payment in search(text).context["found"].payments] == [Decimal("87500.50")]


def test_what_is_no_sum_is_not_taken_for_one():
    assert [parse_amount(text) for text in ("", "0", "24-117", "1,2,3", "1e9", "9" * 40)] == [None] * 6


def test_a_claim_is_found_by_its_agreed_sum(search, claim):
    assert search("87512,50").context["found"].claims == [claim]


def test_a_client_leads_to_their_claims(search, claim):
    response = search("семенов")
    assert response.context["found"].clients == [claim.client]
    assert "/claims/?q=" in response.content.decode()


def test_the_claim_of_the_very_number_comes_first(search, claim):
    ClaimFactory.create_batch(9, subject=claim.number)
    found = search(claim.number.lower()).context["found"]
    assert found.claims[0] == claim
    assert len(found.claims) == 8
    assert found.are_more_claims


def test_a_number_sent_off_opens_its_claim(as_specialist, claim):
    assert as_specialist.get(URL, {"q": f" № {claim.number.lower()} "}).url == f"/claims/{claim.pk}/"


def test_without_scripts_it_is_a_page(as_specialist, claim):
    page = as_specialist.get(URL, {"q": "семен"}).content.decode()
    assert 'value="семен"' in page
    assert f'href="/claims/{claim.pk}/"' in page


@pytest.mark.parametrize(("text", "told"), [("", "как помните"), ("никого такого", "«никого такого»")])
def test_nothing_asked_and_nothing_found_are_told(search, claim, text, told):
    assert told in search(text).content.decode()


def test_what_one_may_not_see_is_not_found(search, claim, specialist):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    strange = claim_with_payments("87500.50", number="П-77", client=ClientFactory(name="Семёнов"), specialist=None)
    strange_too = ClaimFactory(specialist=a_specialist(), client=strange.client)
    for text in ("семенов", "87500.50", "П-77", strange_too.number):
        found = search(text).context["found"]
        assert not {strange, strange_too} & {*found.claims, *(payment.claim for payment in found.payments)}
        assert strange.client not in found.clients


def test_markup_in_what_is_found_is_text(search):
    ClaimFactory(client=ClientFactory(name="<b>Боб</b> & Co"))
    assert "&lt;b&gt;<mark>Боб</mark>&lt;/b&gt; &amp; Co" in search("боб").content.decode()


def test_without_the_right_there_is_no_search(client):
    client.force_login(UserFactory())
    assert client.get(URL).status_code == 403


def test_the_number_of_queries_does_not_follow_the_number_found(search, claim, queries):
    claim_with_payments("1000")
    few = queries(lambda: search("1000"))
    for _ in range(6):
        claim_with_payments("1000", subject="1000")
    assert queries(lambda: search("1000")) == few
    assert few <= 10
