"""The accountant's worklist and the claim's payments tab, as people use them."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from claims.models import Stage, TimelineEntry
from claims_crm.models import Company
from notifications.models import Task
from payments.models import Payment
from payments.services import cancel, change_amount, reopen, settle

from ..factories import ClaimFactory, ClientFactory, PaymentFactory, claim_with_payments
from ..factories import accountant as an_accountant
from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db

WORKLIST = "/payments/"


@pytest.fixture
def may():
    """Monday, 18 May 2026, at noon in Moscow."""
    with time_machine.travel("2026-05-18 12:00+03:00", tick=False) as clock:
        yield clock


@pytest.fixture
def claim(may, accountant, specialist):
    """3 500 ₽: paid by 30 April, the rest due on 31 May (Sunday), 30 June and 31 July."""
    claim = claim_with_payments(
        "1000", "1000", "1000", "500", first_due_on=date(2026, 4, 30), specialist=specialist, accountant=accountant
    )
    settle(claim.payments.in_order().first(), by=accountant)
    claim.refresh_from_db()
    return claim


@pytest.fixture
def payments(claim):
    return list(claim.payments.in_order())


def from_page(page: str, target: str = "") -> dict[str, str]:
    """Headers of a request that htmx sends from the page."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    return headers | ({"HX-Target": target} if target else {})


def tab_of(claim) -> str:
    return reverse("payments:claim", args=[claim.pk])


def text_of(response) -> str:
    """What the page says, without markup and with plain spaces."""
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).replace("\u00a0", " ").split())


def toast_of(response) -> dict:
    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    return {**toast, "text": toast["text"].replace("\u00a0", " ")}


