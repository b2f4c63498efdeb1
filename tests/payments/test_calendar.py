"""The calendar: what is due by day, the list of a day, and a deadline moved on it."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
import time_machine
from django.urls import reverse

from claims_crm.models import Company, DayOff
from payments import calendar
from payments.models import Payment
from payments.services import cancel, reschedule, settle

from ..factories import ClaimFactory, PaymentFactory, claim_with_payments
from ..factories import accountant as an_accountant

pytestmark = pytest.mark.django_db

CALENDAR = "/payments/calendar/"


@pytest.fixture(autouse=True)
def may():
    """Monday, 18 May 2026, at noon in Moscow."""
    with time_machine.travel("2026-05-18 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def payment(accountant, specialist):
    """1 000 ₽ by Monday, 25 May."""
    claim = ClaimFactory(client__name="Захарова Ирина", accountant=accountant, specialist=specialist)
    return PaymentFactory(claim=claim, due_on=date(2026, 5, 25))


def drawn(user, **asked):
    return calendar.load_calendar(calendar.CalendarQuery.from_query({"whose": "all", **asked}, user), user)


def day_of(shown, day: str):
    return next(each for week in shown.weeks for each in week if each.date == date.fromisoformat(day))


def from_calendar(**asked) -> dict[str, str]:
    """Headers of a request that htmx sends from the calendar."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return {"HX-Request": "true", "X-Page": f"{CALENDAR}?{query}"}


def text_of(response) -> str:
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).replace("\u00a0", " ").split())


def row_of(response, payment) -> str:
    """The row of a payment in the list of the day."""
    return re.search(rf'<li id="payment-{payment.pk}".*?</li>', response.content.decode(), re.DOTALL)[0]


def toast_of(response) -> dict:
    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    return {**toast, "text": toast["text"].replace("\u00a0", " ")}


class TestPeriod:
    @pytest.mark.parametrize(
        ("asked", "key", "first", "last"),
        [
            ({}, "2026-05", "2026-04-27", "2026-05-31"),
            ({"month": "2026-11"}, "2026-11", "2026-10-26", "2026-12-06"),
            ({"month": "2027-02"}, "2027-02", "2027-02-01", "2027-02-28"),
            ({"week": "2026-W47"}, "2026-W47", "2026-11-16", "2026-11-22"),
            ({"week": "2020-W53"}, "2020-W53", "2020-12-28", "2021-01-03"),
            ({"day": "2026-11-25"}, "2026-11", "2026-10-26", "2026-12-06"),
        ],
    )
    def test_the_address_says_which_whole_weeks_are_drawn(self, accountant, asked, key, first, last):
        shown = drawn(accountant, **asked)
        assert shown.query.period.key == key
        assert (shown.weeks[0][0].date, shown.weeks[-1][-1].date) == (
            date.fromisoformat(first),
            date.fromisoformat(last),
        )
        assert {len(week) for week in shown.weeks} == {7}

    @pytest.mark.parametrize(
        "asked",
        [
            {"month": "2026-13"},
            {"month": "1999-12"},
            {"month": "9999-12"},
            {"month": "²026-11"},
            {"week": "2026-W60"},
            {"week": "W"},
            {"day": "2026-02-31"},
            {"day": "x" * 500, "whose": "theirs", "after": "planned.²"},
        ],
    )
    def test_what_makes_no_sense_is_passed_by(self, as_accountant, asked):
        response = as_accountant.get(CALENDAR, asked)
        assert response.status_code == 200
        assert response.context["calendar"].query.period.key == "2026-05"

    def test_time_has_a_beginning_and_an_end(self, as_accountant):
        assert as_accountant.get(CALENDAR, {"month": "2000-01"}).context["calendar"].previous == ""
        assert as_accountant.get(CALENDAR, {"month": "2100-12"}).context["calendar"].next == ""
        assert as_accountant.get(CALENDAR, {"week": "2100-W53"}).status_code == 200

    def test_the_day_of_the_list_is_the_one_asked_for_or_today_or_the_first_that_has_something(self, accountant):
        PaymentFactory(due_on=date(2026, 6, 5))
        assert drawn(accountant).day.date == date(2026, 5, 18)
        assert drawn(accountant, day="2026-05-20").day.date == date(2026, 5, 20)
        assert drawn(accountant, month="2026-06").day.date == date(2026, 6, 5)
        assert drawn(accountant, month="2026-07", day="2026-05-20").day.date == date(2026, 7, 1)


