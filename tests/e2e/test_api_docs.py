"""The page of the API works under our content security policy and loads nothing from other hosts."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_of_the_api_asks_nobody_else_for_anything(page, live_server):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    page.get_by_role("button", name="GET /api/v1/claims/", exact=True).first.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()

    assert asked
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
