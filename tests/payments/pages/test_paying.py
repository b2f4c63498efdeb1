"""Paying, reopening and moving deadlines from the pages."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from claims.models import Stage, TimelineEntry
from notifications.models import Task
from payments.models import Payment
from payments.services import cancel, reopen

from ...factories import PaymentFactory
from ...factories import accountant as an_accountant
from .reading import WORKLIST, from_page, tab_of, text_of, toast_of

pytestmark = pytest.mark.django_db


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