class TestDays:
    def test_the_sums_of_each_day_are_those_of_its_payments(self, accountant):
        random = Random(7)
        claims = [ClaimFactory(agreed_amount=None) for _ in "12"]
        claims[1].currency = "EUR"
        claims[1].save()
        today, statuses = date(2026, 5, 18), ("planned", "paid", "cancelled")
        expected: dict[str, Counter] = {"count": Counter(), "sum": Counter()}
        for _ in range(150):
            claim, status = random.choice(claims), random.choice(statuses)
            due_on = date(2026, 4, 20) + timedelta(days=random.randrange(50))
            amount = Decimal(random.randrange(1, 10**7)).scaleb(-2)
            paid = {"paid_on": today} if status == "paid" else {}
            PaymentFactory(claim=claim, due_on=due_on, amount=amount, status=status, **paid)
            if status != "cancelled":
                late = "overdue" if due_on < today else "due" if due_on == today else "planned"
                state = "paid" if status == "paid" else late
                expected["count"][due_on, state] += 1
                expected["sum"][due_on, state, claim.currency] += amount
        shown = drawn(accountant)
        for day in (each for week in shown.weeks for each in week):
            for state, total in day.states.items():
                assert total.count == expected["count"][day.date, state]
                sums = {currency: expected["sum"][day.date, state, currency] for currency in ("RUB", "EUR")}
                assert total.sums == {currency: amount for currency, amount in sums.items() if amount}
        whole = sum(count for (day, _state), count in expected["count"].items() if day.month == 5)
        assert shown.total.count == whole

    def test_the_heaviest_day_has_the_longest_bar_with_a_piece_for_each_state(self, accountant):
        for day, amount in ((20, 400), (21, 100), (21, 100)):
            PaymentFactory(due_on=date(2026, 5, day), amount=Decimal(amount))
        settle(Payment.objects.latest("pk"), by=accountant)
        shown = drawn(accountant)
        assert [(bar.state, bar.share) for bar in day_of(shown, "2026-05-20").bars] == [("planned", 100)]
        assert [(bar.state, bar.share) for bar in day_of(shown, "2026-05-21").bars] == [("paid", 25), ("planned", 25)]

    def test_a_sum_too_long_for_a_cell_is_brief_there_and_exact_in_the_list(self, as_accountant, accountant):
        PaymentFactory(due_on=date(2026, 5, 20), amount=Decimal("1437500000.50"), claim__accountant=accountant)
        page = as_accountant.get(CALENDAR, {"day": "2026-05-20"})
        assert day_of(page.context["calendar"], "2026-05-20").brief_sum == "1,44\u00a0млрд\u00a0₽"
        assert "Среда, 20 мая 1 437 500 000,50 ₽" in text_of(page)

    def test_a_day_names_its_first_payments_and_says_how_many_more_there_are(self, accountant):
        for _ in range(5):
            PaymentFactory(due_on=date(2026, 5, 20))
        month, week = drawn(accountant), drawn(accountant, week="2026-W21")
        assert (len(day_of(month, "2026-05-20").named), day_of(month, "2026-05-20").unnamed) == (2, 3)
        assert (len(day_of(week, "2026-05-20").named), day_of(week, "2026-05-20").unnamed) == (5, 0)

    def test_days_off_are_those_of_the_official_calendar_and_the_companys_own(self, as_accountant, accountant):
        DayOff.objects.create(day=date(2026, 5, 21))
        DayOff.objects.create(day=date(2026, 5, 23), is_working=True)
        shown = drawn(accountant)
        off = {day.date.day for week in shown.weeks for day in week if day.is_off and day.is_own}
        assert off == {1, 2, 3, 9, 10, 11, 16, 17, 21, 24, 30, 31}
        said = text_of(as_accountant.get(CALENDAR))
        assert "21 выходной" in said
        assert "23 рабочий" in said

    def test_states_are_told_in_words(self, as_accountant, accountant):
        for day in (15, 18, 25, 26):
            PaymentFactory(due_on=date(2026, 5, day), claim__accountant=accountant)
        settle(Payment.objects.latest("pk"), by=accountant)
        page = as_accountant.get(CALENDAR).content.decode()
        for label in (
            "15 мая, пятница: 1 выплата, 1 000,00 ₽; Просрочено 1",
            "18 мая, понедельник: 1 выплата, 1 000,00 ₽; Сегодня 1",
            "25 мая, понедельник: 1 выплата, 1 000,00 ₽; Запланировано 1",
            "26 мая, вторник: 1 выплата, 1 000,00 ₽; Оплачено 1",
            "31 мая, воскресенье, выходной, лучше до пятницы 29 мая: выплат нет",
        ):
            assert f'aria-label="{label}"' in page.replace("\u00a0", " ")

    def test_own_claims_and_nobodys_are_shown_at_first_everyones_on_demand(self, as_accountant, accountant):
        for owner in (accountant, None, an_accountant()):
            PaymentFactory(claim__accountant=owner, due_on=date(2026, 5, 20))
        mine, everyones = (as_accountant.get(CALENDAR, {"whose": whose}).context["calendar"] for whose in ("", "all"))
        assert (mine.total.count, everyones.total.count) == (2, 3)

    def test_what_a_specialist_may_not_see_is_not_in_the_sums(self, as_specialist, specialist, payment):
        PaymentFactory(due_on=date(2026, 5, 25), claim__client__name="Чужая")
        Company.objects.update(specialists_see=Company.Sees.OWN)
        Company.invalidate()
        page = as_specialist.get(CALENDAR, {"whose": "all", "day": "2026-05-25"})
        assert page.context["calendar"].total.count == 1
        assert "Чужая" not in text_of(page)

    def test_a_month_with_nothing_in_it_says_so_and_offers_everyones(self, as_accountant):
        said = text_of(as_accountant.get(CALENDAR, {"month": "2031-01"}))
        assert "В этом месяце нет ни одной выплаты." in said
        assert "Показать выплаты всех" in said

    @pytest.mark.parametrize("count", [2, 40])
    def test_a_page_takes_as_many_queries_however_much_is_due(
        self, as_accountant, accountant, django_assert_max_num_queries, count
    ):
        for _ in range(count):
            claim_with_payments("10", "20", "30", first_due_on=date(2026, 5, 31), accountant=accountant)
        asked = {"month": "2026-05", "day": "2026-05-31"}
        as_accountant.get(CALENDAR, asked)
        with django_assert_max_num_queries(16):
            assert as_accountant.get(CALENDAR, asked).status_code == 200


