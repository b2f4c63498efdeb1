"""The accountant's worklist, as people use it."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.html import escape

from payments.models import Payment
from payments.services import settle

from ...factories import ClaimFactory, ClientFactory, PaymentFactory, claim_with_payments
from ...factories import accountant as an_accountant
from .reading import WORKLIST, from_page, text_of

pytestmark = pytest.mark.django_db


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

    def test_an_emptied_search_leaves_nothing_of_it_in_the_address(self, as_accountant, claim):
        asked = {"search": "", "whose": "all"}
        answer = as_accountant.get(WORKLIST, asked, headers=from_page(WORKLIST, "worklist"))
        assert answer["HX-Replace-Url"] == "?whose=all"

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

    @pytest.mark.parametrize("text", ["<b>нет", "9" * 20, "9" * 39, "-ъ5"])
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
        with django_assert_max_num_queries(15):
            assert as_accountant.get(WORKLIST).status_code == 200

    def test_it_asks_cheaply_whether_anything_has_happened_since(
        self, as_accountant, claim, payments, django_assert_max_num_queries
    ):
        version = as_accountant.get(WORKLIST).context["version"]
        with django_assert_max_num_queries(5):
            assert as_accountant.get(f"{WORKLIST}changes/?seen={version}").status_code == 204
        settle(payments[1], by=None)
        assert as_accountant.get(f"{WORKLIST}changes/?seen={version}").json()["version"] > version

    def test_a_specialist_sees_their_claims_and_no_button_to_pay(self, as_specialist, claim):
        page = as_specialist.get(WORKLIST)
        assert claim.client.name in text_of(page)
        assert "/settle/" not in page.content.decode()

    def test_it_is_in_english_for_who_reads_english(self, as_accountant, claim):
        said = text_of(as_accountant.get(WORKLIST, headers={"Accept-Language": "en"}))
        assert "better by Friday 29 May" in said
        assert "2 of 4 2,500.00 ₽ of 3,500" in said
