"""The sums of law, to the kopeck. Each comes from the fact sheet of the law, not from this code."""

from datetime import date
from decimal import Decimal

import pytest

from penalties.calculation import Mode

from .law import GENERAL, asked, day, money, run


def test_interest_over_a_rate_change_and_a_leap_year_end():
    result = run(asked(Mode.INTEREST_395, "1 000 000", "01.10.2024", "31.03.2025"))

    assert [(row.days, row.rate, row.amount) for row in result.rows] == [
        (27, Decimal(19), money("14 016,39")),
        (65, Decimal(21), money("37 295,08")),
        (90, Decimal(21), money("51 780,82")),
    ]
    assert result.total == money("103 092,29")


def test_interest_through_six_rates_of_a_year():
    result = run(asked(Mode.INTEREST_395, "3 500", "01.01.2026", "30.11.2026"))

    assert [row.amount for row in result.rows] == [
        money(text) for text in ("70,58", "52,02", "50,34", "77,86", "47,83", "170,49")
    ]
    assert (result.days, result.total) == (334, money("469,12"))


def test_interest_with_two_payments():
    paid = [("31.03.2026", "100 000"), ("30.04.2026", "100 000")]
    result = run(asked(Mode.INTEREST_395, "300 000", "01.02.2026", "30.06.2026", payments=paid))

    amounts = ("1 972,60", "4 458,90", "1 109,59", "2 136,99", "317,81", "2 065,75", "351,37")
    assert [row.amount for row in result.rows] == [money(text) for text in amounts]
    assert result.total == money("12 413,01")


def test_interest_with_two_payments_to_the_end_of_november():
    paid = [("31.03.2026", "100 000"), ("30.04.2026", "100 000")]
    result = run(asked(Mode.INTEREST_395, "300 000", "01.02.2026", "30.11.2026", payments=paid))

    assert (result.days, result.total) == (303, money("18 299,31"))


def test_shared_construction_by_the_rate_of_the_last_day_of_the_term():
    """The facts of 127-КГ23-18-К4, where later rates had been asked for."""
    question = asked(
        Mode.SHARED_CONSTRUCTION, "4 000 000", "01.12.2021", "28.03.2022", citizen=True, due_on=day("30.11.2021")
    )
    result = run(question)

    assert [(row.days, row.rate) for row in result.rows] == [(118, Decimal("7.5"))]
    assert result.total == money("236 000,00")


def test_shared_construction_of_a_company_is_half_of_a_citizens():
    result = run(asked(Mode.SHARED_CONSTRUCTION, "4 000 000", "01.12.2021", "28.03.2022"))

    assert result.total == money("118 000,00")


def test_the_term_ends_on_the_day_before_the_first_by_default():
    by_default = run(asked(Mode.SHARED_CONSTRUCTION, "4 000 000", "20.12.2021", "31.12.2021"))
    earlier = run(asked(Mode.SHARED_CONSTRUCTION, "4 000 000", "20.12.2021", "31.12.2021", due_on=date(2021, 10, 24)))

    assert [row.rate for row in by_default.rows] == [Decimal("7.5")]
    assert [row.rate for row in earlier.rows] == [Decimal("6.75")]


@pytest.mark.parametrize("last_day, days, total", [("20.11.2026", 20, "300 000,00"), ("10.12.2026", 40, "500 000,00")])
def test_work_for_a_consumer_is_three_percent_a_day_up_to_its_price(last_day, days, total):
    result = run(asked(Mode.CONSUMER_WORK, "500 000", "01.11.2026", last_day))

    assert (result.days, result.total) == (days, money(total))


def test_goods_for_a_consumer_are_one_percent_a_day_up_to_their_price():
    short = run(asked(Mode.CONSUMER_GOODS, "54 000", "01.03.2026", "20.03.2026"))
    long = run(asked(Mode.CONSUMER_GOODS, "54 000", "01.03.2026", "30.09.2026"))

    assert short.total == money("10 800,00")
    assert long.total == money("54 000,00")


def test_a_contract_sets_its_own_percentage_and_limit():
    free = run(asked(Mode.CONTRACT, "200 000", "01.03.2026", "30.03.2026", rate=Decimal("0.1")))
    capped = run(asked(Mode.CONTRACT, "200 000", "01.03.2026", "30.03.2026", rate=Decimal("0.1"), cap=Decimal(2)))

    assert free.total == money("6 000,00")
    assert capped.total == money("4 000,00")


def test_the_general_moratorium_is_184_days():
    question = asked(Mode.CONTRACT, "100 000", "01.03.2022", "31.12.2022", rate=Decimal("0.1"), exclude_moratoria=True)
    result = run(question, moratoria=[GENERAL])

    assert [(one.first_day, one.last_day, one.days) for one in result.excluded] == [
        (date(2022, 4, 1), date(2022, 10, 1), 184)
    ]
    assert [(row.days, row.amount) for row in result.rows] == [(31, money("3 100,00")), (91, money("9 100,00"))]
