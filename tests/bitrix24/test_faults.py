"""Whatever fails between the two sides, at the end they are equal, nothing is doubled and our money is untouched."""

import math
import time
from contextlib import suppress
from copy import copy
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from statistics import median

import pytest
import time_machine
from django.db import connection
from django.db.models import Min
from django.db.models.base import ModelState
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bitrix24 import limits, snapshot, sync
from bitrix24.client import Client
from bitrix24.drain import mark_all
from bitrix24.models import Mirror, Mirrored
from bitrix24.receivers import listen
from claims.models import Claim, TimelineEntry
from claims.services import comment, edit_claim, move
from claims_crm.errors import BusinessRuleError
from jobs.lease import LeaseLost
from notifications.services import sweep as raise_tasks
from payments.models import Payment
from payments.services import add, cancel, reopen, reschedule, settle, split

from ..audit import audit_money
from ..factories import claim_with_payments
from .portal import faults
from .portal.errors import RestError
from .portal.limits import Limits
from .sides import differences

pytestmark = pytest.mark.django_db


def some_claims(count: int, people, *, first_due_on=date(2026, 1, 31)) -> list[Claim]:
    amounts = ("1000", "1000", "1000", "500")
    return [
        claim_with_payments(*amounts, first_due_on=first_due_on, specialist=people[2], accountant=people[3])
        for _number in range(count)
    ]


def many_claims(count: int, people) -> None:
    """So many like the first one, past the services: a claim, its four payments and its summary."""
    [first] = some_claims(1, people, first_due_on=date(2030, 1, 31))
    payments, summary = list(first.payments.all()), first.timeline.get(kind="summary")
    claims = Claim.objects.bulk_create(copied(first, number=f"{first.number}-{number}") for number in range(1, count))
    Payment.objects.bulk_create(copied(payment, claim=claim) for claim in claims for payment in payments)
    TimelineEntry.objects.bulk_create(copied(summary, claim=claim) for claim in claims)


def copied(row, **changes):
    row = copy(row)
    row.pk, row._state = None, ModelState()
    for name, value in changes.items():
        setattr(row, name, value)
    return row


class People:
    """Both sides at work at random, by a seed: here through the services, there in the portal's own pages."""

    def __init__(self, seed: int, portal, people) -> None:
        self.random, self.portal, self.people = Random(seed), portal, people

    def work(self) -> None:
        action = self.random.choice([self.here, self.here, self.there])
        with suppress(BusinessRuleError, RestError):  # not everything may be done at every moment
            action()

    def here(self) -> None:
        specialist, accountant = self.people[2], self.people[3]
        payments = Payment.objects.order_by("pk").select_related("claim")
        payment = payments[self.random.randrange(payments.count())]
        claim = payment.claim
        match self.random.randrange(9):
            case 0 | 1:
                settle(payment, by=accountant)
            case 2:
                reopen(payment, by=accountant, reason="Ошибка")
            case 3:
                reschedule(payment, by=accountant, due_on=payment.due_on + timedelta(days=self.random.randrange(1, 20)))
            case 4:
                split(payment, by=specialist, amount=Decimal(self.random.randrange(1, 400)))
            case 5:
                add(claim, by=specialist, due_on=date(2026, 9, 30), amount=Decimal(self.random.randrange(1, 900)))
            case 6:
                cancel(payment, by=specialist)
            case 7:
                comment(claim, by=specialist, text=f"Звонок [{self.random.random()}] $result[x]")
            case 8:
                edit_claim(claim, by=specialist, subject=f"Дом {self.random.random()}")

    def there(self) -> None:
        [kind] = self.portal.types
        item = self.random.choice(self.portal.payments or [None])
        if item is None:
            return
        update = {"method": "crm.item.update", "entityTypeId": kind, "id": item["id"]}
        by = self.random.choice([2, 3, 3, 3, 9])
        match self.random.randrange(7):
            case 0 | 1:
                paid = item["stageId"].rpartition(":")[0] + ":SUCCESS"
                self.portal.by(by, **update, fields={"stageId": paid})
            case 2:
                self.portal.by(by, **update, fields={"closedate": f"2026-10-{self.random.randrange(10, 28)}"})
            case 3:
                self.portal.by(by, **update, fields={"opportunity": "777"})
            case 4:
                fields = {"ENTITY_ID": item["parentId2"], "ENTITY_TYPE": "deal", "COMMENT": "Оттуда"}
                self.portal.by(by, "crm.timeline.comment.add", fields=fields)
            case 5 if self.portal.tasks:
                self.portal.by(by, "tasks.task.complete", taskId=self.random.choice(list(self.portal.tasks)))
            case 6:
                self.portal.by(by, "crm.item.delete", entityTypeId=kind, id=item["id"])


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("claims", "actions"),
    [
        (4, 20),
        pytest.param(4, 60, marks=pytest.mark.long),
        pytest.param(500, 4000, marks=pytest.mark.faults),
    ],
    ids=["little", "small", "full"],
)
def test_random_work_on_both_sides_with_random_faults(hurried, mirrored, portal, people, claims, actions):
    some_claims(claims, people)
    raise_tasks()
    workers = People(24, portal, people)
    portal.faults.share, portal.faults.of_commands = 0.25, 0.05
    for number in range(actions):
        workers.work()
        if number % 7 == 0:
            mirrored(patience=1)
    portal.faults.stop()
    mirrored()
    # What the sweep would find: no event is lost in this test, but what was refused may be told twice.
    mirrored()
    assert differences(portal) == []
    assert audit_money() == []
    assert portal.faults.happened > actions / 20


