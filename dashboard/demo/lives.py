"""How the stories are lived: through the services, day by day, with the clock put back to each day."""

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

from .stories import Story

SEEN_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Cast:
    specialist: User
    accountant: User
    admin: User


def live(stories: list[Story], cast: Cast, today: date) -> None:
    """Let the stories happen in the order of their days, with the clock put back to each."""
    order = count()
    lives = [(today + timedelta(days=story.received), next(order), _life(story, cast, today)) for story in stories]
    heapq.heapify(lives)
    minutes = count()
    while lives:
        day, number, life = heapq.heappop(lives)
        with _clock(day, next(minutes)) as moment:
            later = next(life, None)
            sweep()
            Notice.objects.filter(created_at__gt=moment).update(
                created_at=moment, read_at=moment if day < today - SEEN_AFTER else None
            )
        if later is not None:
            heapq.heappush(lives, (max(day, later), number, life))


@contextmanager
def _clock(day: date, minute: int) -> Iterator[datetime]:
    """Make it the morning of `day` at the company. Not later than now: nothing of the demo is in the future."""
    morning = datetime.combine(day, time(9), Company.current().zone) + timedelta(minutes=minute % 480)
    moment = min(morning, timezone.now())
    with patch("django.utils.timezone.now", lambda: moment):
        yield moment


def _life(story: Story, cast: Cast, today: date) -> Iterator[date]:
    """Live the claim; yield the day on which it goes on."""
    claim = _register(story, cast)
    agreed_on = min(days.today() + timedelta(days=6), today)
    if story.stage or story.amounts:
        yield days.today() + timedelta(days=1)
        _move(claim, story.stage or 3, cast.specialist)
    if story.agreed:
        yield agreed_on
        edit_claim(claim, by=cast.specialist, agreed_amount=Decimal(story.agreed))
    if story.amounts:
        yield from _be_paid(claim, story, cast, today)
    if story.rejected:
        yield today - timedelta(days=20)
        _reject(claim, story.rejected, cast.specialist)
    if story.todo:
        title, in_days = story.todo
        add_task(claim, by=cast.specialist, title=title, due_on=today + timedelta(days=in_days))
    for in_days, username, text in story.comments:
        yield today + timedelta(days=in_days)
        comment(claim, by=getattr(cast, username), text=text)
    yield from (due for due in story.dues[story.paid :] if due <= today)  # nobody paid


def _be_paid(claim: Claim, story: Story, cast: Cast, today: date) -> Iterator[date]:
    parts = [Part(due, Decimal(amount)) for due, amount in zip(story.dues, story.amounts, strict=True)]
    for payment in replan(claim, by=cast.specialist, parts=parts)[: story.paid]:
        yield min(payment.due_on, today)
        settle(payment, by=cast.accountant, document_number=f"{payment.due_on:%m}{payment.pk:02}")
    if story.closed or story.ticked:
        yield days.today() + timedelta(days=2)
        _complete(claim, story, cast.specialist)


def _register(story: Story, cast: Cast) -> Claim:
    kind = Client.Kind.COMPANY if story.is_company else Client.Kind.PERSON
    return create_claim(
        by=cast.specialist,
        client=Client.objects.create(name=story.client, kind=kind, phone=story.phone),
        ground=Ground.objects.get(code=story.ground),
        pipeline=_pipeline(),
        subject=story.subject,
        contract_number=story.contract,
        site=story.site,
        specialist=cast.specialist,
        accountant=cast.accountant,
    )


def _pipeline() -> Pipeline:
    return Pipeline.objects.filter(is_active=True, stages__kind=Stage.Kind.PAYING).distinct()[0]


def _move(claim: Claim, number: int, by: User) -> None:
    """Move the claim to the funnel's open stage of this number, or to the last it has."""
    stages = list(claim.pipeline.stages.filter(kind=Stage.Kind.OPEN).order_by("position"))
    move(claim, stages[min(number, len(stages)) - 1], by=by)


def _complete(claim: Claim, story: Story, by: User) -> None:
    task = claim.tasks.open().filter(kind=Task.Kind.COMPLETE).first()
    if task is None:
        return
    for position in range(len(task.checklist) if story.closed else story.ticked):
        tick(task, by=by, position=position, done=True)
    if story.closed:
        complete(task, by=by)


def _reject(claim: Claim, reason: str, by: User) -> None:
    stage = claim.pipeline.first_stage(Stage.Kind.REJECTED)
    if stage is not None:
        move(claim, stage, by=by, reason=reason)