class TestWorklist:
    def test_what_to_pay_now_is_on_top_in_groups_with_their_sums(self, as_accountant, accountant, claim):
        claim_with_payments("70", first_due_on=date(2026, 3, 31), accountant=accountant)
        PaymentFactory(claim=claim, due_on=date(2026, 5, 18), amount=Decimal("5.50"))
        PaymentFactory(claim=claim, due_on=date(2026, 5, 22), amount=Decimal(20))
        said = text_of(as_accountant.get(WORKLIST))
        for heading in (
            "Просрочено 1 70,00 ₽",
            "Сегодня 1 5,50 ₽",
            "На этой неделе 1 20,00 ₽",
            "Позже 3 2 500,00 ₽",
        ):
            assert heading in said
        assert said.index("31.03.2026") < said.index("18.05.2026") < said.index("22.05.2026") < said.index("31.05.2026")

    def test_the_strip_tells_what_is_late_and_what_is_ahead(self, as_accountant, accountant, claim):
        claim_with_payments("70", first_due_on=date(2026, 4, 30), accountant=accountant)
        PaymentFactory(claim=claim, due_on=date(2026, 5, 18), amount=Decimal(5))
        PaymentFactory(claim=claim, due_on=date(2026, 5, 25), amount=Decimal(20))
        said = text_of(as_accountant.get(WORKLIST))
        assert "Просрочено 70,00 ₽ 1 выплата, старшей 18 дней" in said
        assert "7 дней 25,00 ₽ 2 выплаты до 25 мая" in said
        assert "До конца месяца 1 025,00 ₽ 3 выплаты до 31 мая" in said

    @pytest.mark.parametrize(
        ("when", "shown"),
        [("overdue", ["2026-05-17"]), ("today", ["2026-05-18"]), ("week", ["2026-05-18", "2026-05-25"])],
    )
    def test_a_figure_filters_the_list(self, as_accountant, accountant, may, when, shown):
        for day in (17, 18, 25, 26):
            PaymentFactory(due_on=date(2026, 5, day), claim__accountant=accountant)
        said = text_of(as_accountant.get(WORKLIST, {"when": when}))
        assert re.findall(r"\d\d\.05\.2026", said) == [f"{day[8:]}.05.2026" for day in shown]

    def test_a_deadline_on_a_day_off_says_which_day_is_better(self, as_accountant, claim):
        assert "лучше до пятницы 29 мая" in text_of(as_accountant.get(WORKLIST))

    def test_a_row_tells_its_place_and_what_is_left_on_the_claim(self, as_accountant, claim):
        said = text_of(as_accountant.get(WORKLIST))
        assert "2 из 4 2 500,00 ₽ из 3 500 1 000,00 ₽" in said

    def test_own_claims_and_nobodys_are_shown_at_first_everyones_on_demand(self, as_accountant, accountant, may):
        for owner, name in ((accountant, "Своя"), (None, "Ничья"), (an_accountant(), "Чужая")):
            PaymentFactory(claim__accountant=owner, claim__client__name=name)
        mine, everyones = (text_of(as_accountant.get(WORKLIST, {"whose": whose})) for whose in ("", "all"))
        assert "Своя" in mine
        assert "Ничья" in mine
        assert "Чужая" not in mine
        assert "Чужая" in everyones

    @pytest.mark.parametrize("text", ["ёлкина", "ЕЛКИНА", "24-117", "№ Д-7", "77500", "77 500,00", "+7 900 000-14-18"])
    def test_search_finds_by_client_number_contract_phone_and_sum(self, as_accountant, may, text):
        client = ClientFactory(name="Ёлкина Вера")
        claim = ClaimFactory(client=client, number="Д-7", contract_number="24-117", agreed_amount=None)
        PaymentFactory(claim=claim, amount=Decimal(77500))
        other = ClaimFactory(client=ClientFactory(name="Громов", phone=""), agreed_amount=None)
        PaymentFactory(claim=other, amount=Decimal(12))
        said = text_of(as_accountant.get(WORKLIST, {"search": text}, headers=from_page(WORKLIST, "worklist")))
        assert "Ёлкина Вера" in said
        assert "Громов" not in said

    @pytest.mark.parametrize("text", ["<b>нет", "9" * 20, "9" * 39, "-5"])
    def test_a_search_that_finds_nothing_says_so_and_offers_all(self, as_accountant, claim, text):
        said = text_of(as_accountant.get(WORKLIST, {"search": text}))
        assert f"По запросу «{escape(text)}» ничего не нашлось" in said
        assert "Показать все" in said

    def test_filters_that_make_no_sense_are_passed_by(self, as_accountant, claim):
        asked = {"when": "yesterday", "whose": "theirs", "after": "2026-02-31.x", "search": "\x01"}
        assert as_accountant.get(WORKLIST, asked).status_code == 200

    def test_a_long_list_comes_in_pages_that_neither_repeat_nor_miss(self, as_accountant, accountant, may):
        claim = ClaimFactory(accountant=accountant, agreed_amount=None)
        Payment.objects.bulk_create(
            Payment(claim=claim, due_on=date(2026, 6, 1) + timedelta(days=n // 7), amount=Decimal(1))
            for n in range(120)
        )
        seen, address = [], WORKLIST
        while address:
            page = as_accountant.get(address, headers=from_page(WORKLIST)).content.decode()
            seen += re.findall(r'id="payment-(\d+)"', page)
            more = re.search(r'hx-get="\?(after=[^"]+|[^"]*after=[^"]+)"', page)
            address = f"{WORKLIST}?{more[1].replace('&amp;', '&')}" if more else ""
        assert seen == [str(pk) for pk in claim.payments.in_order().values_list("pk", flat=True)]

    @pytest.mark.parametrize("count", [3, 60])
    def test_a_page_takes_as_many_queries_however_long_it_is(
        self, as_accountant, accountant, may, django_assert_max_num_queries, count
    ):
        for _ in range(count // 3):
            claim_with_payments("10", "20", "30", first_due_on=date(2026, 5, 31), accountant=accountant)
        as_accountant.get(WORKLIST)
        with django_assert_max_num_queries(13):
            assert as_accountant.get(WORKLIST).status_code == 200

    def test_a_specialist_sees_their_claims_and_no_button_to_pay(self, as_specialist, claim):
        page = as_specialist.get(WORKLIST)
        assert claim.client.name in text_of(page)
        assert "/settle/" not in page.content.decode()

    def test_it_is_in_english_for_who_reads_english(self, as_accountant, claim):
        said = text_of(as_accountant.get(WORKLIST, headers={"Accept-Language": "en"}))
        assert "better by Friday 29 May" in said
        assert "2 of 4 2,500.00 ₽ of 3,500" in said


class TestPaying:
    def settle(self, client, payment, page=WORKLIST, target=None):
        headers = from_page(page, target or f"payment-{payment.pk}")
        return client.post(reverse("payments:settle", args=[payment.pk]), headers=headers)

    def test_one_click_pays_and_all_figures_follow_in_the_same_answer(self, as_accountant, claim, payments):
        response = self.settle(as_accountant, payments[1])
        payments[1].refresh_from_db()
        assert payments[1].is_paid
        answer = response.content.decode()
        for part in ("figures", "group-later", "count-overdue"):
            assert f'id="{part}"' in answer
        assert f"payment-{payments[1].pk}" not in answer, "the row itself is the target and folds away"
        assert "Позже 2 1 500,00 ₽" in text_of(response)
        assert "1 500,00 ₽ из 3 500" in text_of(response), "what is left on the claim, in its other rows"

    def test_the_toast_tells_what_was_paid_and_offers_the_way_back(self, as_accountant, claim, payments):
        toast = toast_of(self.settle(as_accountant, payments[1]))
        assert toast["text"] == f"Оплачено 1 000,00 ₽: {claim.client.name}, {claim.number}, выплата 2 из 4."
        response = as_accountant.post(toast["undo"], headers=from_page(WORKLIST))
        payments[1].refresh_from_db()
        assert payments[1].is_planned
        assert f'id="payment-{payments[1].pk}"' in response.content.decode(), "the row is back in its place"
        timeline = f"/claims/{claim.pk}/"
        assert "отмена в течение 10 секунд" in text_of(as_accountant.get(timeline))
        assert "undone within 10 seconds" in text_of(as_accountant.get(timeline, headers={"Accept-Language": "en"}))

    def test_of_many_all_are_taken_back_or_none(self, as_accountant, claim, payments):
        for payment in payments[1:3]:
            self.settle(as_accountant, payment)
        reopen(payments[2], by=None, reason="банк вернул")
        address = f"{reverse('payments:undo')}?payment={payments[1].pk}&payment={payments[2].pk}"
        assert as_accountant.post(address, headers=from_page(WORKLIST)).status_code == 409
        payments[1].refresh_from_db()
        assert payments[1].is_paid

    def test_a_row_that_comes_back_stands_where_it_stood(self, as_accountant, claim, payments):
        self.settle(as_accountant, payments[2])
        address = f"{reverse('payments:undo')}?payment={payments[2].pk}"
        answer = as_accountant.post(address, headers=from_page(WORKLIST)).content.decode()
        assert f'hx-swap-oob="afterend:#payment-{payments[1].pk}"' in answer

    def test_undo_is_for_who_paid_and_for_a_short_time(self, as_accountant, claim, payments, may):
        self.settle(as_accountant, payments[1])
        address = f"{reverse('payments:undo')}?payment={payments[1].pk}"
        may.shift(timedelta(minutes=2))
        late = as_accountant.post(address, headers=from_page(WORKLIST))
        assert late.status_code == 409
        assert "поздно" in toast_of(late)["text"]
        as_accountant.force_login(an_accountant())
        assert as_accountant.post(address, headers=from_page(WORKLIST)).status_code == 409
        payments[1].refresh_from_db()
        assert payments[1].is_paid

    def test_two_clicks_pay_once_and_the_second_says_so(self, as_accountant, claim, payments):
        self.settle(as_accountant, payments[1])
        toast = toast_of(self.settle(as_accountant, payments[1]))
        assert "уже отмечена оплаченной" in toast["text"]
        assert "undo" not in toast
        assert claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED).count() == 2

    def test_a_payment_cancelled_meanwhile_is_refused_and_leaves_the_list(self, as_accountant, claim, payments):
        cancel(payments[1], by=None)
        response = self.settle(as_accountant, payments[1])
        assert response.status_code == 200
        assert toast_of(response)["level"] == "bad"
        assert "отменена" in toast_of(response)["text"]

    def test_without_scripts_it_is_a_form_and_a_message(self, as_accountant, claim, payments):
        address = reverse("payments:settle", args=[payments[1].pk])
        response = as_accountant.post(address, {"next": "/payments/?whose=all"}, follow=True)
        assert response.redirect_chain == [("/payments/?whose=all", 302)]
        assert "Оплачено 1 000,00 ₽" in text_of(response)

    def test_it_goes_back_to_our_own_pages_only(self, as_accountant, claim, payments):
        address = reverse("payments:settle", args=[payments[1].pk])
        response = as_accountant.post(address, {"next": "https://elsewhere.example/"})
        assert response.headers["Location"] == tab_of(claim)

    def test_many_are_paid_at_once_and_what_was_refused_is_named(self, as_accountant, claim, payments):
        other = PaymentFactory(amount=Decimal("250.50"))
        cancel(payments[3], by=None)
        chosen = {"payment": [payments[1].pk, payments[2].pk, payments[3].pk, other.pk]}
        response = as_accountant.post(reverse("payments:settle_many"), chosen, headers=from_page(WORKLIST))
        toast = toast_of(response)
        assert toast["text"].startswith("Оплачены 3 выплаты на 2 250,50 ₽.")
        assert f"{claim.number}: Эта выплата отменена." in toast["text"]
        assert Payment.objects.paid().count() == 4
        as_accountant.post(toast["undo"], headers=from_page(WORKLIST))
        assert Payment.objects.paid().count() == 1

    def test_nothing_chosen_is_told_in_words(self, as_accountant, claim):
        response = as_accountant.post(reverse("payments:settle_many"), headers=from_page(WORKLIST))
        assert response.status_code == 409
        assert toast_of(response)["text"] == "Выберите хотя бы одну выплату."

    def test_who_may_not_settle_is_refused(self, as_specialist, claim, payments):
        assert self.settle(as_specialist, payments[1]).status_code == 403
        many = as_specialist.post(reverse("payments:settle_many"), {"payment": [payments[1].pk]})
        assert many.status_code == 403
        assert Payment.objects.paid().count() == 1

    def test_paying_the_last_one_moves_the_stage_bar_and_raises_the_completion_task(
        self, as_accountant, claim, payments
    ):
        for payment in payments[1:]:
            response = self.settle(as_accountant, payment, page=tab_of(claim), target="none")
        claim.refresh_from_db()
        assert claim.stage.kind == Stage.Kind.COMPLETING
        assert Task.objects.open().get().kind == Task.Kind.COMPLETE
        for part in ("schedule", "summary", "stagebar", "claim-tabs", "next-payment"):
            assert f'id="{part}"' in response.content.decode()
        assert response.headers["HX-Retarget"] == "#schedule"


class TestPayingInDetail:
    def pay(self, client, payment, page=WORKLIST, **typed):
        data = {"paid_on": "2026-05-15", "document_number": "388", "amount": "1 000,00", **typed}
        address = reverse("payments:pay", args=[payment.pk])
        return client.post(address, data, headers=from_page(page, "dialog"))

    def test_the_dialog_opens_with_today_and_the_whole_sum(self, as_accountant, claim, payments):
        dialog = as_accountant.get(reverse("payments:pay", args=[payments[1].pk]), headers=from_page(WORKLIST))
        assert 'value="2026-05-18"' in dialog.content.decode()
        assert "выплата 2 из 4, 1 000,00 ₽ до 31 мая" in text_of(dialog)

    def test_day_and_number_are_kept(self, as_accountant, claim, payments):
        self.pay(as_accountant, payments[1])
        payments[1].refresh_from_db()
        assert (payments[1].paid_on, payments[1].document_number) == (date(2026, 5, 15), "388")

    def test_a_part_leaves_the_rest_in_the_list(self, as_accountant, claim, payments):
        response = self.pay(as_accountant, payments[1], amount="400")
        rest = claim.payments.planned().in_order().first()
        assert (rest.amount, rest.due_on) == (Decimal("600.00"), payments[1].due_on)
        assert f'id="payment-{rest.pk}"' in response.content.decode()
        assert "closeDialog" in response.headers["HX-Trigger"]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"paid_on": "31.02.2026"}, "Такого дня нет"),
            ({"paid_on": "2026-05-19"}, "День оплаты ещё не наступил"),
            ({"paid_on": "1999-12-31"}, "между 2000 и 2100"),
            ({"amount": "abc"}, "Введите сумму"),
            ({"amount": "-5"}, "больше нуля"),
            ({"amount": "0,001"}, "Введите сумму"),
            ({"amount": "1000,01"}, "Больше самой выплаты"),
            ({"amount": "9999999999999"}, "Слишком большая сумма"),
            ({"document_number": "1" * 41}, "40"),
        ],
    )
    def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
        self, as_accountant, claim, payments, typed, said
    ):
        response = self.pay(as_accountant, payments[1], **typed)
        assert response.status_code == 422
        assert said in text_of(response)
        assert f'value="{next(iter(typed.values()))}"' in response.content.decode()
        payments[1].refresh_from_db()
        assert payments[1].is_planned

    def test_without_scripts_the_dialog_is_a_page(self, as_accountant, claim, payments):
        page = as_accountant.get(reverse("payments:pay", args=[payments[1].pk]))
        assert "<html" in page.content.decode()


