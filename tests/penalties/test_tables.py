"""The tables of rates and moratoria: what they begin with, who changes them, how they are brought up to date."""

from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from threading import Thread

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from penalties import services
from penalties.calculation import Mode
from penalties.models import KeyRate, Moratorium

from ..factories import UserFactory, accountant, administrator
from .law import RATE_ROWS
from .published import page, plain, soap, working_days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel("2026-11-30 12:00+03:00", tick=False):
        yield


@pytest.fixture
def admin(client):
    client.force_login(administrator())
    return client


def bring_up(tmp_path, content: bytes) -> str:
    file = tmp_path / "rates"
    file.write_bytes(content)
    output = StringIO()
    call_command("key_rates", file, stdout=output, stderr=output)
    return output.getvalue()


def table() -> list[tuple[date, Decimal]]:
    return list(KeyRate.objects.order_by("effective_from").values_list("effective_from", "rate"))


# what they begin with


def test_the_table_begins_with_the_66_rates_as_published():
    assert table() == RATE_ROWS
    assert len(RATE_ROWS) == 66
    assert all(KeyRate.objects.values_list("source", flat=True))


def test_the_moratoria_begin_with_those_of_the_law():
    rows = Moratorium.objects.values_list("first_day", "last_day", "arisen_before")

    assert list(rows) == [
        (date(2020, 4, 3), date(2020, 12, 31), None),
        (date(2022, 3, 29), date(2023, 6, 30), None),
        (date(2022, 4, 1), date(2022, 10, 1), date(2022, 4, 1)),
        (date(2024, 3, 22), date(2025, 12, 31), None),
    ]
    general = Moratorium.objects.get(act__contains="497")
    assert set(general.modes) == set(Mode.values)
    assert {tuple(other.modes) for other in Moratorium.objects.exclude(pk=general.pk)} == {("shared_construction",)}


@pytest.mark.parametrize("rate", ["0", "-1", "100.01"])
def test_the_database_holds_no_impossible_rate(rate):
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyRate.objects.create(effective_from=date(2026, 9, 14), rate=Decimal(rate))


def test_the_database_holds_no_two_rates_of_a_day():
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyRate.objects.create(effective_from=date(2026, 7, 27), rate=13)


def test_the_database_holds_no_moratorium_that_ends_before_it_begins():
    with pytest.raises(IntegrityError), transaction.atomic():
        Moratorium.objects.create(act="x", first_day=date(2026, 2, 2), last_day=date(2026, 2, 1), modes=Mode.values)


# the admin


def add_rate(admin, **facts):
    sent = {"effective_from": "14.09.2026", "rate": "13.5", "source": "cbr.ru", "confirmed_on": "", **facts}
    return admin.post(reverse("admin:penalties_keyrate_add"), sent)


def test_an_administrator_adds_a_rate_and_calculations_go_by_it(admin):
    assert add_rate(admin).status_code == 302
    assert services.load_key_rates().on(date(2026, 10, 1)).rate == Decimal("13.5")


