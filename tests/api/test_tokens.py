from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import ApiToken
from accounts.tokens import create_token
from claims_crm.models import Company

from ..factories import specialist as a_specialist
from .conftest import Api

pytestmark = pytest.mark.django_db


def knock(text):
    return Client(headers={"authorization": f"Bearer {text}"}).get("/api/v1/claims/").status_code


def test_the_command_prints_a_token_that_opens(specialist, capsys):
    call_command("create_api_token", specialist.username)
    text = capsys.readouterr().out.strip()

    assert knock(text) == 200
    assert text not in str(ApiToken.objects.values())


def test_the_command_makes_no_token_for_an_unknown_user():
    with pytest.raises(CommandError):
        call_command("create_api_token", "unknown")


@pytest.mark.parametrize("text", ["", "rgl_none", "ключ", "a b"])
def test_what_is_no_token_opens_nothing(text):
    assert knock(text.encode().decode("latin-1")) == 401


def test_a_token_is_good_until_its_time_is_over(specialist):
    with time_machine.travel("2026-05-15 12:00+03:00", tick=False) as clock:
        _token, text = create_token(specialist, name="site", days=30)

        clock.shift(timedelta(days=30, seconds=-1))
        assert knock(text) == 200
        clock.shift(timedelta(seconds=1))
        assert knock(text) == 401


def test_a_revoked_token_is_dead_at_once(specialist):
    token, text = create_token(specialist, name="site")
    token.delete()

    assert knock(text) == 401


def test_the_tokens_of_someone_switched_off_are_dead_at_once(specialist):
    _token, text = create_token(specialist, name="site")
    specialist.is_active = False
    specialist.save()

    assert knock(text) == 401


def test_a_person_may_have_several(specialist):
    texts = [create_token(specialist, name=name)[1] for name in ("site", "warehouse")]

    assert [knock(text) for text in texts] == [200, 200]


def test_its_last_use_is_noted_now_and_then(specialist, django_assert_num_queries):
    token, text = create_token(specialist, name="site")
    knock(text)
    token.refresh_from_db()
    first = token.last_used_at
    knock(text)
    token.refresh_from_db()

    assert timezone.now() - first < timedelta(minutes=1)
    assert token.last_used_at == first


@pytest.mark.parametrize("scopes, reads, writes", [(["read"], 200, 403), (["write"], 403, 201), (["settle"], 403, 403)])
def test_a_token_does_what_it_was_made_for(specialist, scopes, reads, writes):
    program = Api(specialist, *scopes)

    assert program.get("clients/").status_code == reads
    assert program.post("clients/", {"name": "Орлов"}).status_code == writes


# who is signed in


def test_whoever_is_signed_in_needs_no_token(client, specialist):
    client.force_login(specialist)

    assert client.get("/api/v1/claims/").status_code == 200


def test_but_writes_with_a_csrf_token_only(specialist):
    client = Client(enforce_csrf_checks=True)
    client.force_login(specialist)
    answer = client.post("/api/v1/clients/", {"name": "Орлов"}, "application/json")

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


# two-factor sign-in


@pytest.fixture
def everyone_needs_two_factors():
    Company.objects.update_or_create(pk=1, defaults={"two_factor": Company.TwoFactor.EVERYONE})
    Company.invalidate()


def test_a_token_is_no_way_around_a_second_factor(everyone_needs_two_factors, specialist, client):
    specialist.set_password("demo")
    specialist.save()
    _token, text = create_token(specialist, name="site")
    client.force_login(specialist)

    assert knock(text) == client.get("/api/v1/claims/").status_code == 403
    TOTPDevice.objects.create(user=specialist, name="phone")
    assert knock(text) == client.get("/api/v1/claims/").status_code == 200


def test_a_programs_own_user_who_cannot_sign_in_needs_none(everyone_needs_two_factors):
    program = a_specialist()
    program.set_unusable_password()
    program.save()

    assert knock(create_token(program, name="site")[1]) == 200
