"""What columns mean is told by their names; what is not certain is left to the user."""

import pytest

from register import columns
from register.column_names import guess_by_names


def test_a_wide_register():
    labels = ["№ претензии", "ФИО клиента", "Сумма, руб.", "Срок 1", "Сумма 1", "Дата оплаты 1", "Срок 2", "Сумма 2"]
    assert guess_by_names(labels).mapping == {
        "number": 0,
        "client": 1,
        "agreed_amount": 2,
        "due_on_1": 3,
        "amount_1": 4,
        "paid_on_1": 5,
        "due_on_2": 6,
        "amount_2": 7,
    }


def test_a_long_register():
    guess = guess_by_names(["Претензия", "Клиент", "Согласовано", "Срок оплаты", "Сумма выплаты", "Дата оплаты"])
    assert columns.is_long(guess.mapping)
    assert columns.payment_columns(guess.mapping) == [{"due_on": 3, "amount": 4, "paid_on": 5}]


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Вх. №", "number"),
        ("Номер претензии", "number"),
        ("Дата поступления", "received_on"),
        ("Заказчик", "client"),
        ("Ф.И.О.", "client"),
        ("Дольщик", "client"),
        ("Тел.", "phone"),
        ("Контактный телефон", "phone"),
        ("№ договора", "contract_number"),
        ("Объект (участок, КП)", "site"),
        ("Адрес объекта", "site"),
        ("Причина", "ground"),
        ("Суть претензии", "ground"),
        ("Согласованная сумма, ₽", "agreed_amount"),
        ("Сумма компенсации, руб.", "agreed_amount"),
        ("Ответственный", "specialist"),
        ("Менеджер", "specialist"),
        ("Комментарий", "note"),
        ("Claim number", "number"),
        ("Received on", "received_on"),
        ("Agreed amount", "agreed_amount"),
    ],
)
def test_names_people_use(label, field):
    assert guess_by_names([label]).mapping == {field: 0}


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Срок 1", "due_on_1"),
        ("Срок оплаты 2", "due_on_2"),
        ("1-я выплата: срок", "due_on_1"),
        ("Транш №3 сумма", "amount_3"),
        ("Выплата 1", "amount_1"),
        ("Выплата 2 Оплачено", "paid_on_2"),
        ("Дата факт. оплаты 4", "paid_on_4"),
        ("Плановая дата оплаты 1", "due_on_1"),
        ("Сумма60", "amount_60"),
        ("Due date 1", "due_on_1"),
        ("Paid on 1", "paid_on_1"),
    ],
)
def test_names_of_numbered_payments(label, field):
    assert guess_by_names([label]).mapping == {field: 0}


def test_names_that_repeat_without_a_number_are_counted():
    mapping = guess_by_names(["№", "Клиент", "Срок", "Сумма", "Оплачено", "Срок", "Сумма", "Оплачено"]).mapping
    assert columns.payment_columns(mapping) == [
        {"due_on": 2, "amount": 3, "paid_on": 4},
        {"due_on": 5, "amount": 6, "paid_on": 7},
    ]


def test_a_second_date_of_the_same_payment_is_when_it_was_paid():
    mapping = guess_by_names(["№", "Клиент", "Срок 1", "Сумма 1", "Дата выплаты 1"]).mapping
    assert (mapping["due_on_1"], mapping["paid_on_1"]) == (2, 4)


def test_a_bare_sum_is_the_payments_where_payments_have_rows_and_no_other():
    assert guess_by_names(["№", "Клиент", "Срок", "Сумма"]).mapping["amount"] == 3
    assert guess_by_names(["№", "Клиент", "Сумма"]).mapping["agreed_amount"] == 2


def test_the_balance_is_a_figure_to_compare_and_the_count_of_rows_is_left_out():
    guess = guess_by_names(["№", "Клиент", "Остаток", "№ п/п", "Цвет забора"])
    assert (guess.mapping["left_amount"], guess.unused, guess.unknown) == (2, (3,), (4,))


def test_the_words_of_the_original_case_are_understood():
    labels = [
        "№",
        "Клиент",
        "К выплате всего",
        "Крайний срок",
        "Сумма возврата клиенту",
        "Статус",
        "Оплачено (дата)",
        "п/п",
    ]
    assert guess_by_names(labels).mapping == {
        "number": 0,
        "client": 1,
        "agreed_amount": 2,
        "due_on": 3,
        "amount": 4,
        "status": 5,
        "paid_on": 6,
        "document_number": 7,
    }


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        (["Первая выплата", "Срок первой"], ["amount_1", "due_on_1"]),
        (["I транш", "срок II транша"], ["amount_1", "due_on_2"]),
        (["янв.26", "Февраль 2026"], ["month_2026-01-31", "month_2026-02-28"]),
        (["01.01.2026", "01.02.2026"], ["month_2026-01-31", "month_2026-02-28"]),
        (["План янв 2026", "Факт янв 2026"], ["plan_2026-01-31", "fact_2026-01-31"]),
        (["Фамилия", "Имя", "Отчество"], ["client", "first_name", "patronymic"]),
        (["Сумма", "Выплачено", "Остаток"], ["agreed_amount", "paid_amount", "left_amount"]),
    ],
)
def test_columns_read_together(labels, fields):
    assert guess_by_names(["№ претензии", *labels]).mapping == dict(zip(["number", *fields], range(9), strict=False))


def test_months_without_a_year_are_read_by_the_registers_own():
    labels = ["№", "Январь", "Февраль"]
    assert "month_2026-02-28" in guess_by_names(labels, year=2026).mapping
    assert list(guess_by_names(labels).mapping) == ["number"]


def test_the_same_meaning_twice_is_not_guessed():
    guess = guess_by_names(["№ претензии", "ФИО", "ФИО", "Телефон"])
    assert (guess.mapping["client"], guess.unknown) == (1, (2,))


def test_a_row_of_data_is_no_header():
    assert not guess_by_names(["1/26", "31.01.2026", "Орлов", "срок", "1000"]).is_header
