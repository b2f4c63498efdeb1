"""An edit begun before another's change is refused with both values, and nothing typed is lost."""

from decimal import Decimal

import pytest

from claims.errors import ChangedMeanwhile
from claims.services import edit_claim, edit_client

pytestmark = pytest.mark.django_db


def form_of(response):
    """What a browser would send of the dialog as it is; what it was shown with must be among it."""
    page = response.content.decode()
    form = response.context["form"]
    assert all(f'name="{form[name].html_initial_name}"' in page for name in form.fields)
    fields = {form.add_prefix(name): form[name].value() for name in form.fields}
    hidden = {form[name].html_initial_name: form[name].initial for name in form.fields}
    shown = {name: getattr(value, "pk", value) for name, value in {**fields, **hidden}.items()}
    return {name: "" if value is None else str(value) for name, value in shown.items()}


@pytest.fixture
def url(claim):
    return f"/claims/{claim.pk}/edit/"


@pytest.fixture
def begun(as_specialist, claim, url):
    """The dialog, opened before somebody else changes the site and the sum."""
    form = form_of(as_specialist.get(url))
    edit_claim(claim, by=None, site="«Рейн 180»", agreed_amount=Decimal(4000))
    return form


def facts(claim):
    claim.refresh_from_db()
    return claim.site, claim.agreed_amount


def test_what_both_changed_is_refused_with_both_values(as_specialist, claim, url, begun, htmx):
    response = as_specialist.post(url, {**begun, "site": "«Майн 140»"}, headers=htmx)
    page = response.content.decode()
    assert response.status_code == 422
    assert "«Рейн 180»" in page
    assert 'value="«Майн 140»"' in page
    assert facts(claim)[0] == "«Рейн 180»"


def test_mine_saved_anew_is_meant(as_specialist, claim, url, begun, htmx):
    refused = as_specialist.post(url, {**begun, "site": "«Майн 140»"}, headers=htmx)
    again = {**begun, "site": "«Майн 140»", "initial-site": refused.context["form"].data["initial-site"]}
    assert as_specialist.post(url, again, headers=htmx).status_code == 204
    assert facts(claim) == ("«Майн 140»", Decimal(4000)), "what only they changed stays theirs"


def test_theirs_is_taken_by_one_click(as_specialist, claim, url, begun, htmx):
    response = as_specialist.post(url, {**begun, "site": "«Майн 140»", "theirs": "site"}, headers=htmx)
    assert response.status_code == 204
    assert facts(claim)[0] == "«Рейн 180»"


def test_taking_theirs_saves_nothing_else_unseen(as_specialist, claim, url, begun, htmx):
    mine = {**begun, "site": "«Майн 140»", "subject": "Трещина", "theirs": "site"}
    response = as_specialist.post(url, mine, headers=htmx)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="«Рейн 180»"' in page
    assert 'value="Трещина"' in page
    claim.refresh_from_db()
    assert claim.subject == "Дом сдан позже срока"


def test_what_only_one_changed_is_no_conflict(as_specialist, claim, url, begun, htmx):
    assert as_specialist.post(url, {**begun, "subject": "Трещина"}, headers=htmx).status_code == 204
    assert facts(claim) == ("«Рейн 180»", Decimal(4000))


def test_a_change_between_the_look_and_the_lock_is_found_too(claim):
    edit_claim(claim, by=None, site="«Рейн 180»")
    with pytest.raises(ChangedMeanwhile) as refused:
        edit_claim(claim, by=None, seen={"site": ""}, site="«Майн 140»")
    assert (refused.value.field, refused.value.now) == ("site", "«Рейн 180»")


def test_a_clients_details_are_kept_from_each_other_as_well(as_specialist, claim, htmx):
    url = f"/claims/{claim.pk}/client/"
    form = form_of(as_specialist.get(url))
    edit_client(claim.client, by=None, phone="+7 900 000-00-01")
    response = as_specialist.post(url, {**form, "phone": "+7 900 000-00-02"}, headers=htmx)
    assert response.status_code == 422
    assert "+7 900 000-00-01" in response.content.decode()
    assert as_specialist.post(url, {**form, "phone": "1", "theirs": "phone"}, headers=htmx).status_code == 204
    with pytest.raises(ChangedMeanwhile):
        edit_client(claim.client, by=None, seen={"phone": "1"}, phone="2")