@pytest.mark.parametrize(
    "count", [2, pytest.param(6, marks=pytest.mark.long), pytest.param(500, marks=pytest.mark.faults)]
)
def test_a_time_out_after_success_doubles_nothing(mirrored, portal, people, count):
    for claim in some_claims(count, people):
        comment(claim, by=people[2], text="Позвонить")
        raise_tasks()
        portal.faults.next_calls(faults.NO_ANSWER)
        mirrored()
    assert portal.faults.happened >= count
    assert differences(portal) == []


@pytest.mark.parametrize("what", [faults.BROKEN_AFTER, faults.NO_ANSWER, faults.NO_CONNECTION, faults.BROKEN])
def test_each_call_of_a_claims_life_may_fail_first(mirrored, portal, people, what):
    portal.faults.next_calls(what, None, what)
    [claim] = some_claims(1, people)
    mirrored()
    portal.faults.next_calls(what)
    settle(claim.payments.in_order()[0], by=people[3])
    mirrored()
    assert differences(portal) == []
    assert audit_money() == []


def test_one_that_is_refused_does_not_hold_up_the_others(mirror, mirrored, portal, people):
    good, bad = some_claims(2, people)
    mirrored()
    Mirrored.objects.filter(kind="claim", local_id=bad.pk).update(pushed={})
    portal.users.pop(2)  # no employee can be made responsible any more
    settle(bad.payments.in_order()[0], by=people[3])
    settle(good.payments.in_order()[0], by=people[3])
    with pytest.raises(pytest.fail.Exception):
        mirrored(rounds=3)
    [deal] = [deal for deal in portal.items[2].values() if deal["originId"] == str(good.pk)]
    assert deal["ufCrmRigelPaid"] == "1000.00|RUB"
    assert "assignedById" in Mirrored.objects.claims().in_error().get().last_error


class TestPoison:
    """One object that cannot be dealt with waits alone."""

    @pytest.mark.logs_errors
    def test_a_claim_without_a_snapshot(self, mirror, mirrored, portal, people, monkeypatch):
        good, bad = some_claims(2, people)
        real = snapshot._build_snapshot

        def drawn(claim, plan):
            if claim.pk == bad.pk:
                raise KeyError
            return real(claim, plan)

        monkeypatch.setattr(snapshot, "_build_snapshot", drawn)
        mirrored(patience=2)
        assert [deal["originId"] for deal in portal.items[2].values()] == [str(good.pk)]
        assert Mirrored.objects.in_error().get().local_id == bad.pk
        monkeypatch.setattr(snapshot, "_build_snapshot", real)
        mirrored()
        assert differences(portal) == []
        assert not Mirrored.objects.in_error().exists()

    def test_a_claim_at_which_the_portal_breaks_down(self, mirror, mirrored, portal, people, monkeypatch):
        good, bad = some_claims(2, people)
        edit_claim(bad, by=people[2], subject="яд")
        real = portal._batch

        def batch(cmd, halt=0):
            if any("ufCrmRigelUrl" in command and "%D1%8F%D0%B4" in command for command in cmd.values()):
                raise RestError("INTERNAL_SERVER_ERROR", status=500)
            return real(cmd, halt)

        monkeypatch.setattr(portal, "_batch", batch)
        mirrored(patience=8)
        assert [deal["originId"] for deal in portal.items[2].values()] == [str(good.pk)]


def test_a_worker_that_was_away_too_long_sends_nothing_more(mirror, portal, people):
    some_claims(1, people)
    calls = portal.calls
    with sync.acquire_lease() as lease:
        Mirror.objects.update(busy_until=timezone.now() + timedelta(seconds=7))  # another one's
        with Client(before=lease.renew) as client, pytest.raises(LeaseLost):
            client.call("profile")
    assert portal.calls == calls
    assert Mirror.current().busy_until > timezone.now()