class TestListOfADay:
    def test_what_is_to_be_paid_comes_before_what_is_paid(self, as_accountant, accountant):
        first, second, third = (PaymentFactory(due_on=date(2026, 5, 25), claim__accountant=accountant) for _ in "123")
        settle(first, by=accountant)
        cancel(third, by=accountant)
        page = as_accountant.get(CALENDAR, {"day": "2026-05-25"}).content.decode()
        assert re.findall(r'id="payment-(\d+)"', page) == [str(second.pk), str(first.pk)]

    def test_a_long_list_comes_in_pages_that_neither_repeat_nor_miss(self, as_accountant, accountant):
        claim = ClaimFactory(accountant=accountant, agreed_amount=None)
        due_on, today = date(2026, 5, 25), date(2026, 5, 18)
        Payment.objects.bulk_create(
            Payment(claim=claim, due_on=due_on, amount=Decimal(1), status=status, paid_on=today if n % 2 else None)
            for n in range(120)
            for status in [("planned", "paid")[n % 2]]
        )
        seen, address = [], f"{CALENDAR}?day=2026-05-25"
        while address:
            page = as_accountant.get(address, headers=from_calendar()).content.decode()
            seen += re.findall(r'id="payment-(\d+)"', page)
            more = re.search(r'hx-get="(\?[^"]*after=[^"]+)"', page)
            address = f"{CALENDAR}{more[1].replace('&amp;', '&')}" if more else ""
        assert seen == [str(pk) for pk in claim.payments.order_by("-status", "pk").values_list("pk", flat=True)]

    def test_a_specialist_sees_the_list_and_no_button_to_pay(self, as_specialist, payment):
        page = as_specialist.get(CALENDAR, {"day": "2026-05-25"})
        assert "Захарова Ирина" in text_of(page)
        assert "/settle/" not in page.content.decode()
        assert "data-move" in page.content.decode()


