"""The rules one by one: payments, additions, moratoria, limits, what is warned of."""

from datetime import date
from decimal import Decimal

import pytest

from penalties.calculation import ExemptPeriod, KeyRates, Mode, RatePoint, calculate

from .law import ALL_MODES, GENERAL, KEY_RATES, RATE_ROWS, SHARED_2024, TODAY, asked, codes, day, money, run

TENTH = Decimal("0.1")


def contract(first_day, last_day, base="100 000", **more):
    return asked(Mode.CONTRACT, base, first_day, last_day, rate=TENTH, **more)


def facts(notes, code):
    return next(note.facts for note in notes if note.code == code)


# days


def test_the_first_day_and_the_last_both_count():
    assert run(contract("01.03.2026", "01.03.2026")).days == 1
    assert run(contract("28.02.2024", "01.03.2024")).days == 3


def test_a_year_of_366_days_divides_by_366():
    leap = run(asked(Mode.INTEREST_395, "1 000 000", "29.02.2024", "29.02.2024"))
    plain = run(asked(Mode.INTEREST_395, "1 000 000", "28.02.2025", "28.02.2025"))

    assert leap.total == money("437,16")
    assert plain.total == money("575,34")


def test_interest_is_cut_at_new_year_also_between_years_of_one_length():
    result = run(asked(Mode.INTEREST_395, "100 000", "30.12.2022", "02.01.2023"))

    assert [(row.last_day, row.days) for row in result.rows] == [(date(2022, 12, 31), 2), (date(2023, 1, 2), 2)]


def test_a_row_of_the_table_that_repeats_the_rate_cuts_nothing():
    rates = KeyRates([RatePoint(when, rate) for when, rate in RATE_ROWS] + [RatePoint(day("01.09.2026"), Decimal(14))])
    question = asked(Mode.INTEREST_395, "100 000", "01.08.2026", "30.09.2026")

    assert len(calculate(question, key_rates=rates, moratoria=[], today=TODAY).rows) == 1


def test_half_a_kopeck_is_rounded_up():
    result = run(asked(Mode.CONTRACT, "0,50", "01.03.2026", "01.03.2026", rate=Decimal(1)))

    assert result.total == money("0,01")


# payments and additions


def test_the_day_of_a_payment_counts_on_the_former_debt():
    result = run(contract("01.03.2026", "10.03.2026", payments=[("05.03.2026", "40 000")]))

    assert [(row.days, row.base, row.amount) for row in result.rows] == [
        (5, money("100 000"), money("500")),
        (5, money("60 000"), money("300")),
    ]


def test_a_payment_on_the_last_day_changes_nothing():
    result = run(contract("01.03.2026", "10.03.2026", payments=[("10.03.2026", "40 000")]))

    assert (len(result.rows), result.total) == (1, money("1 000"))
    assert codes(result.warnings) == set()


def test_an_addition_counts_from_its_own_day():
    result = run(contract("01.03.2026", "10.03.2026", additions=[("05.03.2026", "40 000")]))

    assert [(row.days, row.base) for row in result.rows] == [(4, money("100 000")), (6, money("140 000"))]


def test_what_changes_nothing_on_balance_cuts_no_row():
    moves = {"payments": [("04.03.2026", "40 000")], "additions": [("05.03.2026", "40 000")]}

    assert len(run(contract("01.03.2026", "10.03.2026", **moves)).rows) == 1


def test_days_after_the_last_payment_are_excluded_as_paid():
    result = run(contract("01.03.2026", "10.03.2026", payments=[("05.03.2026", "100 000")]))

    assert [(row.days, row.amount) for row in result.rows] == [(5, money("500"))]
    assert [(one.first_day, one.days, one.why.code) for one in result.excluded] == [(date(2026, 3, 6), 5, "paid")]


def test_more_paid_than_is_owed_is_warned_of_and_never_counts_below_nothing():
    result = run(contract("01.03.2026", "10.03.2026", payments=[("05.03.2026", "150 000")]))

    assert result.total == money("500")
    assert facts(result.warnings, "overpaid") == {"by": money("50 000")}


def test_a_payment_before_the_first_day_lowers_the_debt_from_the_start_and_is_warned_of():
    result = run(contract("01.03.2026", "10.03.2026", payments=[("20.02.2026", "40 000")]))

    assert [row.base for row in result.rows] == [money("60 000")]
    assert facts(result.warnings, "payment_before_start")["day"] == date(2026, 2, 20)