@pytest.mark.parametrize(
    "field, sent",
    [
        ("rate", {"rate": "14"}),
        ("rate", {"rate": "0"}),
        ("rate", {"rate": "nan"}),
        ("rate", {"rate": "14.255"}),
        ("effective_from", {"effective_from": "27.07.2026"}),
        ("effective_from", {"effective_from": "01.01.0001"}),
        ("effective_from", {"effective_from": "завтра"}),
        ("confirmed_on", {"confirmed_on": "13.09.2026"}),
    ],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(admin, field, sent):
    answer = add_rate(admin, **sent)

    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {field}


def test_the_list_warns_of_an_old_last_rate_and_no_more_once_it_was_looked_up(admin):
    url = reverse("admin:penalties_keyrate_changelist")
    assert "27.07.2026" in "".join(str(message) for message in admin.get(url).context["messages"])

    last = KeyRate.objects.get(effective_from=date(2026, 7, 27))
    admin.post(url, {"action": "confirm_unchanged", "_selected_action": [last.pk]})

    last.refresh_from_db()
    assert (last.confirmed_on, last.confirmed_by.is_staff) == (date(2026, 11, 30), True)
    assert services.load_key_rates().last.known_until == date(2026, 11, 30)


def test_only_the_last_rate_can_be_unchanged(admin):
    first = KeyRate.objects.get(effective_from=date(2013, 9, 13))
    url = reverse("admin:penalties_keyrate_changelist")
    admin.post(url, {"action": "confirm_unchanged", "_selected_action": [first.pk]})

    assert not KeyRate.objects.exclude(confirmed_on=None).exists()


def add_moratorium(admin, **facts):
    empty = dict.fromkeys(("last_day", "whom", "arisen_before", "rate_cap", "source", "note"), "")
    sent = {"act": "Постановление", "first_day": "01.02.2026", "modes": ["contract"], **empty, **facts}
    return admin.post(reverse("admin:penalties_moratorium_add"), sent)


def test_an_administrator_adds_a_moratorium(admin):
    assert add_moratorium(admin).status_code == 302
    assert Moratorium.objects.get(act="Постановление").period.modes == {"contract"}


@pytest.mark.parametrize(
    "field, sent",
    [
        ("last_day", {"last_day": "31.01.2026"}),
        ("first_day", {"first_day": "01.01.0001"}),
        ("modes", {"modes": []}),
        ("modes", {"modes": ["everything"]}),
        ("rate_cap", {"rate_cap": "-1"}),
    ],
)
def test_a_moratorium_that_cannot_be_is_refused_at_its_field(admin, field, sent):
    answer = add_moratorium(admin, **sent)

    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {field}


def test_administrators_keep_the_tables_and_the_other_roles_do_not():
    rights = [
        f"penalties.{verb}_{model}" for model in ("keyrate", "moratorium") for verb in ("add", "change", "delete")
    ]

    assert all(administrator().has_perm(right) for right in rights)
    assert not any(accountant().has_perm(right) for right in rights)


def test_staff_without_the_right_are_not_shown_the_tables(client):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(reverse("admin:penalties_keyrate_changelist")).status_code == 403


# manage.py key_rates


@pytest.mark.parametrize("form", [soap, page])
def test_a_file_of_the_bank_adds_what_is_missing_and_says_up_to_when_it_holds(form, tmp_path):
    content = form(working_days(date(2026, 7, 20), date(2026, 11, 27), [(date(2026, 9, 14), "13.50")]))
    said = bring_up(tmp_path, content)

    assert table() == [*RATE_ROWS, (date(2026, 9, 14), Decimal("13.5"))]
    assert services.load_key_rates().last.known_until == date(2026, 11, 27)
    assert "14.09.2026" in said
    assert "27.11.2026" in said


def test_a_rate_that_went_and_came_back_is_two_rows(tmp_path):
    changes = [(date(2026, 9, 14), "13.50"), (date(2026, 10, 26), "14.00")]
    bring_up(tmp_path, soap(working_days(date(2026, 8, 3), date(2026, 11, 27), changes)))

    assert table()[-2:] == [(date(2026, 9, 14), Decimal("13.5")), (date(2026, 10, 26), Decimal(14))]


def test_the_same_file_again_changes_nothing(tmp_path):
    content = soap(working_days(date(2026, 7, 20), date(2026, 11, 27), [(date(2026, 9, 14), "13.50")]))
    bring_up(tmp_path, content)
    before = list(KeyRate.objects.values())
    bring_up(tmp_path, content)

    assert list(KeyRate.objects.values()) == before


def test_a_plain_list_adds_a_change_and_confirms_nothing(tmp_path):
    bring_up(tmp_path, plain([(date(2026, 9, 14), "13.50")]))

    assert table()[-1] == (date(2026, 9, 14), Decimal("13.5"))
    assert not KeyRate.objects.exclude(confirmed_on=None).exists()


def test_days_that_begin_after_an_unknown_change_are_refused(tmp_path):
    """The rate may have come into force on any day before: not on the first of the file."""
    with pytest.raises(CommandError, match=r"01\.10\.2026"):
        bring_up(tmp_path, soap(working_days(date(2026, 10, 1), date(2026, 11, 27), [(date(2026, 9, 14), "13.50")])))
    assert table() == RATE_ROWS


@pytest.mark.parametrize(
    "content",
    [
        soap(working_days(date(2026, 7, 20), date(2026, 11, 27), [(date(2026, 7, 27), "14.25")])),
        soap(
            working_days(
                date(2026, 7, 20), date(2026, 11, 27), [(date(2026, 7, 28), "14.00"), (date(2026, 7, 1), "14.25")]
            )
        ),
        plain([(date(2026, 7, 27), "13.00")]),
        plain([(date(2026, 6, 1), "14.25"), (date(2026, 9, 14), "13.50")]),
    ],
)
def test_a_file_that_contradicts_the_table_writes_nothing(content, tmp_path):
    with pytest.raises(CommandError):
        bring_up(tmp_path, content)
    assert table() == RATE_ROWS


def test_a_file_that_is_not_there_or_unreadable_is_said_plainly(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("key_rates", tmp_path / "nowhere")
    with pytest.raises(CommandError):
        bring_up(tmp_path, b"PK\x03\x04")


def test_with_nothing_asked_the_last_rate_is_told(capsys):
    call_command("key_rates")

    said = capsys.readouterr()
    assert "27.07.2026" in said.out
    assert "27.07.2026" in said.err


# manage.py key_rates --fetch


@pytest.fixture
def bank(settings):
    """A web service on this machine in the place of the bank's; what it answers is set by the test."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(server.content)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    server.asked, server.status, server.content = [], 200, b""
    Thread(target=server.serve_forever, daemon=True).start()
    settings.BANK_OF_RUSSIA_URL = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.shutdown()
    server.server_close()


def test_the_bank_is_asked_from_the_last_rate_to_today(bank):
    bank.content = soap(working_days(date(2026, 7, 27), date(2026, 11, 30), [(date(2026, 9, 14), "13.50")]))
    call_command("key_rates", "--fetch", stdout=StringIO())

    assert "<fromDate>2026-07-27</fromDate><ToDate>2026-11-30</ToDate>" in bank.asked[0]
    assert table()[-1] == (date(2026, 9, 14), Decimal("13.5"))
    assert services.load_key_rates().last.known_until == date(2026, 11, 30)


@pytest.mark.parametrize("status, content", [(500, b""), (302, b""), (200, b"<html>"), (200, b" " * 6_000_000)])
def test_an_answer_that_is_none_is_said_plainly_and_changes_nothing(bank, status, content):
    bank.status, bank.content = status, content
    with pytest.raises(CommandError):
        call_command("key_rates", "--fetch", stdout=StringIO())
    assert table() == RATE_ROWS


def test_a_bank_that_cannot_be_reached_is_said_plainly(settings):
    settings.BANK_OF_RUSSIA_URL = "http://127.0.0.1:9/"
    with pytest.raises(CommandError, match=r"127\.0\.0\.1"):
        call_command("key_rates", "--fetch", stdout=StringIO())
