"""Random lives of claims, step by step beside a model of plain integers; after each step every promise holds.

A failure prints the steps that led to it. `make test-long` and `make faults` run many more lives.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from claims.models import Claim, Stage
from claims.services import edit_claim, move
from claims_crm.days import add_months, month_end, today
from claims_crm.errors import BusinessRuleError
from claims_crm.money import from_kopecks, to_kopecks
from notifications.models import Task, TaskRule
from notifications.services import complete, sweep
from payments.models import Payment
from payments.schedule import MAX_COUNT, Part
from payments.services import (
    add,
    cancel,
    change_amount,
    claims_in_drift,
    reopen,
    replan,
    reschedule,
    schedule,
    settle,
    split,
)

from ..audit import audit_money
from ..factories import ClaimFactory, accountant, specialist

PLANNED, PAID, CANCELLED = Payment.Status.values
START = datetime(2026, 1, 10, 9, tzinfo=UTC)

sums = st.integers(1, 500_000)
which = st.integers(0, 1000)
soon = st.integers(-40, 120)


class Lives(RuleBasedStateMachine):
    """Two claims of one funnel. `model` is {claim: {payment: [status, kopecks, due date]}}."""

    @initialize(
        agreed=st.tuples(st.none() | sums, st.none() | sums),
        lead=st.integers(0, 3),
        goes_back=st.booleans(),
        demands_checklist=st.booleans(),
    )
    def begin(self, agreed, lead, goes_back, demands_checklist):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.user, self.specialist = accountant(), specialist()
        self.claims = [
            ClaimFactory(
                agreed_amount=amount and from_kopecks(amount), accountant=self.user, specialist=self.specialist
            )
            for amount in agreed
        ]
        TaskRule.objects.update(lead_working_days=lead)
        pipeline = self.claims[0].pipeline
        pipeline.goes_back, pipeline.demands_checklist = goes_back, demands_checklist
        pipeline.save()
        self.model = {claim.pk: {} for claim in self.claims}
        self.bulk = self.swept = False

    def teardown(self):
        if hasattr(self, "clock"):
            self.clock.stop()
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # what the model knows

    def a_claim(self, number):
        return self.claims[number % len(self.claims)]

    def a_payment(self, number, *statuses):
        """Return one of the payments of these statuses and its row of the model; (None, None) if there is none."""
        found = [
            (pk, row) for rows in self.model.values() for pk, row in rows.items() if row[0] in (statuses or (PLANNED,))
        ]
        if not found:
            return None, None
        pk, row = found[number % len(found)]
        return Payment.objects.get(pk=pk), row

    def any_payment(self, number):
        return self.a_payment(number, PLANNED, PAID, CANCELLED)

    def counted(self, claim):
        return [row for row in self.model[claim.pk].values() if row[0] != CANCELLED]

    def learn(self, payment):
        self.model[payment.claim_id][payment.pk] = [PLANNED, to_kopecks(payment.amount), payment.due_on]

    def is_final(self, claim):
        return Claim.objects.select_related("stage").get(pk=claim.pk).is_final

    def do(self, allowed, action):
        """Run the action; it must be refused exactly where the model does not allow it."""
        self.swept = False
        try:
            with transaction.atomic():
                result = action()
        except BusinessRuleError:
            if allowed:
                raise
            return None
        assert allowed, "done, and should have been refused"
        return result

    # laying out

    @rule(
        number=which, count=st.integers(1, 6), total=sums, start=soon, kind=st.sampled_from(["month_end", "same_day"])
    )
    def schedule(self, number, count, total, start, kind):
        claim, first = self.a_claim(number), today() + timedelta(days=start)
        fits = total >= count and len(self.counted(claim)) + count <= MAX_COUNT and not self.is_final(claim)
        payments = self.do(
            fits,
            lambda: schedule(claim, by=None, count=count, first_due_on=first, rule=kind, total=from_kopecks(total)),
        )
        for months, payment in enumerate(payments or []):
            self.learn(payment)
            day = add_months(first, months)
            assert payment.due_on == (month_end(day.year, day.month) if kind == "month_end" else day)
        if payments:
            assert sum(to_kopecks(payment.amount) for payment in payments) == total

    @rule(number=which, amount=st.integers(-1, 500_000), due=soon)
    def add(self, number, amount, due):
        claim = self.a_claim(number)
        payment = self.do(
            amount > 0 and not self.is_final(claim) and len(self.counted(claim)) < MAX_COUNT,
            lambda: add(claim, by=None, due_on=today() + timedelta(days=due), amount=from_kopecks(amount)),
        )
        if payment:
            self.learn(payment)

    @rule(number=which, parts=st.lists(st.tuples(soon, sums), max_size=5))
    def replan(self, number, parts):
        claim = self.a_claim(number)
        parts = [Part(today() + timedelta(days=due), from_kopecks(amount)) for due, amount in parts]
        payments = self.do(not self.is_final(claim), lambda: replan(claim, by=None, parts=parts))
        if payments is not None:
            for row in self.model[claim.pk].values():
                if row[0] == PLANNED:
                    row[0] = CANCELLED
            for payment in payments:
                self.learn(payment)
            assert [(payment.due_on, payment.amount) for payment in payments] == [(p.due_on, p.amount) for p in parts]

    # one payment

    @rule(number=which, ago=st.integers(-1, 30), twice=st.booleans())
    def settle(self, number, ago, twice):
        payment, row = self.any_payment(number)
        if payment:
            paid_on = today() - timedelta(days=ago)
            fits = row[0] == PAID or (row[0] == PLANNED and ago >= 0)
            done = self.do(fits, lambda: settle(payment, by=self.user, paid_on=paid_on))
            if done:
                assert done.changed == (row[0] == PLANNED)
                row[0] = PAID
            if done and twice:
                assert not settle(payment, by=self.user).changed

    @rule(number=which, amount=st.integers(-1, 600_000))
    def settle_a_part(self, number, amount):
        payment, row = self.a_payment(number)
        if payment:
            done = self.do(0 < amount <= row[1], lambda: settle(payment, by=self.user, amount=from_kopecks(amount)))
            if done:
                assert (done.rest is None) == (amount == row[1])
                if done.rest:
                    assert to_kopecks(done.rest.amount) == row[1] - amount
                    self.learn(done.rest)
                row[:2] = PAID, amount

    @rule(number=which, amount=sums)
    def split(self, number, amount):
        payment, row = self.any_payment(number)
        if payment:
            both = self.do(
                row[0] == PLANNED and amount < row[1], lambda: split(payment, by=None, amount=from_kopecks(amount))
            )
            if both:
                row[1] = amount
                self.learn(both[1])

    @rule(number=which, reason=st.sampled_from(["ошибка", " "]))
    def reopen(self, number, reason):
        payment, row = self.any_payment(number)
        if payment:
            done = self.do(
                row[0] == PAID and reason.strip() != "", lambda: reopen(payment, by=self.user, reason=reason)
            )
            if done:
                row[0] = PLANNED

    @rule(number=which, due=soon)
    def reschedule(self, number, due):
        payment, row = self.any_payment(number)
        if payment:
            day = today() + timedelta(days=due)
            if self.do(row[0] == PLANNED, lambda: reschedule(payment, by=None, due_on=day)):
                row[2] = day

    @rule(number=which, amount=st.integers(-1, 500_000))
    def change_amount(self, number, amount):
        payment, row = self.any_payment(number)
        if payment:
            done = self.do(
                row[0] == PLANNED and amount > 0,
                lambda: change_amount(payment, by=None, amount=from_kopecks(amount)),
            )
            if done:
                row[1] = amount

    @rule(number=which)
    def cancel(self, number):
        payment, row = self.any_payment(number)
        if payment and self.do(row[0] != PAID, lambda: cancel(payment, by=None)):
            row[0] = CANCELLED

    # the claim

    @rule(number=which, to=st.integers(0, 6), reason=st.sampled_from(["так решили", ""]))
    def move_by_hand(self, number, to, reason):
        claim = self.a_claim(number)
        stage = list(claim.pipeline.stages.order_by("position"))[to]
        try:
            with transaction.atomic():
                move(claim, stage, by=self.specialist, reason=reason)
        except BusinessRuleError:
            return
        self.swept = False
        if stage.is_final:
            for row in self.model[claim.pk].values():
                if row[0] == PLANNED:
                    row[0] = CANCELLED

    @rule(number=which, agreed=st.none() | sums)
    def agree_on_another_sum(self, number, agreed):
        claim = self.a_claim(number)
        paid = sum(row[1] for row in self.counted(claim) if row[0] == PAID)
        self.do(
            agreed is None or agreed >= paid or Claim.objects.get(pk=claim.pk).agreed_amount == from_kopecks(agreed),
            lambda: edit_claim(claim, by=None, agreed_amount=None if agreed is None else from_kopecks(agreed)),
        )

    @rule(number=which, all_ticked=st.booleans())
    def complete_a_task(self, number, all_ticked):
        tasks = list(Task.objects.open().order_by("pk"))
        if not tasks:
            return
        task = tasks[number % len(tasks)]
        demanded = task.claim.pipeline.demands_checklist
        closes = task.kind == Task.Kind.COMPLETE and task.claim.is_settled
        fits = task.kind == Task.Kind.PAY or (closes and (all_ticked or not demanded))
        ticked = range(len(task.checklist)) if all_ticked else [0]
        if self.do(fits, lambda: complete(task, by=self.user, ticked=ticked)):
            if task.kind == Task.Kind.PAY:
                self.model[task.claim_id][task.payment_id][0] = PAID
            else:
                assert self.is_final(task.claim)

    # past the services

    @rule(number=which, paid=st.booleans())
    def bulk_update_of_the_status(self, number, paid):
        claim = self.a_claim(number)
        rows = self.model[claim.pk]
        before, after = (PLANNED, PAID) if paid else (PAID, PLANNED)
        if not any(row[0] == before for row in rows.values()):
            return
        Payment.objects.filter(claim=claim, status=before).update(
            status=after, paid_on=today() if paid else None, paid_by=None, document_number=""
        )
        for row in rows.values():
            if row[0] == before:
                row[0] = after
        self.bulk, self.swept = True, False

    @rule(due=soon)
    def bulk_update_of_the_deadlines(self, due):
        day = today() + timedelta(days=due)
        Payment.objects.planned().update(due_on=day)
        for rows in self.model.values():
            for row in rows.values():
                if row[0] == PLANNED:
                    row[2] = day
        self.bulk, self.swept = True, False

    @rule(number=which)
    def bulk_delete_of_the_cancelled(self, number):
        claim = self.a_claim(number)
        claim.payments.filter(status=CANCELLED).delete()
        rows = self.model[claim.pk]
        self.model[claim.pk] = {pk: row for pk, row in rows.items() if row[0] != CANCELLED}

    # time

    @rule(days=st.integers(1, 45))
    def days_pass(self, days):
        self.traveller.shift(timedelta(days=days))
        self.swept = False

    @rule(twice=st.booleans())
    def sweep(self, twice):
        sweep()
        if twice:
            again = sweep()
            assert not any((again.raised, again.moved, again.ended, again.overdue, again.concluded)), again
        self.swept = True

    # what always holds

    @precondition(lambda self: hasattr(self, "model"))
    @invariant()
    def the_database_says_what_the_model_says(self):
        for claim_id, rows in self.model.items():
            there = Payment.objects.filter(claim=claim_id).values_list("pk", "status", "amount", "due_on")
            assert {pk: [status, to_kopecks(amount), due] for pk, status, amount, due in there} == rows
            claim = Claim.objects.get(pk=claim_id)
            planned = [row for row in rows.values() if row[0] == PLANNED]
            paid = sum(row[1] for row in rows.values() if row[0] == PAID)
            assert to_kopecks(claim.paid_amount) == paid
            assert to_kopecks(claim.scheduled_amount) == paid + sum(row[1] for row in planned)
            assert claim.next_due_on == min((row[2] for row in planned), default=None)
        assert not claims_in_drift().exists()

    @precondition(lambda self: hasattr(self, "model"))
    @invariant()
    def every_promise_holds(self):
        assert audit_money(bulk=self.bulk, swept=today() if self.swept else None) == []

    @precondition(lambda self: hasattr(self, "model"))
    @invariant()
    def a_closed_claim_waits_for_nothing(self):
        for claim in Claim.objects.select_related("stage", "pipeline"):
            assert (claim.closed_at is not None) == claim.stage.is_final
            if claim.pipeline.goes_back and claim.stage.kind == Stage.Kind.CLOSED and not self.bulk:
                assert claim.remaining_amount == Decimal(0)


def live(runs, steps):
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_few_lives():
    live(runs=4, steps=25)


@pytest.mark.long
@pytest.mark.django_db
def test_a_hundred_lives():
    live(runs=100, steps=25)


@pytest.mark.faults
@pytest.mark.django_db
def test_five_hundred_lives():
    live(runs=500, steps=40)