class TestReopening:
    def test_it_takes_a_reason(self, as_accountant, claim, payments):
        address = reverse("payments:reopen", args=[payments[0].pk])
        headers = from_page(tab_of(claim), "dialog")
        assert as_accountant.post(address, {"reason": "  "}, headers=headers).status_code == 422
        response = as_accountant.post(address, {"reason": "не тот клиент"}, headers=headers)
        assert response.status_code == 200
        payments[0].refresh_from_db()
        assert payments[0].is_planned
        assert claim.timeline.get(kind=TimelineEntry.Kind.PAYMENT_REOPENED).text == "не тот клиент"

    def test_what_is_not_paid_is_not_reopened(self, as_accountant, claim, payments):
        address = reverse("payments:reopen", args=[payments[1].pk])
        response = as_accountant.post(address, {"reason": "ошибка"}, headers=from_page(tab_of(claim), "dialog"))
        assert response.status_code == 422
        assert "не оплачена" in text_of(response)

    def test_a_specialist_may_not(self, as_specialist, claim, payments):
        address = reverse("payments:reopen", args=[payments[0].pk])
        assert as_specialist.post(address, {"reason": "ошибка"}).status_code == 403


class TestMovingDeadlines:
    def test_many_move_to_one_day_and_the_rows_follow(self, as_accountant, claim, payments):
        address = reverse("payments:reschedule")
        ids = [payments[1].pk, payments[2].pk]
        dialog = as_accountant.get(address, {"payment": ids}, headers=from_page(WORKLIST, "dialog"))
        assert "2 выплаты" in text_of(dialog)
        response = as_accountant.post(
            address, {"payment": ids, "due_on": "2026-05-20"}, headers=from_page(WORKLIST, "dialog")
        )
        assert toast_of(response)["text"] == "2 выплаты перенесены на 20.05.2026"
        assert set(claim.payments.filter(pk__in=ids).values_list("due_on", flat=True)) == {date(2026, 5, 20)}
        assert 'hx-swap-oob="afterbegin:#rows-this_week"' in response.content.decode()

    def test_all_of_them_or_none(self, as_accountant, claim, payments):
        data = {"payment": [payments[0].pk, payments[1].pk], "due_on": "2026-05-20"}
        response = as_accountant.post(reverse("payments:reschedule"), data, headers=from_page(WORKLIST, "dialog"))
        assert response.status_code == 422
        assert "уже оплачена" in text_of(response)
        payments[1].refresh_from_db()
        assert payments[1].due_on == date(2026, 5, 31)


