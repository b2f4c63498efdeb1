"""Tokens of the API in the profile: made with the password, shown once, revoked."""

import re

import pytest

from accounts.models import ApiToken
from accounts.tokens import create_token

from .. import factories

pytestmark = pytest.mark.django_db

PASSWORD = "long-enough-1"


@pytest.fixture
def user(client):
    user = factories.specialist()
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    return user


def make(client, **typed):
    form = {"name": "Сайт", "scopes": ["read"], "days": "30", "password": PASSWORD, **typed}
    return client.post("/profile/tokens/new/", form)


def test_a_token_is_shown_once_and_opens(client, user):
    answer = make(client)
    [text] = re.findall(r"<code>(rgl_[\w-]+)</code>", answer.text)

    assert client.get("/api/v1/claims/", headers={"authorization": f"Bearer {text}"}).status_code == 200
    assert text not in client.get("/profile/").text
    assert "no-store" in answer["Cache-Control"]


def test_it_is_made_as_it_was_asked_for(client, user):
    make(client, scopes=["read", "settle"], days="")
    token = user.api_tokens.get()

    assert (token.name, token.scopes, token.expires_at) == ("Сайт", ["read", "settle"], None)


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"password": "wrong"}, "password"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes"),
        ({"name": " "}, "name"),
        ({"days": "100000"}, "days"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(client, user, typed, field):
    answer = make(client, **typed)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not ApiToken.objects.exists()


def test_one_revokes_ones_own(client, user):
    token, _text = create_token(user, name="Сайт")
    others, _text = create_token(factories.specialist(), name="Склад")

    assert client.post(f"/profile/tokens/{token.pk}/revoke/").status_code == 302
    assert client.post(f"/profile/tokens/{others.pk}/revoke/").status_code == 404
    assert ApiToken.objects.get() == others


def test_revoking_in_the_page_leaves_the_rest_of_the_list(client, user):
    first, _text = create_token(user, name="Сайт")
    create_token(user, name="Склад")
    answer = client.post(f"/profile/tokens/{first.pk}/revoke/", headers={"HX-Request": "true"})

    assert "Склад" in answer.text
    assert "Сайт" not in answer.text


# the admin


def test_an_administrator_makes_a_token_for_a_program_and_sees_it_once(client):
    program = factories.specialist()
    client.force_login(factories.administrator())
    answer = client.post("/admin/accounts/apitoken/add/", {"user": program.pk, "name": "Склад", "scopes": ["read"]})
    [text] = re.findall(r"<code>(rgl_[\w-]+)</code>", answer.text)

    assert client.get("/api/v1/claims/", headers={"authorization": f"Bearer {text}"}).status_code == 200
    token = program.api_tokens.get()
    assert text not in client.get(f"/admin/accounts/apitoken/{token.pk}/change/").text
    client.post(f"/admin/accounts/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert not program.api_tokens.exists()


def test_an_administrator_makes_no_token_of_a_superuser(client):
    above = factories.administrator(is_superuser=True)
    client.force_login(factories.administrator())
    client.post("/admin/accounts/apitoken/add/", {"user": above.pk, "name": "Склад", "scopes": ["read"]})

    assert not ApiToken.objects.exists()