def test_a_payment_and_an_addition_after_the_last_day_are_left_out_and_warned_of():
    moves = {"payments": [("11.03.2026", "40 000")], "additions": [("12.03.2026", "1")]}
    result = run(contract("01.03.2026", "10.03.2026", **moves))

    assert result.total == money("1 000")
    assert {"payment_after_end", "addition_after_end"} <= codes(result.warnings)


# moratoria


def test_a_moratorium_at_the_beginning():
    question = contract("15.03.2022", "10.10.2022", exclude_moratoria=True, due_on=day("14.03.2022"))
    result = run(question, moratoria=[GENERAL])

    assert [(row.first_day, row.last_day) for row in result.rows] == [
        (date(2022, 3, 15), date(2022, 3, 31)),
        (date(2022, 10, 2), date(2022, 10, 10)),
    ]


@pytest.mark.parametrize(
    "first_day, last_day, counted",
    [
        ("01.04.2022", "10.10.2022", [("02.10.2022", "10.10.2022")]),
        ("01.10.2022", "10.10.2022", [("02.10.2022", "10.10.2022")]),
        ("02.10.2022", "10.10.2022", [("02.10.2022", "10.10.2022")]),
        ("20.03.2022", "01.04.2022", [("20.03.2022", "31.03.2022")]),
        ("20.03.2022", "01.10.2022", [("20.03.2022", "31.03.2022")]),
        ("01.05.2022", "31.05.2022", []),
    ],
)
def test_a_moratorium_at_either_end(first_day, last_day, counted):
    question = contract(first_day, last_day, exclude_moratoria=True, due_on=day("10.03.2022"))
    result = run(question, moratoria=[GENERAL])

    assert [(row.first_day, row.last_day) for row in result.rows] == [(day(a), day(b)) for a, b in counted]


def test_a_period_wholly_within_a_moratorium_gives_nothing_and_says_so():
    question = contract("01.05.2022", "31.05.2022", exclude_moratoria=True, due_on=day("10.03.2022"))
    result = run(question, moratoria=[GENERAL])

    assert (result.rows, result.total) == ([], money("0"))
    assert "nothing_counted" in codes(result.warnings)


def test_a_debt_that_arose_within_the_general_moratorium_is_not_under_it():
    question = contract("01.05.2022", "31.05.2022", exclude_moratoria=True)
    result = run(question, moratoria=[GENERAL])

    assert result.excluded == []
    assert facts(result.warnings, "moratorium_of_earlier_debts") == {
        "act": "ПП 497",
        "arisen_before": date(2022, 4, 1),
        "due": date(2022, 4, 30),
    }


@pytest.mark.parametrize("due_on, is_stopped", [("31.03.2022", True), ("01.04.2022", False)])
def test_a_debt_arose_in_time_if_its_term_ended_before_the_moratorium(due_on, is_stopped):
    question = contract("01.05.2022", "31.05.2022", exclude_moratoria=True, due_on=day(due_on))

    assert bool(run(question, moratoria=[GENERAL]).excluded) is is_stopped


def test_a_moratorium_of_other_rules_is_not_looked_at():
    question = contract("01.03.2024", "31.03.2024", exclude_moratoria=True)

    assert run(question, moratoria=[SHARED_2024]).excluded == []


def test_days_of_a_moratorium_count_where_that_is_not_asked_and_it_is_warned_of():
    result = run(contract("15.03.2022", "10.10.2022"), moratoria=[GENERAL])

    assert (result.days, result.excluded) == (210, [])
    assert facts(result.warnings, "moratorium_not_excluded")["act"] == "ПП 497"


def test_overlapping_moratoria_exclude_a_day_once_and_name_each():
    longer = ExemptPeriod("ПП 479", date(2022, 3, 29), date(2023, 6, 30), ALL_MODES)
    question = contract("01.03.2022", "31.07.2023", exclude_moratoria=True)
    result = run(question, moratoria=[GENERAL, longer])

    assert [(one.days, one.why.facts["acts"]) for one in result.excluded] == [
        (3, ("ПП 479",)),
        (184, ("ПП 497", "ПП 479")),
        (272, ("ПП 479",)),
    ]


def test_a_moratorium_with_no_end_yet_excludes_all_that_follows():
    endless = ExemptPeriod("act", date(2026, 3, 5), None, ALL_MODES)
    result = run(contract("01.03.2026", "31.12.2026", exclude_moratoria=True), moratoria=[endless])

    assert (result.days, result.excluded[0].last_day) == (4, date(2026, 12, 31))


