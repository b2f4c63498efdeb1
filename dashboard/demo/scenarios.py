"""The scenarios of the demo: what happens to each claim, in days relative to today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from claims_crm import days


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to one claim. Days are relative to today: -30 was 30 days ago. Amounts are whole roubles.

    `dues` are the due dates of `amounts`; the first `paid` of them were paid on time.
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


def all_scenarios(today: date) -> list[Scenario]:
    """Return the scenarios with their dates relative to `today`."""

    def month_ends(first: int, how_many: int) -> tuple[date, ...]:
        months = [days.add_months(today.replace(day=1), first + month) for month in range(how_many)]
        return tuple(days.month_end(month.year, month.month) for month in months)

    def monthly(days_ago: int, first: int, how_many: int) -> tuple[date, ...]:
        anchor = today - timedelta(days=days_ago)
        return tuple(days.add_months(anchor, first + month) for month in range(how_many))

    return [
        # The worked example of the documentation: 3 500 ₽, of which 2 000 ₽ are paid.
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
            "24-144",
            "Котова Оксана Дмитриевна",
            "Срыв срока отделки, 22 дня",
            received=-14,
            site="«Рейн 150», участок 22",
            phone="+7 900 000-77-31",
            stage=3,
            agreed=160_000,
        ),
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
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
        Scenario(
            "24-152",
            "Крылов Виктор Андреевич",
            "Не сдан в срок тёплый контур",
            received=-9,
            site="«Рейн 180», участок 51",
            phone="+7 900 000-12-48",
            stage=2,
            todo=("Запросить акт приёмки у прораба", 2),
        ),
        Scenario(
            "24-155",
            "Рябова Анна Михайловна",
            "Сквозит у французского балкона",
            received=-2,
            ground="quality",
            site="«Мозель 110», участок 20",
            phone="+7 900 000-13-27",
        ),
    ]
