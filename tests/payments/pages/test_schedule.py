"""The claim's payments tab: its schedule, what mends it, the builder."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from claims.models import Stage
from claims_crm.models import Company
from payments.models import Payment
from payments.services import change_amount, settle

from ...factories import ClaimFactory
from ...factories import specialist as a_specialist
from .reading import from_page, tab_of, text_of, toast_of

pytestmark = pytest.mark.django_db


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
        Company.invalidate()
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
        ("action", "data", "said"),
        [
            ("add", {"due_on": "2026-08-31", "amount": "abc"}, "Введите сумму"),
            ("add", {"due_on": "", "amount": "1"}, "Обязательное поле"),
            ("split", {"amount": "1000"}, "меньше всей выплаты"),
            ("split", {"amount": "1001"}, "Больше самой выплаты"),
        ],
    )
    def test_a_dialog_says_what_is_wrong(self, as_specialist, claim, payments, action, data, said):
        pk = claim.pk if action == "add" else payments[1].pk
        headers = from_page(tab_of(claim), "dialog")
        response = as_specialist.post(reverse(f"payments:{action}", args=[pk]), data, headers=headers)
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
