"""How sums, days, states and people are written on the pages."""

import itertools
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from claims_crm.templatetags import rigel
from claims_crm.web.progress_bar import build_segments

pytestmark = pytest.mark.django_db


@dataclass
class Payment:
    amount: Decimal
    due_on: date
    status: str = "planned"


def payment(amount: str, due_on: str, status: str = "planned") -> Payment:
    return Payment(Decimal(amount), date.fromisoformat(due_on), status)


TODAY = date(2026, 11, 18)
WORKED_EXAMPLE = [
    payment("1000", "2026-09-30", "paid"),
    payment("1000", "2026-10-31", "paid"),
    payment("1000", "2026-11-30"),
    payment("500", "2026-12-31"),
]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-18T09:00:00Z", tick=False):
        yield


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def draw(source: str, **context) -> str:
    html = Template("{% load rigel %}" + source).render(Context(context))
    return re.sub(r"\s+", " ", html).strip()


class TestMoney:
    def test_in_columns_it_has_kopecks(self):
        assert draw("{{ sum|money }}", sum=Decimal(87500)) == "87 500,00 ₽"

    def test_in_headlines_kopecks_stand_only_where_there_are_any(self):
        assert draw("{{ sum|money_short }}", sum=Decimal("350000.00")) == "350 000 ₽"
        assert draw("{{ sum|money_short }}", sum=Decimal("350000.10")) == "350 000,10 ₽"

    def test_how_many_there_are_is_told_in_groups(self):
        assert draw("{{ count|whole }}", count=54000) == "54 000"
        assert draw("{{ count|whole }}", count=0) == "0"

    def test_it_never_breaks_apart(self):
        assert " " not in rigel.money(Decimal("1234567.89"))

    def test_another_currency_is_named(self):
        assert draw("{{ sum|money:currency }}", sum=Decimal("12.5"), currency="EUR") == "12,50 €"

    def test_no_sum_is_nothing(self):
        assert draw("{{ sum|money }}{{ sum|money_short }}{{ sum|kopecks }}", sum=None) == ""

    def test_scripts_get_whole_kopecks(self):
        assert draw("{{ sum|kopecks }}{{ 'RUB'|symbol }}", sum=Decimal("1500.05")) == "150005₽"

    def test_in_english(self, english):
        assert draw("{{ sum|money }}", sum=Decimal(3500)) == "3,500.00 ₽"


class TestDays:
    def test_in_columns_by_numbers(self):
        assert draw("{{ day|day }}", day=date(2026, 10, 31)) == "31.10.2026"

    def test_in_lists_short_and_in_sentences_in_full(self):
        day = date(2026, 10, 31)
        assert draw("{{ day|day_short }}, {{ day|day_long }}", day=day) == "31 окт, 31 октября"

    def test_another_year_is_named(self):
        day = date(2027, 1, 31)
        assert draw("{{ day|day_short }}, {{ day|day_long }}", day=day) == "31 янв 2027, 31 января 2027"

    def test_in_english(self, english):
        day = date(2026, 10, 31)
        assert draw("{{ d|day }}, {{ d|day_short }}, {{ d|day_long }}", d=day) == "31 Oct 2026, 31 Oct, 31 October"

    def test_days_of_the_week(self):
        assert draw("{{ day|weekday }}, {{ day|weekday_short }}", day=TODAY) == "среда, ср"

    def test_the_words_of_a_day_follow_the_language(self):
        with translation.override("ru"):
            assert draw("{{ day|day_long }}", day=TODAY) == "18 ноября"
        with translation.override("en"):
            assert draw("{{ day|day_long }}", day=TODAY) == "18 November"

    def test_todays_date_heads_a_page(self):
        assert draw("{% todays_date %}") == "Среда, 18 ноября"

    @pytest.mark.parametrize(
        "day, words",
        [
            ("2026-11-18", "сегодня"),
            ("2026-11-19", "завтра"),
            ("2026-11-17", "вчера"),
            ("2026-11-20", "через 2 дн."),
            ("2026-10-31", "18 дн. назад"),
        ],
    )
    def test_the_distance_to_a_day(self, day, words):
        assert rigel.distance(date.fromisoformat(day)) == words

    def test_the_distance_in_english(self, english):
        assert [rigel.distance(date(2026, 11, day)) for day in (20, 16)] == ["in 2 days", "2 days ago"]

    def test_how_long_it_is_overdue(self):
        assert rigel.overdue_by(date(2026, 10, 31)) == "просрочено 18 дн."
        assert rigel.overdue_by(TODAY) == ""


