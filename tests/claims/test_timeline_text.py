"""What timeline entries say, in both languages, from the facts that are stored."""

import pytest
import time_machine
from django.utils import translation

from accounts.models import User
from claims.models import Claim, Client, TimelineEntry
from claims.timeline_text import DESCRIBERS, describe
from claims_crm.money import ZERO

AUTHOR = User(username="belova", first_name="Марина", last_name="Белова")

PART = {"payment": 1, "due_on": "2026-10-31", "amount": "87500.00"}
LATER = {"payment": 2, "due_on": "2026-11-30", "amount": "87500.00"}
SMALLER = {"payment": 3, "due_on": "2026-12-31", "amount": "500.00"}
STAGES = {
    "before": {"id": 1, "ru": "Согласование", "en": "Agreement"},
    "after": {"id": 2, "ru": "Выплаты", "en": "Payments"},
}
TASK = {"task": 1, "kind": "pay", "ru": "Оплатить {amount} по претензии {claim}", "en": "Pay {amount} on claim {claim}"}

SENTENCES = [
    ("claim_created", {}, "Претензия зарегистрирована", "Claim registered"),
    (
        "claim_imported",
        {"file": "реестр.xlsx", "row": 7},
        "Претензия взята из реестра",
        "Claim imported from a register",
    ),
    ("claim_edited", {"changes": {}}, "Изменены сведения о претензии", "Facts of the claim changed"),
    ("claim_edited", {"client": True, "changes": {}}, "Изменены данные клиента", "Client's details changed"),
    (
        "comment_edited",
        {"comment": 1, "before": "Звонил"},
        "Комментарий изменён. Раньше было:",
        "Comment edited. Previous text:",
    ),
    (
        "mail_sent",
        {"to": "Марина Белова", "about": ["task_raised", "mention"]},
        "Отправлено письмо: Марина Белова, задача, упоминание",
        "E-mail sent to Марина Белова: a task, a mention",
    ),
    ("stage_moved", STAGES, "Стадия Согласование → Выплаты", "Stage Agreement → Payments"),
    ("file_added", {"file": 1, "name": "Акт.pdf", "size": 3}, "Добавлен файл: Акт.pdf", "File added: Акт.pdf"),
    ("file_removed", {"name": "Акт.pdf"}, "Убран файл: Акт.pdf", "File removed: Акт.pdf"),
    (
        "payments_scheduled",
        {"parts": [PART, LATER], "replanned": 0},
        "График: 2 выплаты по 87 500,00 ₽, всего 175 000,00 ₽",
        "Schedule: 2 payments of 87,500.00 ₽, 175,000.00 ₽ in total",
    ),
    (
        "payments_scheduled",
        {"parts": [PART, SMALLER], "replanned": 2},
        "График изменён: 2 выплаты, всего 88 000,00 ₽",
        "Schedule changed: 2 payments, 88,000.00 ₽ in total",
    ),
    (
        "payments_scheduled",
        {"parts": [PART], "replanned": 0},
        "Запланирована выплата: 87 500,00 ₽ до 31 октября",
        "Payment scheduled: 87,500.00 ₽ by 31 October",
    ),
    (
        "payment_changed",
        {"payment": 1, "amount": "500.00", "due_on": "2026-11-30", "changes": {"due_on": ["2026-10-31", "2026-11-30"]}},
        "Срок выплаты 500,00 ₽ перенесён с 31 октября на 30 ноября",
        "Deadline of 500.00 ₽ moved from 31 October to 30 November",
    ),
    (
        "payment_changed",
        {"payment": 1, "amount": "500.00", "due_on": "2026-10-31", "changes": {"amount": ["900.00", "500.00"]}},
        "Выплата со сроком 31 октября изменена с 900,00 ₽ на 500,00 ₽",
        "Payment due 31 October changed from 900.00 ₽ to 500.00 ₽",
    ),
    (
        "payment_split",
        {"payment": 1, "amount": "400.00", "rest": "600.00", "due_on": "2026-10-31"},
        "Выплата со сроком 31 октября разделена: 400,00 ₽ и 600,00 ₽",
        "Payment due 31 October split: 400.00 ₽ and 600.00 ₽",
    ),
    (
        "payment_cancelled",
        {"parts": [PART]},
        "Отменена выплата: 87 500,00 ₽ до 31 октября",
        "Payment cancelled: 87,500.00 ₽ by 31 October",
    ),
    (
        "payment_cancelled",
        {"parts": [PART, LATER]},
        "Отменено: 2 выплаты по 87 500,00 ₽, всего 175 000,00 ₽",
        "Cancelled: 2 payments of 87,500.00 ₽, 175,000.00 ₽ in total",
    ),
    (
        "payment_settled",
        {"payment": 1, "amount": "87500.00", "due_on": "2026-10-31", "paid_on": "2026-10-30", "document_number": "431"},
        "Выплата со сроком 31 октября оплачена: 87 500,00 ₽",
        "Payment due 31 October is paid: 87,500.00 ₽",
    ),
    (
        "payment_reopened",
        {"payment": 1, "amount": "87500.00", "due_on": "2026-10-31", "paid_on": "2026-10-30"},
        "Оплата возвращена, срок 31 октября: 87 500,00 ₽",
        "Payment due 31 October is reopened: 87,500.00 ₽",
    ),
    (
        "task_raised",
        {**TASK, "due_on": "2026-10-31", "assignee": "Марина Белова", "payment": 1, "amount": "87500.00"},
        "Задача «Оплатить 87 500,00 ₽ по претензии П-2026-0042», исполнитель Марина Белова",
        "Task Pay 87,500.00 ₽ on claim П-2026-0042, assigned to Марина Белова",
    ),
    (
        "task_raised",
        {**TASK, "ru": "Звонок", "en": "Call", "due_on": "2026-10-31", "assignee": None},
        "Задача «Звонок»",
        "Task Call",
    ),
    ("task_completed", {**TASK, "ru": "Звонок", "en": "Call"}, "Задача выполнена: Звонок", "Task done: Call"),
    ("task_withdrawn", {**TASK, "ru": "Звонок", "en": "Call"}, "Задача снята: Звонок", "Task withdrawn: Call"),
    (
        "summary",
        {},
        "Всего 0,00 ₽, оплачено 0,00 ₽, осталось 0,00 ₽",
        "Total 0.00 ₽, paid 0.00 ₽, remaining 0.00 ₽",
    ),
    ("comment", {}, "Комментарий", "Comment"),
]

