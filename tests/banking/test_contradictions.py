"""Signs that contradict each other: nothing is certain then, nor agreed with in bulk, and what fits stands beside."""

import pytest
import time_machine

from banking.models import PayeeRule
from banking.statements import services
from tests.factories import accountant

from .formats.files import document
from .lines import codes, make_claim, payments, read

pytestmark = pytest.mark.django_db
OTHER = "Зайцева Фёкла Степановна"


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


def pay(purpose: str, amount: str = "1000.00", **changed: str | None) -> str:
    return document("501", amount, НазначениеПлатежа=purpose, **changed)


def test_a_named_claim_of_another_client_does_not_hide_the_one_that_fits():
    named = make_claim("2000", name=OTHER, number="П-2004-4760")
    fits = make_claim("1000", "1000", number="П-2004-49760")
    [line] = read(pay("Выплата по претензии П-2004-4760"))
    assert line.verdict == "several"
    assert payments(line)[0] == fits.payments.in_order().first().pk
    assert named.payments.get().pk in payments(line)
    assert services.agree_all(line.statement) == 0


def test_a_dropped_digit_does_not_shut_out_the_payees_own_claim():
    other = make_claim("1000", name=OTHER, number="П-2026-007")
    own = make_claim("1000", number="П-2026-0071")
    [line] = read(pay("Выплата по претензии П-2026-007"))
    assert line.verdict == "several"
    assert payments(line) == [own.payments.get().pk, other.payments.get().pk]


def test_the_named_claim_of_another_client_alone_is_not_agreed_with_in_bulk():
    make_claim("1000", name=OTHER, number="90/26")
    [line] = read(pay("Выплата по претензии 90/26"))
    assert (line.verdict, line.is_contradicted) == ("probable", True)
    assert services.agree_all(line.statement) == 0


def test_signs_that_agree_are_agreed_with_in_bulk():
    make_claim("1000", "2000")
    [line] = read(pay("Возврат средств"))
    assert (line.verdict, line.is_contradicted) == ("probable", False)
    assert services.agree_all(line.statement) == 1


@pytest.mark.parametrize(
    ("details", "changed", "code"),
    [
        ({"tax_number": "500100732259"}, {"ПолучательИНН": "7707083893"}, "other_tax_number"),
        ({"bank_account": "40817810600000000017"}, {}, "other_account"),
        ({}, {"day": "10.01.2024"}, "before_claim"),
    ],
)
def test_what_speaks_against_the_claim_makes_it_not_certain(details, changed, code):
    make_claim("1000", **details)
    [line] = read(document("501", **changed))
    assert line.verdict == "probable"
    assert code in codes(line)
    assert line.is_contradicted


def test_a_named_instalment_of_another_sum_is_not_certain_for_the_equal_one():
    make_claim("700", "1000")
    [line] = read(pay("Выплата 1 из 2 по претензии 90/26"))
    assert line.verdict == "probable"
    assert "ordinal_other" in codes(line)


def test_parts_of_a_split_payment_share_its_place():
    claim = make_claim("1000", "1000")
    [part] = read(document("400", "300.00", НазначениеПлатежа="Выплата 1 из 2 по претензии 90/26"))
    services.agree(part)
    list(services.post_steps(part.statement, by=None))
    [line] = read(pay("Выплата 2 из 2 по претензии 90/26"))
    assert (line.verdict, payments(line)) == ("certain", [claim.payments.in_order().last().pk])


# lists of numbers


@pytest.mark.parametrize(
    "purpose",
    [
        "Выплата по претензиям П-2026-0089 и П-2026-0090",
        "По претензиям П-2026-0089, П-2026-0090",
        "по реестру № 5, претензии П 2026/89 и П 2026/90",
        "По претензиям № П-2026-0089; № П-2026-0090. НДС не облагается",
    ],
)
def test_a_list_is_read_whole(purpose):
    one, two = make_claim("1000", number="П-2026-0089"), make_claim("500", name=OTHER, number="П-2026-0090")
    [line] = read(pay(purpose, "1500.00"))
    assert set(payments(line)) == {one.payments.get().pk, two.payments.get().pk}
    assert line.verdict == "probable"


@pytest.mark.parametrize(
    "purpose",
    [
        "Выплата по претензиям П-2026-0089 и П-2026-0999",
        "По претензиям П-2026-0089, 0090",
        "По претензиям П-2026-0089 – П-2026-0095",
        "По претензиям с П-2026-0089 по П-2026-0095",
    ],
)
def test_a_list_that_is_not_known_whole_is_never_certain(purpose):
    make_claim("1000", number="П-2026-0089")
    [line] = read(pay(purpose))
    assert line.verdict == "probable"
    assert line.is_contradicted


# numbers as people write them


@pytest.mark.parametrize("written", ["П20260042", "П-20 26-0042", "П 2026 00 42", "П-2026 -0 042"])
def test_a_number_glued_or_with_spaces_counts_where_payee_and_sum_agree(written):
    claim = make_claim("1000", number="П-2026-0042")
    make_claim("1000", number="П-2026-0055")
    [line] = read(pay(f"Выплата по претензии {written}"))
    assert (line.verdict, payments(line)) == ("probable", [claim.payments.get().pk])


def test_a_space_inside_that_makes_anothers_number_is_not_agreed_with_in_bulk():
    claim = make_claim("1000", number="П-2026-4242")
    make_claim("1000", name=OTHER, number="П-2026-42")
    [line] = read(pay("Выплата по претензии П-2026-42 42"))
    assert claim.payments.get().pk in payments(line)
    assert line.verdict != "certain"
    assert line.is_contradicted


# what was learnt of payees


def test_a_named_claim_outvotes_what_was_learnt_of_the_payee():
    make_claim("1000")
    [salary] = read(pay("Зарплата", "555.00"))
    services.ignore(salary, by=accountant(username="learns"))
    line, other = read(pay("Выплата по претензии 90/26"), document("502", "556.00", НазначениеПлатежа="Зарплата"))
    assert line.verdict == "certain"
    assert (other.verdict, other.is_ignored) == ("none", True)


@pytest.mark.parametrize("account", ["30232810900000000001", "47422810900000000001", "30301810900000000001"])
def test_nothing_is_learnt_of_a_transit_account(account):
    [line] = read(pay("Перевод по реестру", "555.00", ПолучательСчет=account))
    services.ignore(line, by=accountant(username="learns"))
    assert not PayeeRule.objects.exists()


def test_what_a_choice_taught_is_forgotten_with_it():
    payment = make_claim("1000").payments.get()
    [line] = read(pay("Возврат", Получатель1="Иное имя"))
    services.choose(line, [payment], by=accountant(username="learns"))
    assert PayeeRule.objects.exists()
    services.drop(line)
    assert not PayeeRule.objects.exists()
