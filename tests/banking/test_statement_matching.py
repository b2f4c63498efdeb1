"""Which payments the lines of a statement are: by what they name, whom they pay and how much."""

from datetime import date

import pytest
import time_machine
from django.core.files.base import ContentFile

from banking.models import Statement, StatementLine
from banking.statements import candidates, services
from banking.statements.purpose_parser import known_keys, parse_purpose
from claims.services import edit_client
from tests.factories import ClientFactory, claim_with_payments

from .formats.files import THEIRS, document, statement

NAME = "Орлов Дмитрий Ильич"


@pytest.mark.parametrize(
    ("purpose", "claims", "contracts", "ordinal"),
    [
        ("Выплата по претензии № 90/26, договор Ф-533/24. НДС не облагается", {"90-26"}, {"f-533-24"}, None),
        ("ВЫПЛАТА КОМПЕНСАЦИИ ПРЕТЕНЗИЯ №192/26 ОТ 2026-09-29", {"192-26"}, set(), None),
        ("Возмещение по претензии 101/26 (3 транш). Без НДС", {"101-26"}, set(), 3),
        ("Выплата 2 из 4 по претензии П-2026-0042", {"p-2026-42"}, set(), 2),
        ("по прет. П 2026/42 от 12.11.2026", {"p-2026-42"}, set(), None),
        ("Claim N90/26, payment 1 of 4", {"90-26"}, set(), 1),
        ("по претензиям № 90/26, 91/26 и 92/26", {"90-26", "91-26", "92-26"}, set(), None),
        ("Компенсация по дог. Ф-90/26. НДС 22%", set(), {"f-90-26"}, None),
        ("Оплата по счёту 90/26 от 12.11.2026 на сумму 1000-00 руб.", set(), set(), None),
        ("Возврат средств", set(), set(), None),
    ],
)
def test_a_purpose_names_claims_in_the_ways_people_write(purpose, claims, contracts, ordinal):
    found = parse_purpose(purpose)
    keys = {"90-26", "91-26", "92-26", "101-26", "192-26", "p-2026-42", "f-533-24", "f-90-26", "533-24", "2026-42"}
    assert set(known_keys(found.claims, keys)) == claims
    assert set(known_keys(found.contracts, keys)) == contracts
    assert found.ordinal == ordinal
    assert not set(known_keys(found.bare, keys))


def read(*documents: str) -> list[StatementLine]:
    sent: Statement = services.upload(ContentFile(statement(*documents), name="kl_to_1c.txt"), by=None)
    for _step in services.read_steps(sent):
        pass
    return list(sent.lines.order_by("row").prefetch_related("matches__payment"))


def told(line: StatementLine) -> tuple[str, list[str]]:
    """Return the verdict, and the deadlines it is told of."""
    return line.verdict, [f"{match.payment.due_on:%d.%m}" for match in line.matches.all()]


def codes(line: StatementLine) -> set[str]:
    return {reason["code"] for reason in line.reasons}


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False):
        yield


def claim_of(name: str = NAME, number: str = "90/26", *amounts: str, **details: str):
    client = ClientFactory(name=name, **details)
    amounts = amounts or ("1000", "1000", "1000")
    return claim_with_payments(*amounts, number=number, client=client, first_due_on=date(2026, 11, 30))


