"""Views of a list that people keep: a name for its filters and its order."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import resolve

from accounts.models import SavedView

from .. import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "X-Page": "/claims/?show=overdue&after=12&q="}


@pytest.fixture
def olga():
    return factories.specialist(username="olga")


@pytest.fixture
def signed_in(client, olga):
    client.force_login(olga)
    return client


def a_view(owner, **fields):
    return SavedView.objects.create(**{"owner": owner, "page": "claims:list", "name": "Late", **fields})


def drawn(user, address="/claims/"):
    request = RequestFactory().get(address)
    request.user, request.resolver_match = user, resolve("/claims/")
    return Template("{% load views %}{% saved_views %}").render(Context({"request": request}))


def test_a_list_is_saved_as_the_browser_shows_it(signed_in, olga):
    signed_in.post("/views/", {"page": "claims:list", "name": "  Late   ones ", "query": "show=work"}, headers=HTMX)
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.get_absolute_url()) == (olga, "Late ones", "/claims/?show=overdue")


def test_without_scripts_the_form_says_what_is_saved(signed_in):
    answer = signed_in.post("/views/", {"page": "claims:list", "name": "Mine", "query": "mine=on&after=3"})
    assert answer.url == "/claims/?mine=on"


def test_the_same_name_is_saved_anew(signed_in, olga):
    a_view(olga, name="Late", query="show=work")
    signed_in.post("/views/", {"page": "claims:list", "name": "Late", "is_shared": "on"}, headers=HTMX)
    view = SavedView.objects.get()
    assert (view.query, view.is_shared) == ("show=overdue", True)


def test_a_view_needs_a_name(signed_in):
    answer = signed_in.post("/views/", {"page": "claims:list", "name": " "}, headers=HTMX)
    assert answer.status_code == 422
    assert "id_name_error" in answer.content.decode()


@pytest.mark.parametrize("page", ["https://evil.example", "claims:detail", "x" * 80, ""])
def test_only_a_list_of_ours_is_saved(signed_in, page):
    assert signed_in.post("/views/", {"page": page, "name": "Evil"}).status_code == 400
    assert not SavedView.objects.exists()


def test_the_menu_has_ones_own_views_and_the_shared_ones(olga):
    anna = factories.accountant(username="anna")
    a_view(olga, name="My own")
    a_view(anna, name="Shared", is_shared=True)
    a_view(anna, name="Not shared")
    a_view(anna, name="Elsewhere", page="payments:worklist", is_shared=True)
    html = drawn(olga)
    assert ("My own" in html, "Shared" in html, "Not shared" in html, "Elsewhere" in html) == (True, True, False, False)


def test_the_button_names_the_view_that_is_on(olga):
    a_view(olga, name="My late ones", query="show=overdue&mine=on")
    assert "My late ones</button>" in drawn(olga, "/claims/?show=overdue&mine=on&after=7").replace("\n", "")


def test_the_menu_costs_one_query(olga, django_assert_max_num_queries):
    for number in range(5):
        a_view(olga, name=f"View {number}")
    with django_assert_max_num_queries(1):
        drawn(olga)


def test_only_its_owner_removes_a_view(signed_in, olga):
    mine = a_view(olga)
    hers = a_view(factories.accountant(), is_shared=True)
    assert signed_in.post(f"/views/{hers.pk}/remove/", headers=HTMX).status_code == 404
    signed_in.post(f"/views/{mine.pk}/remove/", headers=HTMX)
    assert SavedView.objects.get() == hers


def test_filters_taken_off_in_place_are_not_saved(signed_in):
    """The form was drawn with filters; the address, which is newer, has none."""
    bare = {"HX-Request": "true", "X-Page": "/claims/"}
    signed_in.post("/views/", {"page": "claims:list", "name": "All", "query": "show=overdue"}, headers=bare)
    assert SavedView.objects.get().query == ""


def test_an_address_that_is_none_is_not_saved(signed_in):
    forged = {"HX-Request": "true", "X-Page": "http://["}
    signed_in.post("/views/", {"page": "claims:list", "name": "All"}, headers=forged)
    assert SavedView.objects.get().query == ""