class TestSchedule:
    def test_the_tab_shows_the_payments_their_sum_and_what_is_agreed(self, as_specialist, claim):
        said = text_of(as_specialist.get(tab_of(claim)))
        assert "Итого в графике 3 500,00 ₽ оплачено 1 000,00 ₽, впереди 2 500,00 ₽" in said
        assert "Согласовано 3 500,00 ₽" in said
        assert "выходной, лучше до пятницы 29 мая" in said
        assert "Следующая выплата" in said
        assert "Выплата 2 из 4, до" in said

    def test_a_claim_one_may_not_see_does_not_exist(self, as_specialist, specialist, claim):
        Company.objects.update(specialists_see=Company.Sees.OWN)
        Company.forget()
        as_specialist.force_login(a_specialist())
        payment = claim.payments.planned().first()
        assert as_specialist.get(tab_of(claim)).status_code == 404
        assert as_specialist.get(reverse("payments:builder", args=[claim.pk])).status_code == 404
        assert as_specialist.post(reverse("payments:edit", args=[payment.pk])).status_code == 404
        assert as_specialist.get(reverse("payments:reschedule"), {"payment": payment.pk}).status_code == 404

    def test_it_takes_as_many_queries_however_many_payments(
        self, as_accountant, claim, may, django_assert_max_num_queries
    ):
        Payment.objects.bulk_create(
            Payment(claim=claim, due_on=date(2026, 6, 1) + timedelta(days=n), amount=Decimal(1)) for n in range(50)
        )
        as_accountant.get(tab_of(claim))
        with django_assert_max_num_queries(16):
            as_accountant.get(tab_of(claim))

    def test_an_accountant_moves_deadlines_but_does_not_change_amounts(self, as_accountant, claim, payments):
        page = as_accountant.get(tab_of(claim)).content.decode()
        assert f'id="due_on-{payments[1].pk}"' in page
        assert f'id="amount-{payments[1].pk}"' not in page
        self.edit(as_accountant, payments[1], due_on="20.05.2026", amount="5")
        payments[1].refresh_from_db()
        assert (payments[1].due_on, payments[1].amount) == (date(2026, 5, 20), Decimal(1000))

    def edit(self, client, payment, *, was=None, **typed):
        was = was or payment
        data = {
            "due_on": f"{payment.due_on:%d.%m.%Y}",
            "amount": str(payment.amount),
            "due_on_was": was.due_on.isoformat(),
            "amount_was": str(was.amount),
            **typed,
        }
        headers = from_page(tab_of(payment.claim))
        return client.post(reverse("payments:edit", args=[payment.pk]), data, headers=headers)

    def test_a_cell_is_saved_in_place_and_all_that_depends_on_it_follows(self, as_specialist, claim, payments):
        response = self.edit(as_specialist, payments[3], amount="400,00")
        payments[3].refresh_from_db()
        assert payments[3].amount == Decimal(400)
        assert response.headers["HX-Retarget"] == "#schedule"
        assert "В графике 3 400,00 ₽, согласовано 3 500,00 ₽. Не распределено 100,00 ₽." in text_of(response)

    @pytest.mark.parametrize(
        ("name", "typed", "said"),
        [
            ("due_on", "31.02.2026", "Такого дня нет"),
            ("due_on", "31.12.2101", "между 2000 и 2100"),
            ("amount", "abc", "Введите сумму"),
            ("amount", "0", "больше нуля"),
        ],
    )
    def test_a_cell_typed_wrong_says_why_beside_it_and_keeps_what_was_typed(
        self, as_specialist, claim, payments, name, typed, said
    ):
        response = self.edit(as_specialist, payments[1], **{name: typed})
        assert response.status_code == 422
        assert said in text_of(response)
        assert f'value="{typed}"' in response.content.decode()
        assert 'aria-invalid="true"' in response.content.decode()

    def test_another_ones_change_is_shown_before_it_is_written_over(self, as_specialist, claim, payments):
        seen = Payment.objects.get(pk=payments[1].pk)
        change_amount(payments[1], by=None, amount=Decimal(1100))
        response = self.edit(as_specialist, seen, amount="1200")
        assert response.status_code == 422
        assert "сейчас 1 100,00" in text_of(response)
        payments[1].refresh_from_db()
        assert payments[1].amount == Decimal(1100)
        # Now that it was seen, what is typed is meant.
        self.edit(as_specialist, payments[1], amount="1200")
        payments[1].refresh_from_db()
        assert payments[1].amount == Decimal(1200)

    def test_a_payment_paid_meanwhile_is_not_edited(self, as_specialist, claim, payments, accountant):
        settle(payments[1], by=accountant)
        response = self.edit(as_specialist, payments[1], amount="1200")
        assert toast_of(response)["level"] == "bad"
        assert "уже оплачена" in toast_of(response)["text"]

    def test_without_scripts_a_wrong_cell_comes_back_with_the_page(self, as_specialist, claim, payments):
        data = {"due_on": "31.02.2026", "amount": "1000", "due_on_was": "2026-05-31", "amount_was": "1000"}
        response = as_specialist.post(reverse("payments:edit", args=[payments[1].pk]), data)
        assert response.status_code == 422
        assert "Такого дня нет" in text_of(response)
        assert "<html" in response.content.decode()

    def test_a_payment_is_added_split_and_cancelled(self, as_specialist, claim, payments):
        headers = from_page(tab_of(claim), "dialog")
        as_specialist.post(
            reverse("payments:add", args=[claim.pk]), {"due_on": "2026-08-31", "amount": "300"}, headers=headers
        )
        as_specialist.post(reverse("payments:split", args=[payments[1].pk]), {"amount": "250"}, headers=headers)
        as_specialist.post(reverse("payments:cancel", args=[payments[2].pk]), headers=headers)
        amounts = [str(amount) for amount in claim.payments.planned().in_order().values_list("amount", flat=True)]
        assert amounts == ["250.00", "750.00", "500.00", "300.00"]

    @pytest.mark.parametrize(
        ("deed", "data", "said"),
        [
            ("add", {"due_on": "2026-08-31", "amount": "abc"}, "Введите сумму"),
            ("add", {"due_on": "", "amount": "1"}, "Обязательное поле"),
            ("split", {"amount": "1000"}, "меньше всей выплаты"),
            ("split", {"amount": "1001"}, "Больше самой выплаты"),
        ],
    )
    def test_a_dialog_says_what_is_wrong(self, as_specialist, claim, payments, deed, data, said):
        pk = claim.pk if deed == "add" else payments[1].pk
        headers = from_page(tab_of(claim), "dialog")
        response = as_specialist.post(reverse(f"payments:{deed}", args=[pk]), data, headers=headers)
        assert response.status_code == 422
        assert said in text_of(response)

    def test_a_paid_payment_is_not_cancelled(self, as_specialist, claim, payments):
        headers = from_page(tab_of(claim), "dialog")
        response = as_specialist.post(reverse("payments:cancel", args=[payments[0].pk]), headers=headers)
        assert response.status_code == 422
        assert "уже оплачена" in text_of(response)

    def test_an_accountant_does_not_schedule(self, as_accountant, claim, payments):
        for name, pk in (
            ("add", claim.pk),
            ("mend", claim.pk),
            ("builder", claim.pk),
            ("preview", claim.pk),
            ("split", payments[1].pk),
            ("cancel", payments[1].pk),
        ):
            method = as_accountant.get if name == "preview" else as_accountant.post
            assert method(reverse(f"payments:{name}", args=[pk])).status_code == 403


