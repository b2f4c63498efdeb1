"""Demo data: three people and claims in every stage, lived through the services day by day up to today."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from unittest.mock import patch

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from accounts.roles import Role
from claims.models import Claim, Client, Ground, Pipeline, Stage
from claims.services import comment, create_claim, edit_claim, move
from claims_crm import days
from claims_crm.models import Company
from payments.schedule import Part
from payments.services import replan, settle

from .models import Notice, Task
from .services import add_task, complete, sweep, tick

PASSWORD = "demo"  # noqa: S105
SEEN_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Cast:
    specialist: User
    accountant: User
    admin: User


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to one claim. Days are counted from today: -30 was a month ago.

    `dues` are the deadlines of `amounts`; the first `paid` of them were paid in time.
    """

    contract: str
    client: str
    subject: str
    received: int
    ground: str = "late"
    site: str = ""
    phone: str = ""
    is_company: bool = False
    stage: int = 0
    agreed: int = 0
    amounts: tuple[int, ...] = ()
    dues: tuple[date, ...] = ()
    paid: int = 0
    comments: tuple[tuple[int, str, str], ...] = ()
    todo: tuple[str, int] | None = None
    ticked: int = 0
    closed: bool = False
    rejected: str = ""


@transaction.atomic
def make() -> int:
    """Make what of the demo is not there yet; return how many claims that was."""
    with translation.override("ru"):
        cast = Cast(
            specialist=_person("specialist", "Ольга", "Демидова", role=Role.SPECIALIST),
            accountant=_person("accountant", "Марина", "Белова", role=Role.ACCOUNTANT),
            admin=_person("admin", "Игорь", "Савин", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True),
        )
        company = Company.current()
        if not company.name:
            company.name = "Фахверк-Дом"
            company.save()
        today = days.today()
        stories = [story for story in tell(today) if not _is_told(story)]
        if stories:
            _live(stories, cast, today)
            # The demo tells of the past; only what comes from now on is worth a letter.
            Notice.objects.filter(user__in=(cast.specialist, cast.accountant, cast.admin)).update(mail=Notice.Mail.NONE)
        sweep()
    return len(stories)


def _person(username: str, first_name: str, last_name: str, *, role: Role, **rights: bool) -> User:
    user, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{username}@rigel.example",
            **rights,
        },
    )
    if is_new:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        user.groups.add(Group.objects.get(name=role))
    return user


def _is_told(story: Story) -> bool:
    return Claim.objects.filter(contract_number=story.contract).exists()


# the stories