class TestPaying:
    def test_the_row_the_day_and_the_sums_follow_in_the_same_answer(self, as_accountant, payment):
        address = reverse("payments:settle", args=[payment.pk])
        response = as_accountant.post(address, headers=from_calendar(day="2026-05-25"))
        assert Payment.objects.paid().get() == payment
        answer = response.content.decode()
        for part in ("calendar-grid", "day-head", "calendar-totals", "count-overdue", f"payment-{payment.pk}"):
            assert f'id="{part}"' in answer
        assert "Итого 1 000,00 ₽ · оплачено 1 000,00 ₽" in text_of(response)
        assert response.headers["HX-Reswap"] == "none"

    def test_undo_brings_the_row_back_as_it_was(self, as_accountant, payment):
        address = reverse("payments:settle", args=[payment.pk])
        paid = as_accountant.post(address, headers=from_calendar(day="2026-05-25"))
        assert "Оплачено" in row_of(paid, payment)
        undone = as_accountant.post(toast_of(paid)["undo"], headers=from_calendar(day="2026-05-25"))
        assert "Запланировано" in row_of(undone, payment)
        assert not Payment.objects.paid().exists()


class TestMoving:
    def move(self, client, payment, due_on, was="2026-05-25", **page):
        address = f"{reverse('payments:move', args=[payment.pk])}?due_on={due_on}&due_on_was={was}"
        return client.post(address, headers=from_calendar(**{"day": "2026-05-25", **page}))

    @pytest.mark.parametrize("role", ["as_accountant", "as_specialist"])
    def test_a_deadline_moves_and_both_days_follow(self, request, role, payment):
        response = self.move(request.getfixturevalue(role), payment, "2026-05-28")
        payment.refresh_from_db()
        assert payment.due_on == date(2026, 5, 28)
        answer = response.content.decode().replace("\u00a0", " ")
        assert 'aria-label="25 мая, понедельник: выплат нет"' in answer
        assert 'aria-label="28 мая, четверг: 1 выплата, 1 000,00 ₽; Запланировано 1"' in answer
        assert f'data-changed="payment-{payment.pk} "' in answer
        assert f'id="payment-{payment.pk}"' not in answer, "it has left the list of its day"
        assert toast_of(response)["text"] == f"Захарова Ирина, {payment.claim.number}: срок перенесён на 28 мая."

    def test_the_toast_takes_it_back(self, as_accountant, payment):
        undo = toast_of(self.move(as_accountant, payment, "2026-05-28"))["undo"]
        response = as_accountant.post(undo, headers=from_calendar(day="2026-05-25"))
        payment.refresh_from_db()
        assert payment.due_on == date(2026, 5, 25)
        assert f'id="payment-{payment.pk}"' in response.content.decode(), "it is in the list of its day again"

    def test_a_day_off_is_taken_and_told(self, as_accountant, payment):
        toast = toast_of(self.move(as_accountant, payment, "2026-05-31"))
        assert toast["text"].endswith("срок перенесён на 31 мая. Это выходной, лучше до пятницы 29 мая.")

    def test_what_another_has_moved_meanwhile_is_told_and_left(self, as_accountant, payment):
        reschedule(payment, by=None, due_on=date(2026, 5, 26))
        response = self.move(as_accountant, payment, "2026-05-28")
        payment.refresh_from_db()
        assert response.status_code == 409
        assert toast_of(response) == {"text": "Тем временем изменено: сейчас 26.05.2026.", "level": "bad"}
        assert payment.due_on == date(2026, 5, 26)

    @pytest.mark.parametrize("due_on", ["2101-01-01", "1999-12-31", "2026-02-31", "", "x"])
    def test_a_day_that_cannot_be_is_refused(self, as_accountant, payment, due_on):
        response = self.move(as_accountant, payment, due_on)
        payment.refresh_from_db()
        assert response.status_code == 409
        assert toast_of(response)["level"] == "bad"
        assert payment.due_on == date(2026, 5, 25)

    def test_a_paid_one_is_refused(self, as_accountant, accountant, payment):
        settle(payment, by=accountant)
        response = self.move(as_accountant, payment, "2026-05-28")
        assert response.status_code == 409
        assert "оплачена" in toast_of(response)["text"]

    def test_who_may_not_move_deadlines_is_refused(self, client, payment):
        reader = an_accountant()
        reader.groups.clear()
        client.force_login(reader)
        assert self.move(client, payment, "2026-05-28").status_code in (403, 404)

    def test_the_dialog_moves_it_too_and_is_taken_back_alike(self, as_accountant, payment):
        sent = {"payment": payment.pk, "due_on": "2026-05-28"}
        response = as_accountant.post(reverse("payments:reschedule"), sent, headers=from_calendar(day="2026-05-25"))
        as_accountant.post(toast_of(response)["undo"], headers=from_calendar(day="2026-05-25"))
        payment.refresh_from_db()
        assert payment.due_on == date(2026, 5, 25)