@pytest.mark.django_db
class TestMatching:
    def test_number_payee_and_sum_are_certain_and_go_by_the_order_of_documents(self):
        claim_of()
        second, first = read(document("12", day="01.11.2026"), document("11", day="17.11.2026"))
        assert told(first) == ("certain", ["30.11"])
        assert told(second) == ("certain", ["31.12"])
        assert codes(first) == {"number", "name", "sum"}

    @pytest.mark.parametrize("at_a_time", [1, 500])
    def test_lines_of_one_claim_are_matched_together_however_far_apart_they_are(self, monkeypatch, at_a_time):
        monkeypatch.setattr(candidates, "CHUNK", at_a_time)
        claim_of(NAME, "90/26", "1000")
        claim_of("Зайцева Фёкла Степановна", "91/26", "700")
        both = document("1", "1700.00", НазначениеПлатежа="По претензиям 90/26 и 91/26")
        other = document("2", "5.00", Получатель1="ООО «ЛесТорг»", НазначениеПлатежа="За доски")
        lines = read(document("3"), other, both)
        assert [told(line) for line in lines] == [("none", []), ("none", []), ("probable", ["30.11", "30.11"])]
        assert [codes(line) for line in lines[:2]] == [{"number", "name", "no_sum"}, {"no_client"}]

    def test_the_instalment_that_is_named_is_the_one(self):
        claim_of()
        [line] = read(document(НазначениеПлатежа="Выплата 3 из 3 по претензии 90/26"))
        assert told(line) == ("certain", ["31.01"])

    def test_initials_will_do(self):
        claim_of()
        [line] = read(document(Получатель1="Орлов Д.И."))
        assert told(line)[0] == "certain"

    def test_somebody_elses_name_is_never_certain(self):
        claim_of()
        [line] = read(document(Получатель1="Зайцева Фёкла Степановна"))
        assert told(line) == ("probable", ["30.11"])
        assert "other_payee" in codes(line)

    def test_but_the_clients_account_is(self):
        claim_of(bank_account=THEIRS)
        [line] = read(document(Получатель1="Зайцева Фёкла Степановна"))
        assert told(line)[0] == "certain"
        assert "account" in codes(line)

    def test_a_number_inside_another_is_not_it(self):
        claim_of()
        [line] = read(document(НазначениеПлатежа="По договору Ф-90/26", Получатель1="ООО «ЛесТорг»"))
        assert (told(line), line.is_ignored) == (("none", []), True)

    def test_payee_and_sum_without_a_number_are_probable_where_one_payment_is_such(self):
        claim_of(NAME, "90/26", "1000", "2000")
        [line] = read(document(НазначениеПлатежа="Возврат средств"))
        assert told(line) == ("probable", ["30.11"])

    def test_of_equal_payments_none_is_guessed(self):
        claim_of()
        [line] = read(document(НазначениеПлатежа="Возврат средств"))
        assert told(line) == ("several", ["30.11", "31.12", "31.01"])
        assert not line.matches.filter(is_chosen=True)

    def test_between_namesakes_none_is_guessed(self):
        claim_of(NAME, "90/26", "1000")
        claim_of(NAME, "91/26", "1000")
        [line] = read(document(НазначениеПлатежа="Возврат средств"))
        assert told(line)[0] == "several"

    def test_of_namesakes_the_contract_tells(self):
        claim_of(NAME, "90/26", "1000")
        other = claim_of(NAME, "91/26", "1000")
        other.contract_number = "Ф-5/25"
        other.save()
        [line] = read(document(НазначениеПлатежа="Компенсация по дог. Ф-5/25"))
        assert line.matches.get().payment.claim == other
        assert line.verdict == "probable"

    def test_the_sum_alone_says_nothing(self):
        claim_of()
        [line] = read(document(Получатель1="Зайцева Фёкла Степановна", НазначениеПлатежа="Возврат средств"))
        assert told(line) == ("none", [])

    def test_the_payee_alone_says_nothing(self):
        claim_of()
        [line] = read(document("1", "777.00", НазначениеПлатежа="Зарплата"))
        assert told(line) == ("none", [])
        assert not line.is_ignored

    def test_less_is_a_part_and_its_rest_may_come_in_another_line(self):
        claim_of(NAME, "90/26", "1000")
        part, rest = read(document("1", "700.00"), document("2", "300.00"))
        assert [told(part), told(rest)] == [("probable", ["30.11"]), ("probable", ["30.11"])]
        assert "less" in codes(part)

    def test_one_line_for_all_that_is_left(self):
        claim_of()
        [line] = read(document("1", "3000.00"))
        assert told(line) == ("probable", ["30.11", "31.12", "31.01"])

    def test_one_line_for_several_claims(self):
        claim_of(NAME, "90/26", "1000")
        claim_of(NAME, "91/26", "500")
        [line] = read(document("1", "1500.00", НазначениеПлатежа="По претензиям № 90/26, 91/26"))
        assert told(line)[0] == "probable"
        assert sorted(match.amount for match in line.matches.all()) == [500, 1000]

    def test_two_claims_named_and_one_paid_is_for_a_person_to_say(self):
        claim_of(NAME, "90/26", "1000")
        claim_of(NAME, "91/26", "1000")
        [line] = read(document("1", "1000.00", НазначениеПлатежа="По претензиям № 90/26, 91/26"))
        assert told(line)[0] == "several"

    def test_what_a_line_of_another_statement_waits_to_pay_is_taken(self):
        claim_of(NAME, "90/26", "1000")
        read(document("1"))
        [line] = read(document("2"))
        assert told(line) == ("none", [])
        assert "nothing_open" in codes(line)

    def test_money_in_another_currency_is_another_matter(self):
        claim = claim_of(NAME, "90/26", "1000")
        claim.currency = "EUR"
        claim.save()
        assert told(read(document())[0])[0] == "none"

    def test_the_account_of_a_client_is_known_after_it_is_filled_in(self):
        claim = claim_of(NAME, "90/26", "1000")
        edit_client(claim.client, by=None, bank_account=THEIRS)
        [line] = read(document(Получатель1="Иное имя", НазначениеПлатежа="Возврат"))
        assert told(line) == ("probable", ["30.11"])
