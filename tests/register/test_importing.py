"""A register is read, written and undone by a worker that may die at any moment: each row once, or not at all."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.changes import Change
from claims.models import Claim, Client, Pipeline, Stage, TimelineEntry
from claims.services import comment
from claims.signals import claim_changes_final
from claims_crm import days
from claims_crm.models import Company
from notifications.models import Task
from notifications.services import sweep
from payments.models import Payment
from payments.services import settle
from register import services
from register.errors import FileUnreadable, ImportNotReady, ImportTouched, NothingToImport
from register.models import ImportRow, RegisterImport
from register.services import importing, work
from tests.audit import audit_money
from tests.factories import ClaimFactory, ClientFactory, administrator, specialist
from tests.register import workbooks
from tests.register.workbooks import LONG, WIDE, workbook

pytestmark = pytest.mark.django_db

Status, Verdict = RegisterImport.Status, ImportRow.Verdict

GOOD = ("1/26", "31.01.2026", "Орлов", 1000, "28.02.2026", 1000, None)
BAD = ("2/26", "31.02.2026", "Белова", 1000, None, None, None)


@pytest.fixture
def user():
    return specialist(last_name="Смирнова", first_name="Ольга")


def sent(file, by, name="реестр.xlsx") -> RegisterImport:
    """Send the file and let a worker read it."""
    register = services.upload(ContentFile(file.read(), name=name), by=by)
    services.carry_on(register.pk)
    register.refresh_from_db()
    return register


def sent_rows(*rows, by, **options) -> RegisterImport:
    return sent(workbook(*rows, **options), by)


def written(register: RegisterImport, by, **options) -> RegisterImport:
    """Say yes, and let a worker write it."""
    options.setdefault("pipeline", Pipeline.objects.get(number_prefix="П"))
    register = services.start(register, by=by, **options)
    services.carry_on(register.pk)
    register.refresh_from_db()
    return register


def undone(register: RegisterImport, by) -> RegisterImport:
    services.undo(register, by=by)
    services.carry_on(register.pk)
    register.refresh_from_db()
    return register


def expire_lease(register: RegisterImport) -> None:
    """Let the time pass for which a worker, dead by now, had taken the import."""
    RegisterImport.objects.filter(pk=register.pk).update(not_before=timezone.now() - timedelta(seconds=1))


def verdicts(register: RegisterImport) -> dict[int, str]:
    return dict(register.rows.values_list("number", "verdict"))


# --- Reading ------------------------------------------------------------------------------------


def test_a_register_is_read_and_waits_for_a_persons_word(user):
    register = sent_rows(("РЕЕСТР",), WIDE, GOOD, BAD, ("ИТОГО",), by=user)
    assert register.status == Status.READY
    assert register.mapping["client"] == 2
    assert register.examples[:3] == ["1/26", "31.01.2026", "Орлов"]
    assert register.skipped == {"5": "ИТОГО"}
    assert verdicts(register) == {3: Verdict.NEW, 4: Verdict.ERROR}
    assert not Claim.objects.exists()


def test_a_number_that_is_there_already_is_passed_over(user):
    ClaimFactory(number="1/26")
    register = sent_rows(WIDE, GOOD, by=user)
    assert verdicts(register) == {2: Verdict.EXISTS}
    with pytest.raises(NothingToImport):
        services.start(register, by=user, pipeline=Pipeline.objects.first())


def test_what_is_no_register_is_refused_at_once(user):
    with pytest.raises(FileUnreadable):
        services.upload(ContentFile(b"<html>", name="x.xls"), by=user)
    assert not RegisterImport.objects.exists()


def test_what_turns_out_to_be_unreadable_says_why(user):
    register = services.upload(ContentFile(workbook(WIDE, GOOD).read(), name="x.xlsx"), by=user)
    register.file.storage.delete(register.file.name)
    services.carry_on(register.pk)
    register.refresh_from_db()
    assert (register.status, register.failure["reason"]) == (Status.FAILED, "missing")


def test_without_a_column_for_the_client_no_row_is_judged_until_one_is_shown(user):
    register = sent_rows(("№ претензии", "Кто", "Сумма"), ("1/26", "Орлов", 5), by=user)
    assert (register.status, register.rows.count()) == (Status.READY, 0)
    services.change_mapping(register, by=user, mapping={"number": 0, "client": 1, "agreed_amount": 2})
    services.carry_on(register.pk)
    assert verdicts(register) == {2: Verdict.NEW}


def test_another_sheet_is_read_by_its_own_columns(user):
    register = sent_rows(WIDE, GOOD, by=user, Прошлый=[("Клиент", "Претензия", "Телефон"), ("Орлов", "7/25", "1")])
    services.change_mapping(register, by=user, sheet="Прошлый")
    services.carry_on(register.pk)
    register.refresh_from_db()
    assert (register.sheet, register.mapping) == ("Прошлый", {"client": 0, "number": 1, "phone": 2})


def test_a_reading_overtaken_by_a_change_of_columns_is_thrown_away(user, monkeypatch):
    register = services.upload(ContentFile(workbook(WIDE, GOOD).read(), name="x.xlsx"), by=user)
    stale = RegisterImport.objects.get(pk=register.pk)
    RegisterImport.objects.filter(pk=register.pk).update(mapping={"number": 0, "client": 2})
    services.read(stale)
    register.refresh_from_db()
    assert (register.status, register.rows.count()) == (Status.READING, 0)


def test_names_of_specialists_are_recognised(user):
    specialist(last_name="Ковалёв", first_name="Денис")
    specialist(last_name="Ковалёв", first_name="Пётр")
    register = sent_rows(
        ("№", "Клиент", "Ответственный"),
        ("1", "А", "Смирнова О."),
        ("2", "Б", "Ковалев Д."),
        ("3", "В", "Кот"),
        by=user,
    )
    assert register.people["Смирнова О."] == user.pk
    assert register.people["Ковалев Д."] is not None
    assert register.people["Кот"] is None


# --- Writing ------------------------------------------------------------------------------------


@time_machine.travel(workbooks.DAY_OF_SAMPLE)
def test_the_sample_is_written_exactly(user):
    truth = json.loads((workbooks.DATA / "register.json").read_text())
    with workbooks.SAMPLE.open("rb") as file:
        register = written(sent(file, user), user)
    assert register.status == Status.DONE
    sums = Claim.objects.aggregate(Sum("agreed_amount"), Sum("paid_amount"), Sum("remaining_amount"))
    assert Claim.objects.count() == truth["claims"]
    assert Payment.objects.count() == truth["payments"]
    assert Payment.objects.paid().count() == truth["paid"]
    assert [str(value) for value in sums.values()] == [truth["agreed"], truth["paid_amount"], truth["planned_amount"]]
    assert list(register.rows.refused().values_list("number", flat=True)) == [row["row"] for row in truth["refused"]]
    sweep(today=days.today())
    assert audit_money(bulk=True, swept=days.today()) == []


def test_a_claim_has_all_that_its_row_says(user):
    header = (*WIDE, "Договор", "Объект", "Основание", "Телефон", "Ответственный", "Примечание")
    row = (*GOOD, "Ф-1/25", "КП «Сосны»", "недостатки (протечка)", "8 900 000-00-00", "Смирнова О.", "ждёт акт")
    written(sent_rows(header, row, by=user), user)
    claim = Claim.objects.get()
    assert (claim.number, claim.client.name, claim.client.phone) == ("1/26", "Орлов", "8 900 000-00-00")
    assert (claim.contract_number, claim.site, claim.ground.code) == ("Ф-1/25", "КП «Сосны»", "quality")
    assert (claim.subject, claim.description) == ("недостатки (протечка)", "ждёт акт")
    assert (claim.received_on, claim.respond_by) == (date(2026, 1, 31), date(2026, 2, 10))
    assert (claim.specialist, claim.created_by, claim.agreed_amount) == (user, user, Decimal("1000.00"))
    assert Claim.objects.search("протечка").get() == claim
    kinds = set(claim.timeline.values_list("kind", flat=True))
    assert {TimelineEntry.Kind.SUMMARY, TimelineEntry.Kind.CLAIM_IMPORTED} <= kinds


def test_each_claim_comes_into_the_stage_its_payments_call_for(user):
    rows = [
        ("1", "31.01.2026", "А", 1000, None, None, None),
        ("2", "31.01.2026", "Б", 1000, "28.02.2026", 1000, None),
        ("3", "31.01.2026", "В", 1000, "28.02.2026", 1000, "27.02.2026"),
        ("4", "31.01.2026", "Г", 1000, "28.02.2026", 400, "27.02.2026"),
    ]
    written(sent_rows(WIDE, *rows, by=user), user)
    kinds = dict(Claim.objects.values_list("number", "stage__kind"))
    assert kinds == {
        "1": Stage.Kind.OPEN,
        "2": Stage.Kind.PAYING,
        "3": Stage.Kind.COMPLETING,
        "4": Stage.Kind.PAYING,
    }
    sweep(today=days.today())
    tasks = set(Task.objects.open().values_list("claim__number", "kind"))
    assert tasks == {("2", Task.Kind.PAY), ("3", Task.Kind.COMPLETE), ("4", Task.Kind.SCHEDULE)}


def test_what_is_paid_in_full_is_closed_if_so_chosen_and_asks_nothing_of_anybody(user):
    rows = [
        ("1", "31.01.2026", "А", 1000, "28.02.2026", 1000, "27.02.2026"),
        ("2", "31.01.2026", "Б", 1000, "28.02.2026", 400, "27.02.2026"),
        ("3", "31.01.2026", "В", None, "28.02.2026", 400, None),
    ]
    register = sent_rows(WIDE, *rows, by=user)
    assert RegisterImport.objects.counted().get().new_paid_count == 1
    written(register, user, closes_paid=True)
    closed = Claim.objects.get(stage__kind=Stage.Kind.CLOSED)
    assert closed.number == "1"
    assert days.local(closed.closed_at).date() == date(2026, 2, 27)
    moved = closed.timeline.get(kind=TimelineEntry.Kind.STAGE_MOVED)
    assert (moved.author, moved.data["after"]["en"]) == (None, "Closed")
    sweep(today=days.today())
    assert set(Task.objects.values_list("claim__number", flat=True)) == {"2", "3"}
    assert audit_money(bulk=True, swept=days.today()) == []


def test_the_preview_says_how_many_are_paid_in_full_and_offers_to_close_them(user, client):
    client.force_login(user)
    register = sent_rows(WIDE, ("1", "31.01.2026", "А", 1000, "28.02.2026", 1000, "27.02.2026"), by=user)
    page = client.get(register.get_absolute_url(), headers={"Accept-Language": "en"}).content.decode()
    assert "Close 1 claim that is paid in full already" in page
    client.post(f"{register.get_absolute_url()}start/", {"pipeline": Pipeline.objects.get().pk, "closes_paid": "on"})
    services.carry_on(register.pk)
    assert Claim.objects.get().stage.kind == Stage.Kind.CLOSED


def test_an_import_that_closed_claims_is_undone_as_any_other(user):
    rows = [GOOD, ("3/26", "31.01.2026", "В", 5, "28.02.2026", 5, "27.02.2026")]
    undone(written(sent_rows(WIDE, *rows, by=user), user, closes_paid=True), user)
    assert not Claim.objects.exists()


def test_a_long_register_is_written_with_all_its_payments(user):
    rows = [("1/26", "Орлов", "Ф-1", 300, "31.01.2026", 100, "+"), (None, None, None, None, "28.02.2026", 200, None)]
    written(sent(workbook(LONG, *rows, merge=["A2:A3", "B2:B3", "D2:D3"]), user), user)
    claim = Claim.objects.get()
    assert (claim.paid_amount, claim.remaining_amount, claim.next_due_on) == (100, 200, date(2026, 2, 28))


def test_the_chosen_people_get_the_claims(user):
    other, boss = specialist(), administrator()
    header = ("№", "Клиент", "Ответственный")
    register = sent_rows(header, ("1", "А", "Кот"), ("2", "Б", "Пёс"), by=user)
    written(register, user, specialist=user, accountant=boss, people={"Кот": other.pk})
    assert dict(Claim.objects.values_list("number", "specialist")) == {"1": other.pk, "2": user.pk}
    assert set(Claim.objects.values_list("accountant", flat=True)) == {boss.pk}


def test_a_client_known_by_name_and_phone_is_not_made_twice(user):
    known = ClientFactory(name="Орлов", phone="+7 900 000-14-18")
    header = ("№", "Клиент", "Телефон")
    rows = [("1", "Орлов", "89000001418"), ("2", "Орлов", "8 911 1"), ("3", "Орлов", None), ("4", "Орлов", None)]
    register = written(sent_rows(header, *rows, by=user), user)
    assert Claim.objects.get(number="1").client == known
    assert Client.objects.count() == 4
    assert list(register.rows.values_list("new_client", flat=True)) == [False, True, True, True]


def test_nothing_is_imported_twice(user):
    written(sent_rows(WIDE, GOOD, by=user), user)
    again = sent_rows(WIDE, GOOD, ("9/26", None, "Новый"), by=user)
    written(again, user)
    assert verdicts(again) == {2: Verdict.EXISTS, 3: Verdict.IMPORTED}
    assert Claim.objects.count() == 2


def test_a_number_taken_between_the_preview_and_the_writing_is_passed_over(user):
    register = sent_rows(WIDE, GOOD, ("3/26", None, "Другой"), by=user)
    ClaimFactory(number="1/26")
    written(register, user)
    assert verdicts(register) == {2: Verdict.EXISTS, 3: Verdict.IMPORTED}


def test_it_cannot_be_started_twice(user):
    register = sent_rows(WIDE, GOOD, by=user)
    pipeline = Pipeline.objects.get(number_prefix="П")
    services.start(register, by=user, pipeline=pipeline)
    with pytest.raises(ImportNotReady):
        services.start(register, by=user, pipeline=pipeline)


def many(count: int) -> list[tuple]:
    paid = (None, "27.02.2026")
    row = ("31.01.2026", "Клиент", 5, "28.02.2026", 5)
    return [(f"{number}/26", *row, paid[number % 2]) for number in range(count)]


def test_the_number_of_queries_does_not_grow_with_the_rows(user):
    def queries(rows) -> int:
        register = sent_rows(WIDE, *rows, by=user)
        services.start(register, by=user, pipeline=Pipeline.objects.get(number_prefix="П"), closes_paid=True)
        with CaptureQueriesContext(connection) as captured:
            services.carry_on(register.pk)
        return len(captured)

    few, more = queries(many(5)), queries([(f"x{row[0]}", *row[1:]) for row in many(150)])
    # SQLite takes 999 values a statement, so it writes in batches.
    assert more - few <= (10 if connection.vendor == "sqlite" else 0)


# --- A worker that dies -------------------------------------------------------------------------


class Killed(BaseException):
    """What no code can catch, as kill -9."""


def test_a_killed_worker_loses_nothing_and_doubles_nothing(user, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 10)
    register = sent_rows(WIDE, *many(35), by=user)
    services.start(register, by=user, pipeline=Pipeline.objects.get(number_prefix="П"))
    chunks = iter(range(10))

    def die_in_the_third(*args, **kwargs):
        if next(chunks) == 2:
            raise Killed

    claim_changes_final.connect(die_in_the_third, sender=Change)
    try:
        with pytest.raises(Killed):
            services.carry_on(register.pk)
    finally:
        claim_changes_final.disconnect(die_in_the_third, sender=Change)
    assert Claim.objects.count() == Payment.objects.count() == 20

    services.carry_on_all()
    assert Claim.objects.count() == 20, "the lease of the dead worker has not run out yet"
    expire_lease(register)
    services.carry_on_all()
    register.refresh_from_db()
    assert register.status == Status.DONE
    assert Claim.objects.count() == Payment.objects.count() == 35
    assert audit_money(bulk=True) == []


def test_a_reading_that_was_cut_short_is_taken_up_by_the_next_run(user, monkeypatch):
    register = services.upload(ContentFile(workbook(WIDE, GOOD).read(), name="x.xlsx"), by=user)
    work.take(register.pk)
    expire_lease(register)
    services.carry_on_all()
    register.refresh_from_db()
    assert register.status == Status.READY


def test_a_file_that_is_gone_is_said_to_be_gone(user):
    register = services.upload(ContentFile(workbook(WIDE, GOOD).read(), name="x.xlsx"), by=user)
    register.file.storage.delete(register.file.name)
    services.carry_on(register.pk)
    register.refresh_from_db()
    assert (register.status, register.failure["reason"]) == (Status.FAILED, "missing")


def test_what_fails_time_and_again_is_given_up_with_a_word(user, monkeypatch):
    register = sent_rows(WIDE, GOOD, by=user)
    services.start(register, by=user, pipeline=Pipeline.objects.get(number_prefix="П"))
    RegisterImport.objects.filter(pk=register.pk).update(attempts=work.MAX_ATTEMPTS)
    services.carry_on(register.pk)
    register.refresh_from_db()
    assert (register.status, register.failure["reason"]) == (Status.READY, "interrupted")


def test_of_two_workers_one_takes_it(user):
    register = services.upload(ContentFile(workbook(WIDE, GOOD).read(), name="x.xlsx"), by=user)
    assert work.take(register.pk)
    assert work.take(register.pk) is None


# --- Undoing ------------------------------------------------------------------------------------


def test_an_undone_import_leaves_nothing_behind(user):
    kept = ClaimFactory(client=ClientFactory(name="Орлов", phone="+7 900 000-14-18"))
    rows = [GOOD, ("3/26", "31.01.2026", "В", 5, "28.02.2026", 5, "27.02.2026")]
    register = written(sent_rows(WIDE, *rows, by=user), user)
    sweep(today=days.today())
    assert Task.objects.count() == 2
    undone(register, user)
    register.refresh_from_db()
    assert register.status == Status.UNDONE
    assert list(Claim.objects.all()) == [kept]
    assert list(Client.objects.all()) == [kept.client]
    assert not Payment.objects.exists()
    assert not Task.objects.exists()
    assert set(verdicts(register).values()) == {Verdict.UNDONE}


def test_an_undone_register_may_be_imported_again(user):
    undone(written(sent_rows(WIDE, GOOD, by=user), user), user)
    written(sent_rows(WIDE, GOOD, by=user), user)
    assert Claim.objects.get().number == "1/26"


@pytest.mark.parametrize(
    "touch",
    [
        lambda claim, user: comment(claim, by=user, text="Звонила"),
        lambda claim, user: settle(claim.payments.get(), by=user),
    ],
)
def test_an_import_people_have_worked_with_is_not_undone(user, touch):
    register = written(sent_rows(WIDE, GOOD, by=user), user)
    touch(Claim.objects.get(), user)
    with pytest.raises(ImportTouched, match="1/26"):
        services.undo(register, by=user)
    assert Claim.objects.count() == 1


def test_what_is_touched_while_it_is_being_undone_stays(user):
    register = written(sent_rows(WIDE, GOOD, by=user), user)
    services.undo(register, by=user)
    comment(Claim.objects.get(), by=user, text="Подождите!")
    services.carry_on(register.pk)
    register.refresh_from_db()
    assert (register.status, register.failure["facts"]) == (Status.DONE, {"named": "1/26"})
    assert Claim.objects.count() == 1


def test_only_what_is_written_can_be_undone_and_only_what_is_not_discarded(user):
    register = sent_rows(WIDE, GOOD, by=user)
    with pytest.raises(ImportNotReady):
        services.undo(register, by=user)
    written(register, user)
    with pytest.raises(ImportNotReady):
        services.discard(register, by=user)
    with pytest.raises(ImportNotReady):
        services.change_mapping(register, by=user)


def test_a_discarded_register_is_forgotten(user, django_capture_on_commit_callbacks):
    register = sent_rows(WIDE, GOOD, by=user)
    name, storage = register.file.name, register.file.storage
    with django_capture_on_commit_callbacks(execute=True):
        services.discard(register, by=user)
    assert not RegisterImport.objects.exists()
    assert not storage.exists(name)


# --- Who sees it --------------------------------------------------------------------------------


def test_where_specialists_see_their_own_claims_they_see_their_own_registers(user):
    register = sent_rows(WIDE, GOOD, by=user)
    other = specialist()
    assert register in RegisterImport.objects.visible_to(other)
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    assert register not in RegisterImport.objects.visible_to(other)
    assert register in RegisterImport.objects.visible_to(user)
    assert register in RegisterImport.objects.visible_to(administrator())