class TestMending:
    def mend(self, client, claim, how):
        headers = from_page(tab_of(claim))
        return client.post(reverse("payments:mend", args=[claim.pk]), {"how": how}, headers=headers)

    def test_what_is_missing_goes_to_the_last_payment(self, as_specialist, claim, payments):
        change_amount(payments[3], by=None, amount=Decimal(400))
        assert "Добавить к 4-й" in text_of(as_specialist.get(tab_of(claim)))
        self.mend(as_specialist, claim, "last")
        payments[3].refresh_from_db()
        assert payments[3].amount == Decimal(500)

    def test_or_becomes_a_payment_of_its_own(self, as_specialist, claim, payments):
        change_amount(payments[3], by=None, amount=Decimal(400))
        self.mend(as_specialist, claim, "new")
        last = claim.payments.in_order().last()
        assert (last.amount, last.due_on) == (Decimal(100), date(2026, 8, 31))

    def test_twice_changes_nothing_more(self, as_specialist, claim, payments):
        change_amount(payments[3], by=None, amount=Decimal(400))
        self.mend(as_specialist, claim, "last")
        assert "уже равен" in toast_of(self.mend(as_specialist, claim, "last"))["text"]
        assert claim.payments.planned().total() == Decimal(2500)

    def test_what_is_above_is_taken_from_the_last(self, as_specialist, claim, payments):
        change_amount(payments[3], by=None, amount=Decimal(600))
        assert "В графике лишние 100,00 ₽" in text_of(as_specialist.get(tab_of(claim)))
        self.mend(as_specialist, claim, "last")
        payments[3].refresh_from_db()
        assert payments[3].amount == Decimal(500)


