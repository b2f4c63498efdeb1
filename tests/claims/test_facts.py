"""A fact of a claim is declared once (claims/facts.py); whatever shows or changes facts derives from that."""

import pytest
from django.contrib import admin

from claims.api.claims import ClaimIn, ClaimOut, NewClaim
from claims.facts import FACTS, Kind
from claims.forms import ClaimFactsForm, NewClaimForm
from claims.models import Claim
from claims.services import edit_claim
from claims.table_columns import COLUMNS
from claims.timeline_text import DAYS, LABELS, SUMS, describe

from ..factories import ClaimFactory

every_fact = pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)


def test_every_field_that_people_enter_is_a_fact():
    """What is left is given by the system, or entered when the claim is registered and then fixed."""
    entered = {field.name for field in Claim._meta.concrete_fields if field.editable and not field.primary_key}
    assert entered - FACTS.keys() == {"number", "pipeline", "stage", "currency"}


@every_fact
def test_a_fact_can_be_read_and_written_by_the_api(fact):
    assert {fact.name} <= set(ClaimOut.Meta.fields) & set(ClaimIn.Meta.fields) & set(NewClaim.Meta.fields)


@every_fact
def test_a_fact_is_in_its_forms_with_its_label(fact):
    for form, is_wanted in ((ClaimFactsForm, fact.in_form), (NewClaimForm, fact.in_new_form)):
        if is_wanted:
            assert str(form.base_fields[fact.name].label) == str(fact.label)


@every_fact
def test_a_fact_has_a_column_with_its_label(fact):
    if fact.column:
        assert str(COLUMNS[fact.column].label) == str(fact.label)
        assert bool(COLUMNS[fact.column].order) == (fact.kind in (Kind.DAY, Kind.SUM))


@every_fact
def test_the_history_names_a_fact_and_writes_it_by_its_kind(fact):
    assert str(LABELS[fact.name]) == str(fact.label)
    assert (fact.name in SUMS, fact.name in DAYS) == (fact.kind == Kind.SUM, fact.kind == Kind.DAY)


@every_fact
def test_the_admin_shows_a_fact(fact):
    shown = admin.site.get_model_admin(Claim).fields
    assert fact.name.replace("agreed_amount", "agreed") in shown


@pytest.mark.django_db
class TestOnPages:
    @pytest.fixture
    def claim(self):
        return ClaimFactory(site="Участок 12", contract_number="24/117", agreed_amount=350_000)

    def test_the_panel_shows_every_fact_that_is_not_empty(self, claim, as_specialist):
        page = as_specialist.get(claim.get_absolute_url()).content.decode()
        for fact in FACTS.values():
            if fact.in_panel and fact.value(claim):
                assert f"<dt>{fact.label}</dt>" in page

    @pytest.mark.parametrize("address", ["/claims/new/", "/claims/{pk}/edit/"])
    def test_a_form_has_the_field_of_each_of_its_facts_once(self, claim, as_specialist, address):
        form = as_specialist.get(address.format(pk=claim.pk)).content.decode()
        for fact in FACTS.values():
            is_in = fact.in_new_form if "new" in address else fact.in_form
            names = form.count(f'name="{fact.name}"')
            assert (names > 0) == (is_in or (fact.name == "client" and "new" in address)), fact.name
            if fact.kind != Kind.ROW:
                assert names <= 1, fact.name

    def test_a_changed_fact_stands_in_the_history(self, claim):
        edit_claim(claim, by=None, respond_by=claim.received_on)
        [change] = describe(claim.timeline.latest("pk"), claim).changes
        assert change.field == str(FACTS["respond_by"].label)
