"""The board: exact figures, cards in order, moves that tell the truth; all at a constant cost."""

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest

from claims.board import CARD_ORDER, PAGE
from claims.models import Claim, Pipeline, Stage
from claims.services import create_default_stages, move
from claims_crm import days
from claims_crm.models import Company
from claims_crm.web.pagination import Cursor
from payments.services import settle

from ..factories import ClaimFactory, ClientFactory, UserFactory, claim_with_payments
from ..factories import specialist as a_specialist

pytestmark = pytest.mark.django_db

URL = "/claims/board/"


@pytest.fixture
def stages():
    """The stages of the usual funnel, by kind; of several, the first."""
    found = {}
    for stage in Pipeline.objects.get(number_prefix="П").stages.order_by("-position"):
        found[stage.kind] = stage
    return found


def column_of(response, stage):
    return next(column for column in response.context["columns"] if column.stage == stage)


def cards(response, stage):
    return [claim.number for claim in column_of(response, stage).cards]


def plain(response):
    return response.content.decode().replace("\u00a0", " ")


def toast(response):
    return json.loads(response["HX-Trigger"])["toast"]


def move_url(claim, into, query=""):
    return f"{URL}{claim.pk}/{into.pk}/{query}"


def test_a_lane_tells_its_stage_count_and_what_is_left(as_specialist, stages, accountant):
    first = claim_with_payments("1000", "500.25")
    claim_with_payments("2000")
    settle(first.payments.in_order()[0], by=accountant)
    page = as_specialist.get(URL)
    paying = column_of(page, stages["paying"])
    assert (paying.count, paying.left) == (2, [("RUB", Decimal("2500.25"), Decimal("3500.25"))])
    assert "2 500,25 ₽" in plain(page)
    assert [column.stage.name for column in page.context["columns"]] == [
        "Новая",
        "Рассмотрение",
        "Согласование",
        "Выплаты",
        "Завершение",
        "Закрыта",
        "Отклонена",
    ]


def test_sums_of_different_currencies_are_not_added_up(as_specialist, stages):
    claim_with_payments("1000")
    Claim.objects.filter(pk=claim_with_payments("70").pk).update(currency="EUR")
    left = {sums.currency: sums.left for sums in column_of(as_specialist.get(URL), stages["paying"]).left}
    assert left == {"RUB": Decimal("1000.00"), "EUR": Decimal("70.00")}


def test_a_card_tells_client_number_remaining_and_the_next_payment(as_specialist, claim):
    page = plain(as_specialist.get(URL))
    for told in (claim.number, claim.client.name, "Дом сдан позже срока", "3 500 ₽", "31 янв", "Ольга Демидова"):
        assert told in page
    assert 'class="seg' in page


def test_overdue_is_told_by_an_icon_and_words(as_specialist):
    claim_with_payments("100", first_due_on=days.today() - timedelta(days=70))
    page = as_specialist.get(URL).content.decode()
    assert "дн. назад" in page.split('class="chip overdue"')[1].split("</article>")[0]


def test_a_claim_without_a_schedule_tells_the_day_to_answer(as_specialist):
    ClaimFactory(received_on=days.today(), respond_by=days.today() + timedelta(days=40))
    assert "Ответ до" in as_specialist.get(URL).content.decode()


def test_the_next_payment_comes_first_then_the_newest(as_specialist, stages):
    later = claim_with_payments("100", first_due_on=date(2026, 3, 1))
    sooner = claim_with_payments("100", first_due_on=date(2026, 2, 1))
    newer = claim_with_payments("100", first_due_on=date(2026, 2, 1))
    assert cards(as_specialist.get(URL), stages["paying"]) == [newer.number, sooner.number, later.number]


def some_claims(count):
    """Claims in payment, some of which share a day, and some in a later stage with nothing to pay."""
    for index in range(count):
        claim_with_payments("1000", first_due_on=date(2026, 1 + index % 3, 1))
        ClaimFactory()


