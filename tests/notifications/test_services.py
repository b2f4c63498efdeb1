"""What raises tasks and notices, and what withdraws them."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from claims.models import Claim, Pipeline, Stage
from claims.services import comment, edit_claim, move
from claims_crm.models import Company, DayOff
from notifications.errors import ChecklistUnticked, TaskClosesItself, TaskEnded, TooLate
from notifications.models import Notice, Task, TaskRule
from notifications.notice_text import describe
from notifications.services import add_task, complete, sweep, tick, undo
from payments.models import Payment
from payments.services import add, cancel, reopen, reschedule, settle

from ..factories import ClaimFactory, accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer():
    return accountant()


@pytest.fixture
def owner():
    return specialist()


@pytest.fixture
def claim(owner, payer):
    """3 500 ₽ at the ends of January to April 2026, laid out in good time."""
    with time_machine.travel("2026-01-10 12:00+03:00", tick=False):
        return claim_with_payments("1000", "1000", "1000", "500", specialist=owner, accountant=payer)


@pytest.fixture
def paid_claim(claim, payer):
    with time_machine.travel("2026-05-02 12:00+03:00", tick=False):
        sweep()
        for payment in claim.payments.in_order():
            settle(payment, by=payer)
    return Claim.objects.get(pk=claim.pk)


def open_tasks(claim):
    return [(task.kind, task.due_on) for task in Task.objects.open().filter(claim=claim)]


def rule(trigger, **fields):
    TaskRule.objects.filter(trigger=trigger).update(**fields)


# the deadline sweep


def test_a_task_is_raised_once_however_often_the_sweep_runs(claim, payer):
    for _ in range(3):
        sweep(today=date(2026, 1, 31))
    task = Task.objects.get()
    assert (task.assignee, task.due_on) == (payer, date(2026, 1, 31))
    assert Notice.objects.filter(kind=Notice.Kind.TASK_RAISED, user=payer).count() == 1


def test_a_sweep_catches_up_after_days_without_one(claim):
    assert sweep(today=date(2026, 4, 3)).raised == 3
    assert [due_on for _, due_on in open_tasks(claim)] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def test_the_lead_is_counted_in_working_days_over_weekends_and_holidays(claim):
    rule("payment_due", lead_working_days=3)
    # 31 January 2026 is a Saturday: three working days before it are 28, 29 and 30 January.
    assert sweep(today=date(2026, 1, 27)).raised == 0
    assert sweep(today=date(2026, 1, 28)).raised == 1


def test_the_companys_own_day_off_makes_the_lead_longer(claim):
    rule("payment_due", lead_working_days=3)
    DayOff.objects.create(day=date(2026, 1, 29))
    assert sweep(today=date(2026, 1, 27)).raised == 1


def test_a_rule_that_is_switched_off_raises_nothing(claim):
    rule("payment_due", is_active=False)
    assert sweep(today=date(2026, 12, 31)).raised == 0


def test_a_payment_scheduled_past_its_deadline_has_its_task_at_once(owner, payer):
    claim = ClaimFactory(specialist=owner, accountant=payer)
    add(claim, by=owner, due_on=date(2026, 1, 31), amount=Decimal("3500"))
    assert open_tasks(claim) == [("pay", date(2026, 1, 31))]


def test_the_task_follows_the_deadline_that_moves(claim, owner):
    sweep(today=date(2026, 1, 31))
    reschedule(claim.payments.in_order()[0], by=owner, due_on=date(2026, 2, 15))
    assert open_tasks(claim)[0] == ("pay", date(2026, 2, 15))


def test_a_deadline_moved_past_the_services_is_followed_by_the_sweep(claim):
    sweep(today=date(2026, 1, 31))
    Payment.objects.filter(due_on=date(2026, 1, 31)).update(due_on=date(2026, 2, 10))
    assert sweep(today=date(2026, 1, 31)).moved == 1
    assert open_tasks(claim) == [("pay", date(2026, 2, 10))]


def test_the_task_of_a_cancelled_payment_is_withdrawn(claim, owner):
    sweep(today=date(2026, 1, 31))
    cancel(claim.payments.in_order()[0], by=owner)
    assert Task.objects.get().status == Task.Status.CANCELLED


def test_with_no_accountant_every_accountant_is_notified_and_may_do_it(payer, owner):
    other = accountant()
    claim = ClaimFactory(specialist=owner)
    add(claim, by=owner, due_on=date(2026, 1, 31), amount=Decimal("3500"))
    task = Task.objects.get()
    assert task.assignee is None
    assert set(Task.objects.for_user(other)) == {task}
    assert not Task.objects.for_user(owner).exists()
    assert set(Notice.objects.values_list("user", flat=True)) == {payer.pk, other.pk}


# overdue payments


def notified_on(claim, *days):
    """Run the sweep on each of the days and return those on which the accountant was notified."""
    notified = []
    for day in days:
        before = Notice.objects.filter(kind=Notice.Kind.PAYMENT_OVERDUE, user=claim.accountant).count()
        sweep(today=date.fromisoformat(day))
        if Notice.objects.filter(kind=Notice.Kind.PAYMENT_OVERDUE, user=claim.accountant).count() > before:
            notified.append(day)
    return notified


def test_an_overdue_payment_is_notified_once_and_then_every_third_working_day(owner, payer):
    with time_machine.travel("2026-04-01 12:00+03:00", tick=False):
        claim = claim_with_payments("3500", first_due_on=date(2026, 4, 30), specialist=owner, accountant=payer)
    april, may = ["2026-04-30"], [f"2026-05-{day:02}" for day in range(1, 20)]
    # 1 to 3 May and 9 to 11 May 2026 are holidays and weekends.
    assert notified_on(claim, *april, *may) == ["2026-05-01", "2026-05-07", "2026-05-13", "2026-05-18"]
    assert Notice.objects.filter(kind=Notice.Kind.PAYMENT_OVERDUE, user=owner).count() == 4


def test_missed_repeats_are_notified_once(claim):
    assert notified_on(claim, "2026-02-27", "2026-02-27") == ["2026-02-27"]


def test_a_payment_overdue_again_after_its_deadline_moved_is_notified_again(claim, owner):
    first = claim.payments.in_order()[0]
    assert notified_on(claim, "2026-02-02") == ["2026-02-02"]
    reschedule(first, by=owner, due_on=date(2026, 2, 10))
    assert notified_on(claim, "2026-02-10", "2026-02-11") == ["2026-02-11"]


def test_a_paid_payment_causes_no_more_notices(claim, payer):
    sweep(today=date(2026, 2, 2))
    settle(claim.payments.in_order()[0], by=payer)
    assert notified_on(claim, "2026-02-20") == []


# all is paid


def test_paid_in_full_tells_the_specialist_and_raises_the_completion_task_once(paid_claim, owner):
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.COMPLETE]
    settled = Notice.objects.filter(kind=Notice.Kind.CLAIM_SETTLED)
    assert [notice.user for notice in settled] == [owner]


def test_with_its_rule_off_no_completion_task_is_raised(claim, payer):
    rule("all_paid", is_active=False)
    with time_machine.travel("2026-05-02 12:00+03:00", tick=False):
        for payment in claim.payments.in_order():
            settle(payment, by=payer)
    claim.refresh_from_db()
    assert claim.stage.kind == Stage.Kind.COMPLETING
    assert not Task.objects.filter(kind=Task.Kind.COMPLETE).exists()


def test_a_demanded_checklist_refuses_completion_until_all_is_ticked(paid_claim, owner):
    Pipeline.objects.update(demands_checklist=True)
    task = Task.objects.open().get()
    tick(task, by=owner, position=0, done=True)
    with pytest.raises(ChecklistUnticked):
        complete(task, by=owner)
    complete(task, by=owner, ticked=[0, 1, 2])
    paid_claim.refresh_from_db()
    assert paid_claim.stage.kind == Stage.Kind.CLOSED


def test_paid_but_short_of_the_agreed_sum_asks_to_schedule_the_rest(paid_claim, owner):
    edit_claim(paid_claim, by=owner, agreed_amount=Decimal("5000"))
    task = Task.objects.open().get()
    assert (task.kind, task.assignee) == (Task.Kind.SCHEDULE, owner)
    with pytest.raises(TaskClosesItself):
        complete(task, by=owner)
    add(paid_claim, by=owner, due_on=date(2030, 1, 31), amount=Decimal("1500"))
    task.refresh_from_db()
    assert task.status == Task.Status.DONE


def test_a_withdrawn_task_is_not_completed(paid_claim, owner, payer):
    task = Task.objects.open().get()
    reopen(paid_claim.payments.first(), by=payer, reason="не тот счёт")
    with pytest.raises(TaskEnded):
        complete(task, by=owner)


# stages, people, words


def test_a_stage_rule_raises_its_task_when_the_stage_is_entered(owner):
    claim = ClaimFactory(specialist=owner, agreed_amount=None)
    review = claim.pipeline.stages.get(name_en="Review")
    TaskRule.objects.create(
        pipeline=claim.pipeline,
        trigger="stage_entered",
        stage=review,
        role="specialists",
        title_ru="Осмотреть дом: {client}",
        title_en="Look at the house: {client}",
    )
    move(claim, review, by=owner)
    task = Task.objects.open().get()
    assert (task.kind, task.assignee, task.title) == (
        Task.Kind.MANUAL,
        owner,
        f"Осмотреть дом: {claim.client.name}",
    )


def test_a_claim_closed_by_hand_leaves_no_task_of_the_system(claim, owner):
    sweep(today=date(2026, 1, 31))
    closed = claim.pipeline.first_stage(Stage.Kind.CLOSED)
    move(claim, closed, by=owner, reason="клиент отказался")
    assert not Task.objects.open().exists()


def test_open_tasks_go_to_the_new_accountant(claim, owner):
    sweep(today=date(2026, 1, 31))
    other = accountant()
    edit_claim(claim, by=owner, accountant=other)
    assert Task.objects.get().assignee == other


def test_a_new_funnel_starts_with_the_default_rules():
    pipeline = Pipeline.objects.create(name_ru="Гарантия", name_en="Warranty", number_prefix="Г")
    assert set(pipeline.rules.values_list("trigger", flat=True)) == {"payment_due", "all_paid", "under_scheduled"}


def test_those_mentioned_are_notified_but_not_the_author(claim, owner, payer):
    comment(claim, by=owner, text=f"@{payer.username} и @{owner.username}, @никого")
    assert [(notice.user, notice.kind) for notice in Notice.objects.all()] == [(payer, Notice.Kind.MENTION)]


def test_a_notice_of_a_mention_calls_people_by_their_names(claim, owner, payer):
    comment(claim, by=owner, text=f"@{payer.username}, оплатите; @никого")
    [notice] = Notice.objects.with_related()
    assert describe(notice).text == f"{owner.name}: @{payer.name}, оплатите; @никого"


def test_a_user_who_may_not_see_the_claim_gets_no_notice_of_a_mention(claim, owner):
    Company.objects.update(specialists_see=Company.Sees.OWN)
    Company.invalidate()
    other = specialist()
    comment(claim, by=owner, text=f"@{other.username} взгляни")
    assert not Notice.objects.exists()


def test_a_user_without_mail_is_notified_in_the_bell_only(claim, payer):
    payer.mail_tasks = False
    payer.save()
    sweep(today=date(2026, 1, 31))
    assert Notice.objects.get(user=payer).mail == Notice.Mail.NONE


# by hand


def test_a_task_by_hand_tells_who_is_to_do_it_but_not_oneself(claim, owner, payer):
    add_task(claim, by=owner, title="Позвонить")
    assert not Notice.objects.exists()
    add_task(claim, by=owner, title="Сверить счёт", assignee=payer)
    assert Notice.objects.get().user == payer


def test_a_task_just_completed_can_be_undone_by_its_user(claim, owner):
    task = complete(add_task(claim, by=owner, title="Позвонить"), by=owner)
    assert undo(task, by=owner).is_open


def test_undoing_a_pay_task_plans_the_payment_again(claim, payer):
    with time_machine.travel("2026-01-31 12:00+03:00", tick=False):
        sweep()
        task = complete(Task.objects.get(), by=payer)
        assert task.payment.is_paid
        task = undo(task, by=payer)
    assert task.is_open
    claim.refresh_from_db()
    assert claim.paid_amount == 0


def test_undo_is_refused_to_others_and_after_its_time(claim, owner, payer):
    with time_machine.travel("2026-01-20 12:00+03:00", tick=False):
        task = complete(add_task(claim, by=owner, title="Позвонить"), by=owner)
        with pytest.raises(TooLate):
            undo(task, by=payer)
    with time_machine.travel("2026-01-20 12:02+03:00", tick=False), pytest.raises(TooLate):
        undo(task, by=owner)


def test_closing_the_claim_cannot_be_undone_from_the_task(paid_claim, owner):
    task = complete(Task.objects.open().get(), by=owner)
    with pytest.raises(TooLate):
        undo(task, by=owner)


def test_a_claim_that_returns_to_completing_has_its_task_again(paid_claim, owner):
    complete(Task.objects.open().get(), by=owner)
    move(paid_claim, paid_claim.pipeline.first_stage(Stage.Kind.COMPLETING), by=owner)
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.COMPLETE]


def take_money_back_past_the_services(claim):
    claim.payments.paid().update(status=Payment.Status.PLANNED, paid_on=None, paid_by=None)


def test_a_claim_no_longer_paid_in_full_is_not_closed_by_its_completion_task(paid_claim, owner):
    take_money_back_past_the_services(paid_claim)
    with pytest.raises(TaskEnded):
        complete(Task.objects.open().get(), by=owner)
    assert not paid_claim.payments.exclude(status=Payment.Status.PLANNED).exists()


def test_the_sweep_withdraws_it_even_where_the_funnel_does_not_go_back(paid_claim):
    Pipeline.objects.update(goes_back=False)
    take_money_back_past_the_services(paid_claim)
    assert sweep().concluded == 1
    assert not Task.objects.open().filter(kind=Task.Kind.COMPLETE).exists()
    assert sweep().concluded == 0


def test_the_sweep_ends_a_scheduling_task_of_a_schedule_that_is_short_no_more(may, owner):
    claim = claim_with_payments("1000", agreed_amount=Decimal(3500), specialist=owner)
    settle(claim.payments.get(), by=None)
    claim.payments.update(amount=Decimal(3500))
    assert sweep().concluded == 1
    assert not Task.objects.open().filter(kind=Task.Kind.SCHEDULE).exists()
