"""What is done here is to be seen there."""

import pytest

from payments.services import settle

pytestmark = pytest.mark.django_db


def test_a_claim_is_a_deal(deal, portal, claim):
    assert deal["title"] == f"{claim.number} {claim.client.name}"
    assert (deal["opportunity"], deal["ufCrmRigelLeft"]) == ("3500.00", "3500.00|RUB")
    assert deal["assignedById"] == "2"
    assert portal.items[3][int(deal["contactId"])]["fm"]
    assert [item["closedate"] for item in portal.payments] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert {item["parentId2"] for item in portal.payments} == {str(deal["id"])}


def test_settling_moves_the_item_and_the_sums(deal, mirrored, portal, claim, people):
    settle(claim.payments.in_order()[0], by=people[3])
    portal.calls = 0
    mirrored()
    assert portal.calls == 1
    first = portal.payments[0]
    assert first["stageId"].endswith(":SUCCESS")
    assert deal["ufCrmRigelPaid"] == "1000.00|RUB"
    [summary] = portal.comments.values()
    assert "2\u00a0500,00" in summary["COMMENT"]
    assert int(summary["ID"]) in portal.pinned