def test_a_moratorium_that_limits_the_key_rate_does_so_for_terms_that_end_within_it():
    limiting = ExemptPeriod(
        "ПП 479", date(2022, 3, 29), date(2023, 6, 30), frozenset({Mode.SHARED_CONSTRUCTION}), rate_cap=Decimal("9.5")
    )
    question = {"due_on": day("10.04.2022"), "exclude_moratoria": True}
    result = run(
        asked(Mode.SHARED_CONSTRUCTION, "1 000 000", "01.07.2023", "10.07.2023", **question), moratoria=[limiting]
    )

    assert [row.rate for row in result.rows] == [Decimal("9.5")]
    assert "rate_capped" in codes(result.assumptions)


# limits


def test_the_row_that_reaches_the_limit_is_cut_and_the_day_is_told():
    result = run(asked(Mode.CONSUMER_WORK, "500 000", "01.11.2026", "10.12.2026"))

    assert [row.amount for row in result.rows] == [money("500 000")]
    assert facts(result.assumptions, "cap_reached") == {
        "limit": money("500 000"),
        "percent": Decimal(100),
        "on": date(2026, 12, 4),
        "without": money("600 000"),
    }


def test_rows_after_the_limit_give_nothing():
    paid = [("30.11.2026", "100 000"), ("10.12.2026", "100 000")]
    result = run(asked(Mode.CONSUMER_WORK, "500 000", "01.11.2026", "31.12.2026", payments=paid))

    assert [row.amount for row in result.rows] == [money("450 000"), money("50 000"), money("0")]


def test_the_limit_of_goods_leaves_what_had_accrued_before_it_came_into_force():
    before = run(asked(Mode.CONSUMER_GOODS, "10 000", "01.08.2025", "31.01.2026"))
    across = run(asked(Mode.CONSUMER_GOODS, "10 000", "01.08.2025", "31.03.2026"))

    assert before.total == money("18 400")
    assert across.total == money("18 400")
    assert "cap_changes_within" in codes(across.warnings)


def test_a_contract_has_no_limit_of_its_own():
    result = run(contract("01.01.2020", "31.12.2025"))

    assert result.total > money("200 000")
    assert "no_cap" in codes(result.assumptions)


# what is warned of


def test_an_old_last_rate_is_warned_of():
    question = asked(Mode.INTEREST_395, "3 500", "01.01.2026", "30.11.2026")

    assert facts(run(question).warnings, "key_rate_old") == {
        "rate": Decimal("14.00"),
        "effective_from": date(2026, 7, 27),
    }


@pytest.mark.parametrize("today, is_old", [("25.09.2026", False), ("26.09.2026", True)])
def test_a_rate_is_old_after_sixty_days(today, is_old):
    question = asked(Mode.INTEREST_395, "3 500", "01.01.2026", "31.07.2026")
    result = run(question, today=day(today))

    assert ("key_rate_old" in codes(result.warnings)) is is_old


def test_a_rate_that_was_looked_up_lately_is_not_old():
    *rest, last = [RatePoint(when, rate) for when, rate in RATE_ROWS]
    rates = KeyRates([*rest, RatePoint(last.effective_from, last.rate, confirmed_on=day("20.11.2026"))])
    question = asked(Mode.INTEREST_395, "3 500", "01.01.2026", "30.11.2026")

    assert codes(calculate(question, key_rates=rates, moratoria=[], today=TODAY).warnings) == set()


def test_an_old_last_rate_does_not_matter_where_it_does_not_count():
    earlier = asked(Mode.INTEREST_395, "3 500", "01.01.2026", "26.07.2026")
    fixed = asked(Mode.SHARED_CONSTRUCTION, "3 500", "01.08.2026", "30.11.2026", due_on=day("26.07.2026"))

    assert codes(run(earlier).warnings) == codes(run(fixed).warnings) == set()
    assert codes(run(contract("01.01.2026", "30.11.2026")).warnings) == set()


def test_days_still_to_come_are_warned_of():
    result = run(contract("01.03.2026", "10.03.2026"), today=date(2026, 3, 5))

    assert "days_to_come" in codes(result.warnings)


def test_every_result_says_last_that_it_is_no_legal_advice():
    for mode in Mode:
        rate = TENTH if mode == Mode.CONTRACT else None
        assert (
            run(asked(mode, "1 000", "01.03.2026", "10.03.2026", rate=rate)).assumptions[-1].code == "not_legal_advice"
        )


def test_no_rate_of_the_table_is_in_force_before_its_day():
    assert KEY_RATES.on(date(2024, 7, 28)).rate == Decimal(16)
    assert KEY_RATES.on(date(2024, 7, 29)).rate == Decimal(18)
    assert KEY_RATES.on(date(2013, 9, 12)) is None
