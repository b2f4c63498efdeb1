"""What a program did is known by its token, wherever it is told who did it."""

import logging

import pytest

from claims.models import TimelineEntry
from payments.services import settle

pytestmark = pytest.mark.django_db


def test_the_timeline_tells_through_which_token_it_was_done(accountant_api, claim, payments):
    accountant_api.post(f"payments/{payments[0].pk}/settle/")

    entry = claim.timeline.get(kind=TimelineEntry.Kind.PAYMENT_SETTLED)
    assert (entry.author, entry.data["token"]) == (accountant_api.token.user, "tests")


def test_a_call_for_many_tells_it_too(accountant_api, claim, payments):
    accountant_api.post("payments/settle/", {"payments": [{"id": payment.pk} for payment in payments]})

    settled = claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED)
    assert [entry.data["token"] for entry in settled] == ["tests"] * 4


def test_the_name_stays_when_the_token_is_revoked(accountant_api, claim, payments, client):
    accountant_api.post(f"payments/{payments[0].pk}/settle/")
    accountant_api.post(f"claims/{claim.pk}/comments/", {"text": "Оплачено банком"})
    accountant_api.token.delete()
    client.force_login(claim.specialist)

    for page in ("", "history/"):
        assert "tests»" in client.get(f"/claims/{claim.pk}/{page}").content.decode()


def test_what_a_person_does_names_no_token(accountant_api, claim, payments, accountant):
    accountant_api.post(f"payments/{payments[0].pk}/settle/")
    settle(payments[1], by=accountant)

    assert "token" not in claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED).latest("pk").data


def test_the_log_has_every_call_with_its_token_and_its_id(accountant_api, payments, caplog):
    with caplog.at_level(logging.INFO, logger="claims_crm.api.requests"):
        accountant_api.post(f"payments/{payments[0].pk}/settle/", **{"x-request-id": "call-417"})

    [line] = [record.getMessage() for record in caplog.records if "call-417" in record.getMessage()]
    assert line.startswith(
        f"POST /api/v1/payments/{payments[0].pk}/settle/ 200 {accountant_api.token.user.username} by token"
    )


def test_an_address_writes_no_line_of_its_own_into_the_log(accountant_api, caplog):
    with caplog.at_level(logging.INFO, "claims_crm.api.requests"):
        accountant_api.get("claims/x%0AGET /api/v1/ 200 somebody/")

    [line] = [record.getMessage() for record in caplog.records if record.name == "claims_crm.api.requests"]
    assert "\n" not in line
