"""A change of claims is told once, at its end, whole."""

from decimal import Decimal

import pytest

from claims.changes import Change, changing
from claims.events import ClaimEdited, ClaimMoved
from claims.models import Claim
from claims.services import comment, edit_claim, move
from claims.signals import claim_changes, claim_changes_final
from payments.events import ClaimSettled, PaymentCancelled, PaymentSettled
from payments.services import settle

from .. import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """The changes that were told, each as [what the first signal saw, what the final one saw]."""
    first: list[list] = []
    final: list[list] = []

    def hear_first(sender, change, **kwargs):
        first.append(list(change.events))

    def hear_final(sender, change, **kwargs):
        final.append(list(change.events))

    claim_changes.connect(hear_first, sender=Change)
    claim_changes_final.connect(hear_final, sender=Change)
    yield first, final
    claim_changes.disconnect(hear_first, sender=Change)
    claim_changes_final.disconnect(hear_final, sender=Change)


def kinds(events):
    return [type(event).__name__ for event in events]


def test_a_change_is_told_once_with_what_follows_from_it(claim, accountant, told):
    claim.payments.exclude(pk=claim.payments.in_order().first().pk).delete()
    edit_claim(claim, by=None, agreed_amount=Decimal(1000))
    first, final = told
    first.clear()
    final.clear()
    settle(claim.payments.get(), by=accountant)
    assert len(first) == len(final) == 1
    assert kinds(first[0])[:3] == ["PaymentSettled", "ClaimMoved", "ClaimSettled"]
    assert "TaskRaised" in kinds(final[0])


def test_a_block_within_another_joins_its_change(claim, accountant, told):
    locked = Claim.objects.lock(claim.pk)
    with changing([locked], by=accountant) as change:
        settle(claim.payments.in_order()[0], by=accountant)
        settle(claim.payments.in_order()[1], by=accountant)
        assert told[1] == []
    assert len(told[1]) == 1
    assert len(change.of(PaymentSettled)) == 2
    assert locked.paid_amount == Decimal(2000), "the balance was recounted at the end"


def test_what_a_failed_block_recorded_is_not_told(claim, told):
    def fail():
        with changing([claim], by=None) as inner:
            inner.record(ClaimEdited(claim=claim.pk, changes={}))
            raise ZeroDivisionError

    with changing([claim], by=None), pytest.raises(ZeroDivisionError):
        fail()
    assert told[1] == [[]]


def test_a_change_that_fails_is_not_told_nor_joined_by_the_next(claim, told):
    with pytest.raises(ZeroDivisionError), changing([claim], by=None):
        raise ZeroDivisionError
    assert told[1] == []
    with changing([claim], by=None):
        pass
    assert told[1] == [[]]


def test_closing_a_claim_cancels_what_is_planned_in_the_same_change(claim, specialist, told):
    told[1].clear()
    move(claim, claim.pipeline.first_stage("closed"), by=specialist, reason="Agreed otherwise")
    [events] = told[1]
    assert kinds(events)[:2] == ["ClaimMoved", "PaymentCancelled"]
    assert len([event for event in events if isinstance(event, PaymentCancelled)]) == 4
    assert not any(isinstance(event, ClaimSettled) for event in events)
    [moved] = [event for event in events if isinstance(event, ClaimMoved)]
    assert (moved.stage_kind, moved.automatic) == ("closed", False)


def test_a_comment_is_told_with_those_it_mentions(claim, specialist, accountant, told):
    comment(claim, by=specialist, text=f"@{accountant.username}, when?")
    [event] = told[1][-1]
    assert event.mentioned == (accountant.pk,)


def test_events_hold_facts_not_rows(claim, accountant, told):
    settle(claim.payments.in_order()[0], by=accountant)
    for event in told[1][-1]:
        for name in event.__dataclass_fields__:
            assert not hasattr(getattr(event, name), "_meta"), f"{type(event).__name__}.{name} is a row"


def test_registering_a_claim_is_told(told):
    claim = factories.ClaimFactory()
    assert kinds(told[1][0]) == ["ClaimCreated"]
    assert told[1][0][0].claim == claim.pk