class TestStates:
    @pytest.mark.parametrize(
        "shown, style, word",
        [
            (payment("1", "2026-10-31"), "chip overdue", "Просрочено"),
            (payment("1", "2026-11-18"), "chip due", "Сегодня"),
            (payment("1", "2026-11-30"), "chip", "Запланировано"),
            (payment("1", "2026-10-31", "paid"), "chip paid", "Оплачено"),
            (payment("1", "2026-10-31", "cancelled"), "chip", "Отменено"),
        ],
    )
    def test_a_payments_state_is_an_icon_and_a_word_not_colour_alone(self, shown, style, word):
        html = draw("{% payment_chip payment %}", payment=shown)
        assert f'class="{style}"' in html
        assert "<use href=" in html
        assert word in html

    def test_a_deadline_has_its_distance(self):
        assert "31 окт, 18 дн. назад" in draw("{% due_chip day %}", day=date(2026, 10, 31))

    def test_a_stage_has_its_own_name(self):
        stage = SimpleNamespace(name="<Выплаты>", kind="paying")
        assert "&lt;Выплаты&gt;" in draw("{% stage_chip stage %}", stage=stage)


class TestSegments:
    def test_a_piece_is_as_wide_as_its_amount(self):
        widths = [segment.share for segment in build_segments(WORKED_EXAMPLE, today=TODAY)]
        assert widths == pytest.approx([28.571, 28.571, 28.571, 14.286], abs=0.001)

    def test_paid_next_and_planned_look_different(self):
        assert [segment.state for segment in build_segments(WORKED_EXAMPLE, today=TODAY)] == [
            "paid",
            "paid",
            "next",
            "planned",
        ]

    def test_what_is_late_is_overdue_and_then_nothing_is_next(self):
        states = [segment.state for segment in build_segments(WORKED_EXAMPLE, today=date(2026, 12, 1))]
        assert states == ["paid", "paid", "overdue", "planned"]

    def test_the_cancelled_are_left_out(self):
        assert build_segments([payment("5", "2026-10-31", "cancelled")], today=TODAY) == []

    def test_a_kopeck_among_millions_is_still_seen(self):
        tiny = build_segments([payment("1000000", "2026-10-31"), payment("0.01", "2026-11-30")], today=TODAY)[1]
        assert tiny.share > 1.9

    def test_sixty_pieces_fill_the_bar_exactly(self):
        many = build_segments([payment("100", "2026-11-30")] * 60, today=TODAY)
        assert many[-1].start + many[-1].share == pytest.approx(100)

    def test_dates_under_the_segments_do_not_run_into_one_another(self):
        many = build_segments([payment("100", "2026-11-30")] * 12, today=TODAY)
        desk = [segment.start for segment in many if segment.labelled_on_desktop]
        phone = [segment.start for segment in many if segment.labelled_on_phone]
        assert all(right - left > 9.9 for left, right in itertools.pairwise(desk))
        assert all(right - left > 20.9 for left, right in itertools.pairwise(phone))

    def test_it_is_drawn_without_inline_styles_and_says_itself_in_words(self):
        html = draw('{% progress_bar payments "large" %}', payments=WORKED_EXAMPLE)
        assert "style=" not in html
        assert 'role="img" aria-label="Оплачено 2 из 4, 57%"' in html
        assert "30 сен" in html
        assert html.count("<rect") == 4

    def test_its_numbers_are_never_localised(self):
        with translation.override("ru"):
            html = draw("{% progress_bar payments %}", payments=WORKED_EXAMPLE)
        assert 'x="28.571%" width="28.571%"' in html


class TestPeople:
    def test_initials(self):
        assert [rigel.initials(name) for name in ("Марина Белова", "admin", "")] == ["МБ", "A", ""]

    def test_a_person_always_has_the_same_tint(self):
        people = [SimpleNamespace(pk=pk, name="Марина Белова") for pk in (1, 5, 2)]
        first, same, other = (rigel.avatar(person) for person in people)
        assert first == same != other

    def test_nobody_has_no_round(self):
        assert rigel.avatar(None) == ""