def undated(stage, count):
    for _ in range(count):
        ClaimFactory(stage=stage)


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_the_parts_of_a_lane_add_up_to_the_whole(as_specialist, htmx, stages, monkeypatch, page):
    monkeypatch.setattr("claims.board.PAGE", page)
    some_claims(5)
    undated(stages["paying"], 4)
    found = as_specialist.get(URL)
    here = column_of(found, stages["paying"])
    seen = list(here.cards)
    while here.after:
        part = as_specialist.get(URL, {"lane": here.stage.pk, "after": str(here.after)}, headers=htmx)
        here = part.context["column"]
        assert len(here.cards) <= page
        seen += here.cards
    assert [claim.pk for claim in seen] == [
        claim.pk
        for claim in sorted(
            Claim.objects.filter(stage=stages["paying"]), key=lambda claim: (claim.next_due_on or date.max, -claim.pk)
        )
    ]
    assert len(seen) == column_of(found, stages["paying"]).count


@pytest.mark.parametrize("text", ["", ".", "x.1", "2026-13-01.5", "2026-01-01.", ".²", "2026-01-01.-1", "." + "9" * 30])
def test_a_place_that_makes_no_sense_is_no_place(text):
    assert CARD_ORDER.parse(text, Claim) is None


def test_a_place_is_read_as_it_is_written():
    for cursor in (Cursor(date(2026, 5, 31), 7), Cursor(None, 7)):
        assert CARD_ORDER.parse(str(cursor), Claim) == cursor


@pytest.mark.parametrize("query", ["pipeline=x", "pipeline=999", "show=work", "show=x", "lane=x&after=.1", "after=x"])
def test_what_is_asked_wrongly_is_not_asked(as_specialist, claim, stages, query):
    assert cards(as_specialist.get(f"{URL}?{query}"), stages["paying"]) == [claim.number]


def test_cards_of_a_lane_that_is_not_there_are_not_found(as_specialist, htmx):
    assert as_specialist.get(f"{URL}?lane=999999&after=.1", headers=htmx).status_code == 404


def test_final_stages_are_folded_until_they_are_asked_for(as_specialist, specialist, stages):
    rejected = ClaimFactory()
    move(rejected, stages["rejected"], by=specialist, reason="не наш дом")
    page = as_specialist.get(URL)
    assert (column_of(page, stages["rejected"]).count, cards(page, stages["rejected"])) == (1, [])
    assert cards(as_specialist.get(URL, {"closed": "on"}), stages["rejected"]) == [rejected.number]


def test_the_claims_of_a_folded_lane_are_counted_up_to_a_number(as_specialist, specialist, stages, monkeypatch):
    monkeypatch.setattr("claims.board.COUNT_LIMIT", 2)
    monkeypatch.setattr(import_module("claims.views.board"), "COUNT_LIMIT", 2)
    for _ in range(4):
        move(ClaimFactory(), stages["rejected"], by=specialist, reason="не наш дом")
    page = as_specialist.get(URL)
    assert column_of(page, stages["rejected"]).count == 3
    assert "больше 2" in page.content.decode()
    assert column_of(as_specialist.get(URL, {"closed": "on"}), stages["rejected"]).count == 4


@pytest.mark.parametrize("asked", [{"q": "нигде"}, {"q": "нигде", "closed": "on"}])
def test_a_search_that_finds_nothing_leaves_empty_lanes(as_specialist, claim, asked):
    page = as_specialist.get(URL, asked)
    assert [column.count for column in page.context["columns"]] == [0] * 7


def test_filters_hold_for_the_cards_and_for_the_figures(as_specialist, specialist, stages):
    own = claim_with_payments("100", specialist=specialist, first_due_on=days.today() + timedelta(days=30))
    overdue = claim_with_payments("300", first_due_on=date(2020, 1, 31), client=ClientFactory(name="Белых Анна"))
    for asked, claim in (
        ({"mine": "on"}, own),
        ({"specialist": specialist.pk}, own),
        ({"show": "overdue"}, overdue),
        ({"q": "белых"}, overdue),
    ):
        page = as_specialist.get(URL, asked)
        here = column_of(page, stages["paying"])
        assert [claim.number] == cards(page, stages["paying"])
        assert (here.count, here.left[0].left) == (1, claim.remaining_amount)