class TestCalls:
    def test_a_new_claim_with_four_payments_takes_one(self, mirrored, portal, people):
        portal.calls = 0
        some_claims(1, people)
        mirrored()
        assert portal.calls <= 2
        assert len(portal.payments) == 4

    def test_paying_takes_one_though_a_task_ends_by_it(self, mirrored, portal, people):
        [claim] = some_claims(1, people)
        raise_tasks()
        mirrored()
        portal.calls = 0
        settle(claim.payments.in_order()[0], by=people[3])
        mirrored()
        assert portal.calls == 1
        assert [task["status"] for task in portal.tasks.values()].count("5") == 1

    @pytest.mark.parametrize(
        "count", [pytest.param(60, marks=pytest.mark.long), pytest.param(10_000, marks=pytest.mark.faults)]
    )
    def test_a_full_sync_takes_little_more_than_the_least_within_the_limits(
        self, mirrored, portal, people, count, monkeypatch
    ):
        many_claims(count, people)
        mark_all()
        portal.limits = Limits(size=50, leak=2)
        portal.cost = 0.01  # each method may work for 480 s in ten minutes: 48,000 commands
        portal.calls = 0
        portal.commands.clear()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            begun = timezone.now()
            monkeypatch.setattr(limits, "sleep", clock.shift)
            Mirror.objects.update(bucket_size=50, bucket_leak=2, bucket_level=0, bucket_at=begun, pulled_at=begun)
            while Mirrored.objects.dirty().exists():
                if not sync.run(longest=60):
                    assert not Mirror.current().last_error
                clock.move_to(
                    max(timezone.now(), Mirrored.objects.dirty().aggregate(at=Min("next_attempt"))["at"] or begun)
                )
            took = timezone.now() - begun
        least = math.ceil(sum(portal.commands.values()) / 50)
        print(f"{portal.calls} calls, at least {least}; {took} of the portal's time, refused: {portal.limits.refused}")
        assert portal.calls <= 1.3 * least
        assert portal.limits.refused == 0
        assert differences(portal) == []


class TestBacklog:
    @pytest.mark.parametrize(
        ("count", "changes"),
        [
            (4, 40),
            pytest.param(10, 300, marks=pytest.mark.long),
            pytest.param(500, 50_000, marks=pytest.mark.faults),
        ],
        ids=["little", "small", "full"],
    )
    def test_a_portal_that_was_off_gets_the_last_state_of_each(self, mirrored, portal, people, count, changes):
        claims = some_claims(count, people)
        mirrored()
        portal.down = True
        random = Random(7)
        for number in range(changes):
            edit_claim(random.choice(claims), by=people[2], subject=f"{number}")
        for claim in claims[:5]:
            settle(claim.payments.in_order()[0], by=people[3])
        mirrored(patience=2)
        with time_machine.travel(timezone.now() + timedelta(hours=72)):
            portal.down, portal.calls = False, 0
            mirrored()
        assert differences(portal) == []
        print("calls to be equal again:", portal.calls)
        # What happened there meanwhile is asked, too; of ours a few batches for fifty claims: not one for each change.
        assert portal.calls <= 10 + 4 * math.ceil(count / 50)

    @pytest.mark.parametrize(
        ("count", "waiting"),
        [
            (4, 500),
            pytest.param(40, 500, marks=pytest.mark.long),
            pytest.param(40, 50_000, marks=pytest.mark.faults),
        ],
    )
    def test_paying_costs_the_same_however_much_waits_for_the_portal(self, mirrored, portal, people, count, waiting):
        claims = some_claims(count, people)
        mirrored()
        payments = [payment for claim in claims for payment in claim.payments.in_order()[:3]]
        with_nothing_waiting = statements(payments.pop(), by=people[3])
        portal.down = True
        Mirrored.objects.mark(range(10**6, 10**6 + waiting), timezone.now())
        seconds = []
        for on, off in zip(payments[::2], payments[1::2], strict=False):
            with_a_backlog, on_seconds = timed(statements, on, by=people[3])
            listen(to=False)
            switched_off, off_seconds = timed(statements, off, by=people[3])
            listen()
            seconds.append((on_seconds, off_seconds))
            assert with_a_backlog == with_nothing_waiting <= switched_off + 5
        medians = [round(1000 * median(each), 2) for each in zip(*seconds, strict=True)]
        print("ms to pay with a backlog, and switched off:", medians)


def statements(payment: Payment, *, by) -> int:
    with CaptureQueriesContext(connection) as queries:
        settle(payment, by=by)
    return len(queries)


def timed(work, *args, **options):
    begin = time.perf_counter()
    return work(*args, **options), time.perf_counter() - begin


def test_a_claim_closed_here_is_won_there(mirrored, portal, people):
    [claim] = some_claims(1, people)
    mirrored()
    for payment in claim.payments.in_order():
        settle(payment, by=people[3])
    move(claim, claim.pipeline.stages.get(kind="closed"), by=people[2])
    mirrored()
    [deal] = portal.items[2].values()
    assert deal["stageId"].endswith(":WON")
    assert differences(portal) == []
