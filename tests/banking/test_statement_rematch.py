"""Lines looked up once more, when claims and payments have come after the statement."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from banking.models import Match, Statement, StatementLine
from banking.statements import services
from jobs import engine as jobs
from payments.models import Payment
from payments.services import settle
from tests.factories import ClientFactory, claim_with_payments

from .formats.files import document, statement

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def send(*documents: str) -> Statement:
    sent = services.upload(ContentFile(statement(*documents), name="kl_to_1c.txt"), by=None)
    list(services.read_steps(sent))
    sent.refresh_from_db()
    return sent


def come(*amounts: str, number: str = "90/26") -> list[Payment]:
    """Let the claim come that the documents of the tests name."""
    client = ClientFactory(name="Орлов Дмитрий Ильич")
    claim = claim_with_payments(*amounts, number=number, client=client, first_due_on=date(2026, 11, 30))
    return list(claim.payments.in_order())


@pytest.fixture
def find(as_accountant):
    """Press the button; return what the page tells afterwards."""

    def find(sent: Statement) -> str:
        as_accountant.post(f"/statements/{sent.pk}/rematch/", headers=HTMX)
        jobs.run_waiting()
        return as_accountant.get(f"/statements/{sent.pk}/", headers=HTMX).content.decode()

    return find


def told(sent: Statement) -> list[tuple[str, list[int]]]:
    return [(line.verdict, [match.payment_id for match in line.matches.all()]) for line in sent.lines.all()]


def test_a_claim_that_comes_after_the_statement_is_found(find):
    sent = send(document(), document("2", Получатель1="ООО Лес", НазначениеПлатежа="Доски"))
    assert told(sent) == [("none", []), ("none", [])]
    [payment] = come("1000")
    page = find(sent)
    assert "Новое найдено для 1 строки" in page, page[page.find("status") :][:300]
    assert told(sent) == [("certain", [payment.pk]), ("none", [])]
    assert services.totals(sent.lines.all()).amount == Decimal("1000.00")
    assert "Ничего нового не найдено" in find(sent)


def test_what_a_person_has_chosen_dropped_or_set_aside_stays(find, accountant):
    first, second, third = come("1000", "1000", "500")
    hint = {"НазначениеПлатежа": "Возврат"}
    sent = send(document("1"), document("2", "300.00"), document("3", "777.00", **hint), document("4", **hint))
    dropped, chosen, aside, several = sent.lines.all()
    services.drop(dropped)
    services.choose(chosen, [third], by=accountant)
    services.choose(several, [second], by=accountant)
    services.ignore(aside, by=accountant)
    before = list(sent.lines.order_by("pk").values()), list(Match.objects.order_by("pk").values())
    find(sent)
    assert (list(sent.lines.order_by("pk").values()), list(Match.objects.order_by("pk").values())) == before
    assert first.pk in [match.payment_id for match in dropped.matches.all()]


def test_what_a_posting_passed_over_is_matched_again(find, accountant):
    first, second = come("1000", "1000")
    sent = send(document())
    settle(first, by=accountant, paid_on=date(2026, 11, 17), document_number="by hand")
    list(services.post_steps(sent, by=accountant))
    assert sent.lines.get().refusal
    find(sent)
    # What was paid by hand about that day may be this very line: a person says which of the two it is.
    assert told(sent) == [("several", [second.pk, first.pk])]
    assert not sent.lines.get().refusal


def test_what_another_line_is_going_to_pay_is_not_found_twice(find):
    come("1000")
    sent = send(document("1"), document("2"))
    assert [verdict for verdict, _payments in told(sent)] == ["certain", "none"]
    find(sent)
    assert Match.objects.filter(is_chosen=True).count() == 1


def test_it_takes_as_many_queries_for_three_lines_as_for_thirty(django_assert_max_num_queries):
    for count in (3, 30):
        sent = send(*(document(f"{count}-{number}", "1000.00") for number in range(count)))
        come(*["1000"] * min(count, 60), number=f"90/26-{count}")
        StatementLine.objects.update(purpose=f"Выплата по претензии 90/26-{count}")
        with django_assert_max_num_queries(25):
            list(services.rematch_steps(sent))
        assert {verdict for verdict, _payments in told(sent)} == {"certain"}
