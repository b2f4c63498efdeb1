"""One document in several files: intraday and final, overlapping periods, with a detail changed."""

import pytest
import time_machine

from banking.models import StatementLine
from banking.statements import services
from tests.factories import accountant

from .formats.files import OURS, document
from .lines import codes, make_claim, payments, read, send

pytestmark = pytest.mark.django_db
ACCOUNT = f"СекцияРасчСчет\r\nРасчСчет={OURS}\r\nКонецРасчСчет"


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.fixture
def claim():
    return make_claim()


@pytest.mark.parametrize(
    "changed",
    [
        {"ДатаСписано": "18.11.2026"},
        {"number": "000501"},
        {"НазначениеПлатежа": "Выплата  по претензии №90/26. НДС не облагается"},
    ],
)
def test_another_posting_day_zeros_or_spaces_make_no_other_document(claim, changed):
    first = send(document("501"))
    again = send(document(**{"number": "501", **changed}))
    assert (again.lines.count(), again.known_count) == (0, 1)
    assert list(again.shared_lines.all()) == list(first.lines.all())


def test_a_changed_purpose_is_for_a_person_to_say(claim):
    [first] = read(document("501"))
    [again] = read(document("501", НазначениеПлатежа="Выплата по претензии № 90/26. НДС не облагается.."))
    assert again.looks_like == first
    assert again.verdict == "probable"
    assert "looks_like" in codes(again)
    assert not again.matches.filter(is_chosen=True)
    assert services.agree_all(again.statement) == 0


def test_said_to_be_the_same_it_is_one_line_of_both_files(claim):
    [first] = read(document("501"))
    [again] = read(document("501", НазначениеПлатежа="Выплата по претензии № 90/26 (повтор)"))
    sent = services.confirm_same(again)
    assert StatementLine.objects.get() == first
    assert list(sent.shared_lines.all()) == [first]


def test_what_was_not_executed_is_one_line_when_it_is(claim):
    intraday = send(ACCOUNT, document("501", ДатаСписано=None), document("502", "7.00"))
    assert intraday.lines.get(number="501").verdict == "unexecuted"
    final = send(ACCOUNT, document("501"))
    line = final.lines.get()
    assert (line.verdict, payments(line)) == ("certain", [claim.payments.in_order().first().pk])
    assert StatementLine.objects.filter(number="501").get() == line
    assert list(line.also_in.all()) == [intraday]


def test_the_final_file_posted_first_knows_the_intraday_one(claim):
    send(ACCOUNT, document("501"))
    late = send(ACCOUNT, document("501", ДатаСписано=None), document("502", "7.00"))
    assert [line.number for line in late.lines.all()] == ["502"]


def test_two_equal_documents_of_a_day_stay_two_in_every_file(claim):
    send(document("7", ДатаСписано="17.11.2026"))
    final = send(document("7", ДатаСписано="18.11.2026"), document("7", ДатаСписано="18.11.2026"))
    assert (final.lines.count(), final.known_count) == (1, 1)


def test_forgetting_a_file_leaves_the_lines_that_another_holds(claim):
    first = send(document("501"), document("502"))
    second = send(document("502"), document("503"))
    services.discard(first, by=accountant())
    assert sorted(StatementLine.objects.values_list("number", "statement")) == [("502", second.pk), ("503", second.pk)]
    assert not second.shared_lines.exists()
    again = send(document("501"), document("502"))
    assert [line.number for line in again.lines.all()] == ["501"]
