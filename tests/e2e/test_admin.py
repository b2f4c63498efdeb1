import pytest

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_admin_works_under_its_own_policy(page, context, live_server, client):
    """Its theme needs inline scripts, which the strict policy of the other pages refuses."""
    client.force_login(factories.administrator(is_superuser=True))
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    page.goto("/admin/")
    page.goto("/admin/accounts/user/")

    assert page.get_by_role("link", name="user").count()
