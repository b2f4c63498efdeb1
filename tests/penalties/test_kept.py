"""A calculation kept with a claim stays as it was, whatever becomes of the tables."""

import json
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from hypothesis import given, settings

from claims_crm.errors import BusinessRuleError, InvalidInput
from claims_crm.models import Company
from penalties import permissions, services
from penalties.calculation import Mode
from penalties.calculation.encoding import decode_input, decode_result, encode_input, encode_result
from penalties.models import Calculation, KeyRate
from penalties.presentation import as_document

from ..factories import ClaimFactory, accountant, administrator, specialist
from .law import asked, money, run
from .test_properties import questions, tables

QUESTION = asked(Mode.INTEREST_395, "3 500", "01.01.2026", "30.11.2026", payments=[("31.03.2026", "500")])


@settings(deadline=None)
@given(questions(), tables)
def test_what_is_kept_is_read_as_it_was(question, moratoria):
    result = run(question, moratoria=moratoria)

    assert decode_input(json.loads(json.dumps(encode_input(question)))) == question
    again = decode_result(json.loads(json.dumps(encode_result(result))))
    assert again == result
    assert as_document(again) == as_document(result)


@pytest.fixture
def _november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("_november")
class TestKeeping:
    def test_it_says_what_was_asked_what_came_of_it_and_by_whom(self):
        claim, user = ClaimFactory(), specialist()
        kept = services.keep_calculation(claim, QUESTION, by=user)

        kept = claim.calculations.get(pk=kept.pk)
        assert (kept.mode, kept.made_by) == ("interest_395", user)
        assert kept.input == QUESTION
        assert kept.result == services.calculate(QUESTION)
        assert kept.total == kept.result.total

    def test_a_later_rate_changes_what_is_calculated_again_and_not_what_was_kept(self):
        kept = services.keep_calculation(ClaimFactory(), QUESTION, by=None)
        KeyRate.objects.create(effective_from=date(2026, 9, 14), rate=Decimal("13.5"))

        assert services.recalculate(kept).total < kept.total
        assert Calculation.objects.get().total == kept.total

    def test_what_cannot_be_calculated_is_not_kept(self):
        with pytest.raises(InvalidInput):
            services.keep_calculation(ClaimFactory(), asked(Mode.CONTRACT, "5", "01.01.2026", "02.01.2026"), by=None)
        assert not Calculation.objects.exists()

    def test_a_claim_in_another_currency_is_refused(self):
        claim = ClaimFactory()
        claim.currency = "EUR"
        with pytest.raises(BusinessRuleError, match="EUR"):
            services.keep_calculation(claim, QUESTION, by=None)

    def test_it_is_seen_by_those_who_see_the_claim(self):
        owner = specialist()
        services.keep_calculation(ClaimFactory(specialist=owner), QUESTION, by=owner)
        Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})

        assert Calculation.objects.visible_to(owner).exists()
        assert not Calculation.objects.visible_to(specialist()).exists()

    def test_specialists_and_administrators_keep_calculations(self):
        assert permissions.can_keep_calculation(specialist())
        assert permissions.can_keep_calculation(administrator())
        assert not permissions.can_keep_calculation(accountant())

    def test_an_enormous_result_fits_its_column(self):
        question = asked(
            Mode.CONTRACT, "999 999 999 999,99", "01.01.2026", "01.01.2026", rate=Decimal(100), cap=Decimal(100)
        )

        assert services.keep_calculation(ClaimFactory(), question, by=None).total == money("999 999 999 999,99")