def tell(today: date) -> list[Story]:
    """Return the stories as they are seen from `today`."""

    def month_ends(first: int, how_many: int) -> tuple[date, ...]:
        months = [days.add_months(today.replace(day=1), first + month) for month in range(how_many)]
        return tuple(days.month_end(month.year, month.month) for month in months)

    def monthly(days_ago: int, first: int, how_many: int) -> tuple[date, ...]:
        anchor = today - timedelta(days=days_ago)
        return tuple(days.add_months(anchor, first + month) for month in range(how_many))

    return [
        # The worked example of the documentation: 3 500 ₽, of which 2 000 ₽ are paid.
        Story(
            "24-117",
            "Орлов Дмитрий Сергеевич",
            "Дом сдан на 46 дней позже срока по договору",
            received=-92,
            site="«Рейн 180», участок 46",
            phone="+7 900 000-14-18",
            agreed=3500,
            amounts=(1000, 1000, 1000, 500),
            dues=month_ends(-2, 4),
            paid=2,
            comments=(
                (
                    -6,
                    "specialist",
                    "@accountant клиент сменил банк, заявление приложила. Пожалуйста, дальше по новым реквизитам.",
                ),
                (-6, "accountant", "Реквизиты обновила, следующая выплата уйдёт уже на новый счёт."),
            ),
        ),
        Story(
            "24-098",
            "Захарова Ирина Павловна",
            "Промерзание остекления в гостиной",
            received=-85,
            ground="quality",
            site="«Майнц 140», участок 12",
            phone="+7 900 000-21-07",
            agreed=240_000,
            amounts=(80_000, 80_000, 80_000),
            dues=month_ends(-2, 3),
            paid=1,
            comments=((-1, "specialist", "Клиент спрашивает, когда придёт вторая часть. @accountant, что ответить?"),),
        ),
        Story(
            "24-103",
            "ИП Лебедев К. А.",
            "Перенос сдачи гостевого дома на 58 дней",
            received=-78,
            site="«Бинген 96», гостевой дом",
            is_company=True,
            agreed=412_000,
            amounts=(103_000,) * 4,
            dues=monthly(3, -2, 4),
            paid=2,
        ),
        Story(
            "24-085",
            "Гусев Антон Львович",
            "Протечка примыкания балкона",
            received=-70,
            ground="quality",
            site="«Рейн 150», участок 8",
            phone="+7 900 000-30-55",
            agreed=96_000,
            amounts=(24_000,) * 4,
            dues=monthly(0, -1, 4),
            paid=1,
        ),
        Story(
            "24-131",
            "Миронова Светлана Юрьевна",
            "Царапины на стеклопакете входной группы",
            received=-40,
            ground="quality",
            site="«Мозель 110», участок 3",
            phone="+7 900 000-41-12",
            agreed=45_000,
            amounts=(15_000, 15_000, 15_000),
            dues=monthly(-4, -1, 3),
            paid=1,
        ),
        Story(
            "24-076",
            "Клименко Егор Денисович",
            "Задержка поставки домокомплекта, 40 дней",
            received=-160,
            site="«Кобленц 210», участок 31",
            phone="+7 900 000-52-40",
            agreed=600_000,
            amounts=(50_000,) * 12,
            dues=month_ends(-5, 12),
            paid=5,
        ),
        Story(
            "24-140",
            "Васильев Глеб Романович",
            "Трещины в стойках каркаса веранды",
            received=-50,
            ground="quality",
            site="«Майнц 140», участок 17",
            phone="+7 900 000-63-09",
            agreed=260_000,
            amounts=(65_000, 65_000, 65_000),
            dues=month_ends(-1, 3),
            paid=1,
        ),
        Story(
            "24-144",
            "Котова Оксана Дмитриевна",
            "Срыв срока отделки, 22 дня",
            received=-14,
            site="«Рейн 150», участок 22",
            phone="+7 900 000-77-31",
            stage=3,
            agreed=160_000,
        ),
        Story(
            "24-061",
            "Беляев Константин Игоревич",
            "Замена подрядчиком марки утеплителя",
            received=-100,
            ground="other",
            site="«Бинген 96», участок 5",
            phone="+7 900 000-80-14",
            agreed=90_000,
            amounts=(30_000, 30_000),
            dues=month_ends(-2, 2),
            paid=2,
        ),
        Story(
            "24-052",
            "Анисимов Юрий Борисович",
            "Задержка монтажа кровли, 31 день",
            received=-110,
            site="«Мозель 110», участок 9",
            phone="+7 900 000-86-02",
            agreed=84_000,
            amounts=(28_000, 28_000, 28_000),
            dues=monthly(8, -2, 3),
            paid=3,
        ),
        Story(
            "24-047",
            "Щербакова Лидия Петровна",
            "Задержка сдачи дома, 83 дня",
            received=-120,
            site="«Кобленц 210», участок 2",
            phone="+7 900 000-90-66",
            agreed=120_000,
            amounts=(40_000, 40_000, 40_000),
            dues=month_ends(-3, 3),
            paid=3,
            ticked=1,
        ),
        Story(
            "24-033",
            "Фомина Алла Викторовна",
            "Перекос входной двери, щели в притворе",
            received=-150,
            ground="quality",
            site="«Рейн 180», участок 40",
            phone="+7 900 000-92-18",
            agreed=36_000,
            amounts=(12_000, 12_000, 12_000),
            dues=month_ends(-4, 3),
            paid=3,
            closed=True,
        ),
        Story(
            "24-139",
            "Суханова Вера Николаевна",
            "Скрип перекрытия второго этажа",
            received=-30,
            ground="quality",
            site="«Майнц 140», участок 11",
            phone="+7 900 000-95-73",
            stage=2,
            rejected="Осмотрели: перекрытие в норме, скрипит мебель. Акт осмотра отправлен клиенту.",
        ),
        Story(
            "24-151",
            "Симонов Артём Русланович",
            "Потёки на фасадной доске",
            received=-12,
            ground="quality",
            site="«Бинген 96», участок 14",
            phone="+7 900 000-11-90",
            stage=2,
            todo=("Выезд с инженером на «Бинген 96»", 1),
        ),
        Story(
            "24-152",
            "Крылов Виктор Андреевич",
            "Не сдан в срок тёплый контур",
            received=-9,
            site="«Рейн 180», участок 51",
            phone="+7 900 000-12-48",
            stage=2,
            todo=("Запросить акт приёмки у прораба", 2),
        ),
        Story(
            "24-155",
            "Рябова Анна Михайловна",
            "Сквозит у французского балкона",
            received=-2,
            ground="quality",
            site="«Мозель 110», участок 20",
            phone="+7 900 000-13-27",
        ),
    ]


# living them


def _live(stories: list[Story], cast: Cast, today: date) -> None:
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
