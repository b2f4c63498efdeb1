"""Plays the scenarios through the services, day by day, with the clock set to each day."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from unittest.mock import patch

from django.utils import timezone

from accounts.models import User
from claims.models import Claim, Client, Ground, Pipeline, Stage
from claims.services import comment, create_claim, edit_claim, move
from claims_crm import days
from claims_crm.models import Company
from notifications.models import Notice, Task
from notifications.services import add_task, complete, sweep, tick
from payments.schedule import Part
from payments.services import replan, settle

from .scenarios import Scenario

READ_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class DemoUsers:
    """The three people of the demo, a user per role."""

    specialist: User
    accountant: User
    admin: User


def play(scenarios: list[Scenario], users: DemoUsers, today: date) -> None:
    """Play the scenarios in the order of their days, with the clock set to each day."""
    order = count()
    queue = [
        (today + timedelta(days=scenario.received), next(order), _play_claim(scenario, users, today))
        for scenario in scenarios
    ]
    heapq.heapify(queue)
    minutes = count()
    while queue:
        day, number, steps = heapq.heappop(queue)
        with _clock_at(day, next(minutes)) as moment:
            later = next(steps, None)
            sweep()
            Notice.objects.filter(created_at__gt=moment).update(
                created_at=moment, read_at=moment if day < today - READ_AFTER else None
            )
        if later is not None:
            heapq.heappush(queue, (max(day, later), number, steps))


@contextmanager
def _clock_at(day: date, minute: int) -> Iterator[datetime]:
    """Set the clock to the morning of `day` in the company's zone, never later than now; yield that moment."""
    morning = datetime.combine(day, time(9), Company.current().zone) + timedelta(minutes=minute % 480)
    moment = min(morning, timezone.now())
    with patch("django.utils.timezone.now", lambda: moment):
        yield moment


def _play_claim(scenario: Scenario, users: DemoUsers, today: date) -> Iterator[date]:
    """Play the claim's scenario; yield the day of each next step."""
    claim = _register(scenario, users)
    agreed_on = min(days.today() + timedelta(days=6), today)
    if scenario.stage or scenario.amounts:
        yield days.today() + timedelta(days=1)
        _move(claim, scenario.stage or 3, users.specialist)
    if scenario.agreed:
        yield agreed_on
        edit_claim(claim, by=users.specialist, agreed_amount=Decimal(scenario.agreed))
    if scenario.amounts:
        yield from _play_payments(claim, scenario, users, today)
    if scenario.rejected:
        yield today - timedelta(days=20)
        _reject(claim, scenario.rejected, users.specialist)
    if scenario.todo:
        title, in_days = scenario.todo
        add_task(claim, by=users.specialist, title=title, due_on=today + timedelta(days=in_days))
    for in_days, username, text in scenario.comments:
        yield today + timedelta(days=in_days)
        comment(claim, by=getattr(users, username), text=text)
    yield from (due for due in scenario.dues[scenario.paid :] if due <= today)  # left unpaid


def _play_payments(claim: Claim, scenario: Scenario, users: DemoUsers, today: date) -> Iterator[date]:
    parts = [Part(due, Decimal(amount)) for due, amount in zip(scenario.dues, scenario.amounts, strict=True)]
    for payment in replan(claim, by=users.specialist, parts=parts)[: scenario.paid]:
        yield min(payment.due_on, today)
        settle(payment, by=users.accountant, document_number=f"{payment.due_on:%m}{payment.pk:02}")
    if scenario.closed or scenario.ticked:
        yield days.today() + timedelta(days=2)
        _complete(claim, scenario, users.specialist)


def _register(scenario: Scenario, users: DemoUsers) -> Claim:
    kind = Client.Kind.COMPANY if scenario.is_company else Client.Kind.PERSON
    return create_claim(
        by=users.specialist,
        client=Client.objects.create(name=scenario.client, kind=kind, phone=scenario.phone),
        ground=Ground.objects.get(code=scenario.ground),
        pipeline=_pipeline(),
        subject=scenario.subject,
        contract_number=scenario.contract,
        site=scenario.site,
        specialist=users.specialist,
        accountant=users.accountant,
    )


def _pipeline() -> Pipeline:
    return Pipeline.objects.filter(is_active=True, stages__kind=Stage.Kind.PAYING).distinct()[0]


def _move(claim: Claim, number: int, by: User) -> None:
    """Move the claim to the funnel's open stage of this number, or to the last it has."""
    stages = list(claim.pipeline.stages.filter(kind=Stage.Kind.OPEN).order_by("position"))
    move(claim, stages[min(number, len(stages)) - 1], by=by)


def _complete(claim: Claim, scenario: Scenario, by: User) -> None:
    task = claim.tasks.open().filter(kind=Task.Kind.COMPLETE).first()
    if task is None:
        return
    for position in range(len(task.checklist) if scenario.closed else scenario.ticked):
        tick(task, by=by, position=position, done=True)
    if scenario.closed:
        complete(task, by=by)


def _reject(claim: Claim, reason: str, by: User) -> None:
    stage = claim.pipeline.first_stage(Stage.Kind.REJECTED)
    if stage is not None:
        move(claim, stage, by=by, reason=reason)
