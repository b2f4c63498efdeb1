"""What cannot be calculated is refused with a sentence at its field, never with a crash."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_crm.errors import InvalidInput
from penalties.calculation import CalculationInput, DatedSum, KeyRates, Mode, calculate

from .law import KEY_RATES, TODAY, asked, day, run

WORK = asked(Mode.CONSUMER_WORK, "500 000", "01.11.2026", "20.11.2026")
A_SUM = Decimal("1.00")


def refused(question: CalculationInput, rates: KeyRates = KEY_RATES) -> str | None:
    with pytest.raises(InvalidInput) as refusal:
        calculate(question, key_rates=rates, moratoria=[], today=TODAY)
    assert str(refusal.value)
    return refusal.value.field


@pytest.mark.parametrize(
    "field, change",
    [
        ("base", {"base": Decimal("NaN")}),
        ("base", {"base": Decimal("sNaN")}),
        ("base", {"base": Decimal("Infinity")}),
        ("base", {"base": Decimal(0)}),
        ("base", {"base": Decimal(-5)}),
        ("base", {"base": Decimal("1E+999999")}),
        ("base", {"base": Decimal("0.001")}),
        ("to", {"last_day": day("31.10.2026")}),
        ("to", {"last_day": date(9999, 12, 31)}),
        ("from", {"first_day": date(1, 1, 1)}),
        ("due", {"due_on": date(1, 1, 1)}),
        ("due", {"due_on": day("01.11.2026")}),
        ("rate", {"rate": Decimal("2.99")}),
        ("rate", {"rate": Decimal("NaN")}),
        ("rate", {"rate": Decimal(101)}),
        ("rate", {"rate": Decimal("3.0000001")}),
        ("rate", {"mode": Mode.INTEREST_395, "rate": Decimal(3)}),
        ("rate", {"mode": Mode.SHARED_CONSTRUCTION, "rate": Decimal(3)}),
        ("rate", {"mode": Mode.CONTRACT}),
        ("rate", {"mode": Mode.CONTRACT, "rate": Decimal(0)}),
        ("cap", {"cap": Decimal(0)}),
        ("cap", {"cap": Decimal("-Infinity")}),
        ("cap", {"cap": Decimal("1E+50")}),
        ("citizen", {"citizen": True}),
        ("payments", {"payments": [DatedSum(day("05.11.2026"), A_SUM)] * 10_000}),
        ("additions", {"additions": [DatedSum(day("05.11.2026"), A_SUM)] * 1_001}),
        ("payments.1.amount", {"payments": [DatedSum(day("05.11.2026"), A_SUM), DatedSum(day("05.11.2026"), -A_SUM)]}),
        ("payments.0.date", {"payments": [DatedSum(date(1999, 12, 31), A_SUM)]}),
        ("additions.0.amount", {"additions": [DatedSum(day("05.11.2026"), Decimal("NaN"))]}),
        ("additions", {"additions": [DatedSum(day("05.11.2026"), Decimal("999999999999.99"))]}),
    ],
)
def test_it_is_refused_at_its_field(field, change):
    assert refused(replace(WORK, **change)) == field


def test_article_395_before_august_2016_went_by_other_rates():
    assert refused(asked(Mode.INTEREST_395, "1 000", "31.07.2016", "31.12.2016")) == "from"


def test_a_term_before_the_first_key_rate_is_refused():
    assert refused(asked(Mode.SHARED_CONSTRUCTION, "1 000", "13.09.2013", "31.12.2016")) == "due"


def test_a_term_before_2016_went_by_the_refinancing_rate_and_is_warned_of():
    result = run(asked(Mode.SHARED_CONSTRUCTION, "1 000", "01.09.2015", "31.12.2016"))

    assert "refinancing_rate" in {note.code for note in result.warnings}


def test_an_empty_table_of_rates_is_refused():
    assert refused(asked(Mode.INTEREST_395, "1 000", "01.03.2026", "31.03.2026"), KeyRates([])) == "from"


def test_a_result_that_no_column_holds_is_refused():
    question = asked(Mode.CONTRACT, "999 999 999 999,99", "01.01.2000", "31.12.2100", rate=Decimal(100))

    assert refused(question) == "base"


def test_a_thousand_payments_are_calculated():
    paid = [DatedSum(date(2020, 1, 1), A_SUM)] * 500 + [DatedSum(date(2020, 1, 1 + n % 28), A_SUM) for n in range(500)]
    result = run(replace(WORK, first_day=date(2019, 1, 1), payments=paid))

    assert len(result.rows) == 29


anything = st.decimals(allow_nan=True, allow_infinity=True)
any_day = st.dates()
any_changes = st.lists(st.builds(DatedSum, any_day, anything), max_size=3)


@settings(deadline=None)
@given(
    st.builds(
        CalculationInput,
        st.sampled_from(Mode),
        anything,
        any_day,
        any_day,
        rate=st.none() | anything,
        cap=st.none() | anything,
        due_on=st.none() | any_day,
        citizen=st.booleans(),
        payments=any_changes,
        additions=any_changes,
        exclude_moratoria=st.booleans(),
    )
)
def test_anything_at_all_is_calculated_or_refused(question):
    refusal = None
    try:
        run(question)
    except InvalidInput as error:
        refusal = error
    assert refusal is None or refusal.field