def test_a_board_is_of_one_funnel(as_specialist, claim):
    other = Pipeline.objects.create(name_ru="Возвраты", number_prefix="В", position=9)
    create_default_stages(other)
    theirs = ClaimFactory(pipeline=other)
    page = as_specialist.get(URL, {"pipeline": other.pk})
    assert [column.stage.pipeline for column in page.context["columns"]] == [other] * 7
    assert cards(page, other.first_stage()) == [theirs.number]
    assert "Возвраты" in as_specialist.get(URL).content.decode()


def test_the_table_and_the_board_lead_to_each_other_with_the_same_filters(as_specialist, claim):
    assert 'href="/claims/?mine=on"' in as_specialist.get(URL, {"mine": "on"}).content.decode()
    assert 'href="/claims/board/?mine=on"' in as_specialist.get("/claims/", {"mine": "on"}).content.decode()


def test_the_address_keeps_what_was_asked_and_no_more(as_specialist, claim, htmx):
    response = as_specialist.get(f"{URL}?q=&show=overdue&mine=&kind=open&sort=-due", headers=htmx)
    assert response["HX-Push-Url"] == "?show=overdue"


def test_an_empty_board_says_what_will_be_here(as_specialist):
    page = as_specialist.get(URL).content.decode()
    assert "Здесь будут претензии" in page
    assert 'href="/claims/new/"' in page


def test_an_empty_lane_stands_with_nothing_in_it(as_specialist, claim, stages):
    assert column_of(as_specialist.get(URL), stages["completing"]).count == 0
    assert as_specialist.get(URL).content.decode().count("Здесь пусто") == 5


def test_a_funnel_without_stages_says_who_gives_them(as_specialist):
    empty = Pipeline.objects.create(name_ru="Пустая", number_prefix="Ы", position=9)
    assert "ещё нет стадий" in as_specialist.get(URL, {"pipeline": empty.pk}).content.decode()


def test_without_the_right_there_is_no_board(client):
    client.force_login(UserFactory())
    assert client.get(URL).status_code == 403


def test_an_accountant_sees_the_board_and_moves_nothing(as_accountant, claim):
    page = as_accountant.get(URL).content.decode()
    assert claim.number in page
    assert "data-movable" not in page
    assert 'id="move-menu"' not in page


def test_a_strangers_claim_is_neither_shown_nor_counted_nor_moved(as_specialist, specialist, stages, htmx):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    own = claim_with_payments("100", specialist=specialist)
    strange = claim_with_payments("100", specialist=a_specialist())
    page = as_specialist.get(URL)
    assert (column_of(page, stages["paying"]).count, cards(page, stages["paying"])) == (1, [own.number])
    assert as_specialist.post(move_url(strange, stages["closed"]), headers=htmx).status_code == 404


def test_a_move_answers_with_both_lanes_and_the_card(as_specialist, htmx, stages):
    claim = ClaimFactory(agreed_amount=Decimal(700))
    into = Stage.objects.get(name_en="Review")
    answer = as_specialist.post(move_url(claim, into, f"?seen_in={claim.stage_id}"), headers=htmx)
    claim.refresh_from_db()
    assert claim.stage == into
    assert [column_of(answer, stage).count for stage in (stages["open"], into)] == [0, 1]
    page = plain(answer)
    assert f'hx-swap-oob="beforeend:#cards-{into.pk}"' in page
    assert f'id="card-{claim.pk}"' in page
    assert f'id="head-{stages["open"].pk}" hx-swap-oob="true"' in page
    assert "700 ₽" in page