class TestBuilder:
    @pytest.fixture
    def fresh(self, may, specialist):
        return ClaimFactory(agreed_amount=Decimal("3500.00"), specialist=specialist)

    def opened(self, client, claim):
        dialog = client.get(reverse("payments:builder", args=[claim.pk]), headers=from_page(tab_of(claim), "dialog"))
        return dialog, dialog.context["form"].initial

    def test_it_opens_with_four_month_ends_so_that_one_more_click_applies_them(self, as_specialist, fresh):
        dialog, sentence = self.opened(as_specialist, fresh)
        said = text_of(dialog)
        assert "1 31.05.2026, вс выходной, лучше до пятницы 29 мая 875,00 ₽" in said
        assert "Итого 3 500,00 ₽" in said
        address = reverse("payments:builder", args=[fresh.pk])
        response = as_specialist.post(address, sentence, headers=from_page(tab_of(fresh), "dialog"))
        assert toast_of(response)["text"] == "Составлен график: 4 выплаты"
        days = list(fresh.payments.in_order().values_list("due_on", flat=True))
        assert days == [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)]
        fresh.refresh_from_db()
        assert fresh.stage.kind == Stage.Kind.PAYING

    def test_the_preview_follows_the_sentence(self, as_specialist, fresh):
        asked = {"total": "1000", "count": "3", "rule": "same_day", "first_day": "2026-06-15"}
        said = text_of(as_specialist.get(reverse("payments:preview", args=[fresh.pk]), asked))
        assert "15.06.2026, пн 333,33 ₽" in said
        assert "15.08.2026, сб выходной, лучше до пятницы 14 августа 333,34 ₽" in said
        assert "выплаты," in said
        assert not fresh.payments.exists()

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"total": "abc"}, "Введите сумму"),
            ({"total": "-1"}, "больше нуля"),
            ({"total": "0,03", "count": "4"}, "меньше копейки"),
            ({"count": "61"}, "от 1 до 60"),
            ({"count": "x"}, "от 1 до 60"),
            ({"rule": "same_day", "first_day": "31.02.2026"}, "Такого дня нет"),
            ({"rule": "same_day", "first_day": ""}, "когда первая выплата"),
            ({"rule": "same_day", "first_day": "2100-12-01", "count": "2"}, "за 2100"),
        ],
    )
    def test_a_sentence_that_makes_no_schedule_says_why(self, as_specialist, fresh, asked, said):
        sentence = {
            "total": "3500",
            "count": "4",
            "rule": "month_end",
            "first_month": "2026-06-01",
            "seen": "0.00/0.00",
        }
        preview = as_specialist.get(reverse("payments:preview", args=[fresh.pk]), {**sentence, **asked})
        assert said in text_of(preview)
        address = reverse("payments:builder", args=[fresh.pk])
        applied = as_specialist.post(address, {**sentence, **asked}, headers=from_page(tab_of(fresh), "dialog"))
        assert applied.status_code == 422
        assert said in text_of(applied)

    def test_paid_ones_stay_and_the_rest_is_laid_out_anew(self, as_specialist, claim, payments):
        dialog, sentence = self.opened(as_specialist, claim)
        assert "1 30.04.2026 оплачено 1 000,00 ₽" in text_of(dialog)
        assert sentence["total"] == Decimal(2500)
        address = reverse("payments:builder", args=[claim.pk])
        as_specialist.post(address, {**sentence, "count": 5}, headers=from_page(tab_of(claim), "dialog"))
        rest = claim.payments.planned().in_order()
        assert [payment.amount for payment in rest] == [Decimal(500)] * 5
        payments[0].refresh_from_db()
        assert payments[0].is_paid

    def test_it_is_not_applied_over_a_payment_made_meanwhile(self, as_specialist, accountant, claim, payments):
        _dialog, sentence = self.opened(as_specialist, claim)
        settle(payments[1], by=accountant)
        address = reverse("payments:builder", args=[claim.pk])
        refused = as_specialist.post(address, sentence, headers=from_page(tab_of(claim), "dialog"))
        assert refused.status_code == 422
        assert "Тем временем выплаты изменились" in text_of(refused)
        assert claim.payments.planned().total() == Decimal(1500)