class TestLinkify:
    def test_an_address_can_be_clicked_and_the_full_stop_is_not_of_it(self):
        html = rigel.linkify("См. https://example.com/a?b=1&c=2.")
        assert 'href="https://example.com/a?b=1&amp;c=2"' in html
        assert html.endswith("</a>.")

    def test_brackets_around_an_address_are_not_of_it(self):
        assert ">www.rigel.example/x</a>)" in rigel.linkify("(www.rigel.example/x)")
        assert ">https://a.example/b_(c)</a>" in rigel.linkify("https://a.example/b_(c)")

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>",
            "javascript:alert(1)",
            'https://a.example/" onmouseover="alert(1)',
            "data:text/html,<b>",
            "<a href='javascript:alert(1)'>",
        ],
    )
    def test_nothing_else_becomes_html(self, text):
        html = rigel.linkify(text)
        bare = re.sub(r'<a class="link" href="https?://[^"]*" rel="[^"]*" target="_blank">|</a>', "", html)
        assert "<" not in bare
        assert '"' not in bare

    def test_the_mentioned_stand_out_by_name(self):
        html = rigel.linkify("@belova, взгляните", {"belova": "Марина Белова"})
        assert html == '<span class="mention">@Марина Белова</span>, взгляните'

    def test_an_address_may_be_the_name(self):
        html = rigel.linkify("Прошу @belova@rigel.example.", {"belova@rigel.example": "Марина Белова"})
        assert html == 'Прошу <span class="mention">@Марина Белова</span>.'

    def test_others_stay_as_typed(self):
        text = "@unknown, it@rigel.example, https://a.example/@belova"
        assert "mention" not in rigel.linkify(text, {"belova": "Марина Белова"})

    def test_a_long_text_takes_no_time(self):
        assert len(rigel.linkify("@a.@a." * 1600)) == 9600


class TestField:
    class Form(forms.Form):
        client = forms.CharField(label="Клиент", help_text="Фамилия")
        agreed = forms.BooleanField(label="Согласен", required=False)

    def test_it_has_a_label_and_a_hint(self):
        html = draw('{% field form.client placeholder="Орлов" hx_get="/x/" %}', form=self.Form())
        assert '<label for="id_client">Клиент</label>' in html
        assert 'class="input"' in html
        assert 'placeholder="Орлов"' in html
        assert 'hx-get="/x/"' in html
        assert '<span id="id_client_helptext" class="help">Фамилия</span>' in html

    def test_what_is_wrong_is_said_beside_it_and_to_screen_readers(self):
        html = draw("{% field form.client %}", form=self.Form({"client": ""}))
        described = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
        assert 'aria-invalid="true"' in html
        assert "id_client_error" in described
        assert all(f'id="{name}"' in html for name in described)

    def test_a_checkbox_has_its_label_after_it(self):
        assert re.search(
            r'class="check"[^>]*><span>Согласен</span></label>', draw("{% field form.agreed %}", form=self.Form())
        )


class TestSideBar:
    def test_the_section_one_is_in_is_current(self):
        request = RequestFactory().get("/admin/claims/")
        assert 'aria-current="page"' in draw('{% navitem "admin:index" "gear" "Админка" %}', request=request)
        assert "aria-current" not in draw(
            '{% navitem "admin:index" "gear" "Админка" %}', request=RequestFactory().get("/")
        )

    def test_a_part_that_is_not_installed_has_no_line(self):
        assert draw('{% navitem "nowhere:list" "gear" "Нет" %}', request=RequestFactory().get("/")) == ""


class TestErrorPages:
    @pytest.mark.parametrize("page", ["403.html", "404.html", "403_csrf.html", "500.html", "refused.html"])
    def test_they_need_neither_request_nor_database(self, page, django_assert_num_queries):
        with django_assert_num_queries(0):
            html = render_to_string(page, {"text": "Уже оплачено.", "status": 409})
        assert "<h1>" in html
        assert "style=" not in html