def test_a_move_can_be_taken_back(as_specialist, htmx, stages):
    claim = ClaimFactory()
    into = Stage.objects.get(name_en="Review")
    answer = as_specialist.post(move_url(claim, into, "?mine=on"), headers=htmx)
    assert toast(answer)["undo"] == move_url(claim, stages["open"], f"?seen_in={into.pk}&mine=on")
    as_specialist.post(toast(answer)["undo"], headers=htmx)
    claim.refresh_from_db()
    assert claim.stage == stages["open"]


def test_a_card_that_the_filter_no_longer_leaves_goes_from_the_board(as_specialist, htmx, stages):
    claim = ClaimFactory()
    answer = as_specialist.post(move_url(claim, Stage.objects.get(name_en="Review"), "?mine=on"), headers=htmx)
    assert f'<div id="card-{claim.pk}" hx-swap-oob="delete">' in answer.content.decode()


def test_a_refused_move_says_why_and_changes_nothing(as_specialist, htmx, claim, stages):
    answer = as_specialist.post(move_url(claim, stages["completing"]), headers=htmx)
    assert answer.status_code == 409
    assert "Выплачено ещё не всё" in toast(answer)["text"]
    claim.refresh_from_db()
    assert claim.stage == stages["paying"]


def test_a_move_that_needs_a_reason_asks_for_it_and_then_moves(as_specialist, htmx, claim, stages):
    asked = as_specialist.post(move_url(claim, stages["closed"], "?mine=on"), headers=htmx)
    assert asked["HX-Retarget"] == "#dialog"
    assert asked.templates[0].name == "claims/_reason.html"
    address = asked.context["action"]
    assert address == move_url(claim, stages["closed"], f"?seen_in={stages['paying'].pk}&mine=on")
    answer = as_specialist.post(address, {"reason": "Решение суда"}, headers=htmx)
    assert json.loads(answer["HX-Trigger-After-Swap"]) == {"closeDialog": {}}
    # What is planned was cancelled, so there is no simple way back.
    assert "undo" not in toast(answer)
    claim.refresh_from_db()
    assert (claim.stage, claim.remaining_amount) == (stages["closed"], 0)


def test_a_claim_that_another_has_moved_stays_there_and_the_board_shows_it(as_specialist, specialist, htmx, stages):
    claim = ClaimFactory()
    review, agreement = Stage.objects.get(name_en="Review"), Stage.objects.get(name_en="Agreement")
    move(claim, review, by=specialist)
    answer = as_specialist.post(move_url(claim, agreement, f"?seen_in={stages['open'].pk}"), headers=htmx)
    assert toast(answer) == {
        "level": "bad",
        "text": f"{claim.number}: Тем временем претензию перевели на стадию «{review.name}».",
    }
    assert f'hx-swap-oob="beforeend:#cards-{review.pk}"' in answer.content.decode()
    claim.refresh_from_db()
    assert claim.stage == review


def test_a_stage_of_another_funnel_is_not_there(as_specialist, htmx, claim):
    other = Pipeline.objects.create(name_ru="Возвраты", number_prefix="В", position=9)
    create_default_stages(other)
    assert as_specialist.post(move_url(claim, other.first_stage()), headers=htmx).status_code == 404


def test_an_accountant_may_not_move(as_accountant, htmx, stages):
    assert as_accountant.post(move_url(ClaimFactory(), stages["rejected"]), headers=htmx).status_code == 403


def test_the_number_of_queries_follows_neither_the_claims_nor_the_stages(as_specialist, htmx, stages, queries):
    some_claims(2)
    part = f"{URL}?lane={stages['paying'].pk}&after=2020-01-01.1"
    few = queries(lambda: as_specialist.get(URL))
    few_more = queries(lambda: as_specialist.get(part, headers=htmx))
    some_claims(PAGE + 2)
    pipeline = stages["paying"].pipeline
    for position in range(20, 25):
        undated(Stage.objects.create(pipeline=pipeline, name_ru=f"Ещё {position}", position=position), 1)
    assert queries(lambda: as_specialist.get(URL)) == few
    assert queries(lambda: as_specialist.get(part, headers=htmx)) == few_more
    assert few <= 19
    assert few_more <= 10
