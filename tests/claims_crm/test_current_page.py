"""The page says which page it is: the header X-Page, or a form field without scripts; never the browser's address."""

import pytest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from claims_crm.web.urls import current_page, resolve_page


@pytest.fixture
def request_from():
    def make(data=None, **headers):
        request = RequestFactory().post("/payments/7/settle/", data or {}, headers=headers)
        request.htmx = HtmxDetails(request)
        return request

    return make


def test_the_header_names_the_page_and_its_filters(request_from):
    request = request_from(**{"HX-Request": "true", "X-Page": "/payments/?whose=all&when=week"})
    page, query = resolve_page(request)
    assert page.view_name == "payments:worklist"
    assert query.dict() == {"whose": "all", "when": "week"}


def test_the_address_of_the_browser_is_not_asked(request_from):
    request = request_from(**{"HX-Request": "true", "HX-Current-URL": "http://testserver/payments/?whose=all"})
    assert resolve_page(request)[0] is None
    assert current_page(request)[1].dict() == {}


def test_without_scripts_the_form_names_the_filters(request_from):
    path, query = current_page(request_from({"query": "whose=all"}))
    assert (path, query.dict()) == ("", {"whose": "all"})


@pytest.mark.parametrize("page", ["http://[", "/no/such/page/", "", "//other.example/payments/%00"])
def test_an_unknown_page_is_no_page(request_from, page):
    assert resolve_page(request_from(**{"HX-Request": "true", "X-Page": page}))[0] is None
