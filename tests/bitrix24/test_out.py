"""What is done here is to be seen there."""

import pytest
import time_machine

from payments.services import settle

from ..factories import claim_with_payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(people):
    """The worked example, registered in good time."""
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        return claim_with_payments(*("1000", "1000", "1000", "500"), specialist=people[2], accountant=people[3])


@pytest.fixture
def deal(mirror, mirrored, portal, claim):
    mirrored()
    [deal] = portal.items[2].values()
    return deal


def items(portal):
    [kind] = portal.types
    return list(portal.items[kind].values())


def test_a_claim_is_a_deal(deal, portal, claim):
    assert deal["title"] == f"{claim.number} {claim.client.name}"
    assert (deal["opportunity"], deal["ufCrmRigelLeft"]) == ("3500.00", "3500.00|RUB")
    assert deal["assignedById"] == "2"
    assert portal.items[3][int(deal["contactId"])]["fm"]
    assert [item["closedate"] for item in items(portal)] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert {item["parentId2"] for item in items(portal)} == {str(deal["id"])}


def test_settling_moves_the_item_and_the_sums(deal, mirrored, portal, claim, people):
    settle(claim.payments.in_order()[0], by=people[3])
    portal.calls = 0
    mirrored()
    assert portal.calls == 1
    first = items(portal)[0]
    assert first["stageId"].endswith(":SUCCESS")
    assert deal["ufCrmRigelPaid"] == "1000.00|RUB"
    [summary] = portal.comments.values()
    assert "2\u00a0500,00" in summary["COMMENT"]
    assert int(summary["ID"]) in portal.pinned