pytestmark = pytest.mark.django_db  # the company's zone decides what today is


@pytest.fixture(autouse=True)
def _in_2026():
    """Days of this year are told without it."""
    with time_machine.travel("2026-11-20 12:00+03:00", tick=False):
        yield


def entry(kind: str, data: dict | None = None, *, text: str = "", author: User | None = AUTHOR) -> TimelineEntry:
    claim = Claim(number="П-2026-0042", client=Client(name="Орлов"), scheduled_amount=ZERO, paid_amount=ZERO)
    claim.remaining_amount = ZERO
    return TimelineEntry(kind=kind, data=data or {}, text=text, author=author, claim=claim)


def say(written: TimelineEntry, language: str = "ru"):
    with translation.override(language):
        line = describe(written, written.claim)
        return line, line.text.replace("\u00a0", " ")


@pytest.mark.parametrize(("kind", "data", "russian", "english"), SENTENCES)
def test_every_kind_reads_in_both_languages(kind, data, russian, english):
    assert say(entry(kind, data), "ru")[1] == russian
    assert say(entry(kind, data), "en")[1] == english


def test_no_kind_is_without_words():
    assert set(DESCRIBERS) == set(TimelineEntry.Kind.values)
    assert {kind for kind, *_ in SENTENCES} == set(TimelineEntry.Kind.values)


def test_what_a_sentence_is_about_stands_out():
    line, _ = say(entry("stage_moved", STAGES))
    assert [part.text for part in line.parts if part.strong] == ["Согласование", "Выплаты"]


@pytest.mark.parametrize(
    ("paid_on", "said"),
    [("2026-10-30", "на 1 день раньше"), ("2026-10-31", "в срок"), ("2026-11-05", "на 5 дней позже")],
)
def test_a_payment_tells_its_order_and_whether_it_was_in_time(paid_on, said):
    facts = {"amount": "1000.00", "due_on": "2026-10-31", "paid_on": paid_on, "document_number": "431"}
    line, _ = say(entry("payment_settled", facts))
    assert line.details == ("п/п 431", said, "Марина Белова")


def test_a_payment_in_part_tells_the_rest():
    facts = {"amount": "400.00", "due_on": "2026-10-31", "paid_on": "2026-10-31", "rest": "600.00"}
    line, _ = say(entry("payment_settled", facts))
    assert "частично, осталось 600,00 ₽" in [detail.replace("\u00a0", " ") for detail in line.details]


def test_what_the_system_did_by_itself_is_told_so():
    line, _ = say(entry("stage_moved", STAGES, author=None))
    assert line.details == ("автоматически",)


def test_an_edit_tells_each_fact_before_and_after():
    changes = {"agreed_amount": [None, "3500.00"], "received_on": ["2026-01-01", "2026-01-31"], "site": ["", "Рейн"]}
    line, _ = say(entry("claim_edited", {"changes": changes}))
    told = [(change.field, change.before, change.after.replace("\u00a0", " ")) for change in line.changes]
    assert told == [
        ("Согласованная сумма", "нет", "3 500,00 ₽"),
        ("Получена", "01.01.2026", "31.01.2026"),
        ("Объект", "нет", "Рейн"),
    ]


def test_items_skipped_in_a_checklist_are_named():
    skipped = [{"ru": "Архивация", "en": "Archiving"}]
    line, _ = say(entry("task_completed", {**TASK, "ru": "Звонок", "skipped": skipped}), "en")
    assert line.details == ("skipped: Archiving", "Марина Белова")


def test_the_reason_of_a_move_is_shown_as_it_was_written():
    line, _ = say(entry("stage_moved", STAGES, text="клиент отозвал"))
    assert line.quote == "клиент отозвал"


@pytest.mark.logs_errors
@pytest.mark.parametrize("data", [{}, {"parts": "?"}, {"amount": "a lot", "due_on": "2026-02-31"}])
@pytest.mark.parametrize("kind", ["payment_settled", "payments_scheduled", "stage_moved", "task_raised"])
def test_facts_of_an_unknown_shape_still_read_and_are_logged(kind, data, caplog):
    assert say(entry(kind, data))[1]
    assert f"({kind}) cannot be described" in caplog.text


def test_a_kind_that_is_not_known_reads_by_its_name():
    assert say(entry("deal_synced", text="№ 5"))[1] == "Deal synced"
