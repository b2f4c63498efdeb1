"""All that the worklist shows: into Excel, paid or moved at once, in the background."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from openpyxl import load_workbook

from claims_crm import days
from claims_crm.models import Company
from jobs import engine as jobs
from jobs.models import Job
from payments import worklist
from payments.models import Payment
from payments.services import change_amount, reschedule, settle, settle_each

from .. import factories
from ..audit import audit_money
from ..factories import ClientFactory, claim_with_payments

pytestmark = pytest.mark.django_db

URL = "/payments/"


def from_page(address=URL):
    return {"HX-Request": "true", "X-Page": address}


def done():
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def rows_of(job):
    return list(load_workbook(io.BytesIO(job.file.read())).active.iter_rows(values_only=True))


def confirm(client, path, data, page):
    """Open the dialog on a page and send it with `data`."""
    return client.post(path, {"draft": opened(client, path, page), **data}, headers=page)


def opened(client, path, page):
    """Open the dialog; return the draft that keeps what it shows."""
    return client.get(path, headers=page).context["draft"].pk


def late(*amounts, **fields):
    return claim_with_payments(*amounts, first_due_on=date(2020, 1, 31), **fields)


# Excel


def test_excel_holds_what_is_needed_to_pay(as_accountant, accountant):
    client = ClientFactory(name="Орлов", bank_account="40817810099910004312", bank_bic="044525225", bank_name="Сбер")
    claim = late("1000", "500", client=client, accountant=accountant, contract_number="Ф-118/25", subject="Крыша")
    as_accountant.post("/payments/export/", headers=from_page())
    headings, first, second = rows_of(done())
    assert dict(zip(headings, first, strict=True)) == {
        "Срок": first[0],
        "Клиент": "Орлов",
        "Претензия": claim.number,
        "Суть": "Крыша",
        "Договор": "Ф-118/25",
        "Выплата": "1 из 2",
        "Сумма": 1000,
        "Валюта": "RUB",
        "Осталось по претензии": 1500,
        "Бухгалтер": accountant.name,
        "Счёт": "40817810099910004312",
        "БИК": "044525225",
        "Банк": "Сбер",
    }
    assert [first[0].date(), second[0].date()] == [date(2020, 1, 31), date(2020, 2, 29)]


def test_excel_holds_only_what_the_list_shows(as_accountant, accountant):
    late("1000", accountant=accountant)
    late("2000", accountant=factories.accountant())
    claim_with_payments("3000", accountant=accountant, first_due_on=days.today() + timedelta(days=40))
    as_accountant.post("/payments/export/", headers=from_page(f"{URL}?whose=mine&when=overdue"))
    assert [row[6] for row in rows_of(done())[1:]] == [1000]


def test_excel_holds_only_those_that_are_chosen(as_accountant, accountant):
    first, _second, third = late("10", "20", "30", accountant=accountant).payments.in_order()
    as_accountant.post("/payments/export/", {"payment": [first.pk, third.pk]}, headers=from_page())
    assert [row[6] for row in rows_of(done())[1:]] == [10, 30]


def test_excel_goes_over_many_chunks(as_accountant, accountant, monkeypatch):
    monkeypatch.setattr(worklist, "CHUNK", 2)
    for _ in range(3):
        late("10", "20", accountant=accountant)
    as_accountant.post("/payments/export/", headers=from_page())
    assert [row[6] for row in rows_of(done())[1:]] == [10, 10, 10, 20, 20, 20]


def test_excel_holds_nothing_one_may_not_see(client):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    late("10", specialist=factories.specialist())
    client.force_login(factories.specialist())
    client.post("/payments/export/", headers=from_page(f"{URL}?whose=all"))
    assert len(rows_of(done())) == 1


# paying all


def test_all_that_are_found_are_paid_after_one_question(as_accountant, accountant):
    for _ in range(3):
        late("10", "20", accountant=accountant)
    kept = claim_with_payments("30", accountant=accountant, first_due_on=days.today() + timedelta(days=40))
    page = from_page(f"{URL}?when=overdue")
    question = as_accountant.get("/payments/settle/all/", headers=page).content.decode()
    assert "<b>6</b> выплат" in question
    assert "90,00" in question
    confirm(as_accountant, "/payments/settle/all/", {"paid_on": "2026-01-15"}, page)
    job = done()
    assert (job.status, job.changed, job.refused) == ("done", 6, [])
    assert set(Payment.objects.paid().values_list("paid_on", "paid_by")) == {(date(2026, 1, 15), accountant.pk)}
    assert Payment.objects.planned().get() == kept.payments.get()
    assert audit_money() == []


def test_a_day_that_has_not_come_is_refused_in_the_dialog(as_accountant, accountant):
    late("10", accountant=accountant)
    tomorrow = days.today() + timedelta(days=1)
    answer = confirm(as_accountant, "/payments/settle/all/", {"paid_on": tomorrow.isoformat()}, from_page())
    assert answer.status_code == 422
    assert "<b>1</b> выплат" in answer.content.decode()
    assert Job.objects.get().is_draft


def test_begun_anew_it_pays_only_what_is_left(as_accountant, accountant):
    claim = late("10", "20", accountant=accountant)
    confirm(as_accountant, "/payments/settle/all/", {"paid_on": "2026-01-15"}, from_page())
    settle(claim.payments.in_order().first(), by=accountant)
    assert done().changed == 1
    assert audit_money() == []


# what was seen is what is paid


def settle_seen(client, draft, paid_on="2026-01-15"):
    client.post("/payments/settle/all/", {"draft": draft, "paid_on": paid_on}, headers=from_page())
    return done()


def test_a_payment_added_after_the_dialog_opened_is_not_paid(as_accountant, accountant):
    late("1000", "1000", accountant=accountant)
    draft = opened(as_accountant, "/payments/settle/all/", from_page())
    added = late("900000", accountant=accountant)
    job = settle_seen(as_accountant, draft)
    assert (job.status, job.changed, job.total) == ("done", 2, 2)
    assert Payment.objects.paid().total() == 2000
    assert added.payments.get().is_planned


def test_a_payment_added_before_the_worker_begins_is_not_paid(as_accountant, accountant):
    late("1000", "1000", accountant=accountant)
    confirm(as_accountant, "/payments/settle/all/", {"paid_on": "2026-01-15"}, from_page())
    late("900000", accountant=accountant)
    done()
    assert Payment.objects.paid().total() == 2000


def test_a_sum_that_was_changed_meanwhile_is_refused_by_name(as_accountant, accountant):
    same, other = late("1000", accountant=accountant), late("1000", accountant=accountant)
    draft = opened(as_accountant, "/payments/settle/all/", from_page())
    change_amount(other.payments.get(), by=None, amount=Decimal(5000))
    job = settle_seen(as_accountant, draft)
    assert job.changed == 1
    [[what, why]] = job.refused
    assert other.number in what
    assert "5 000,00" in why.replace("\u00a0", " ")
    assert same.payments.get().is_paid
    assert other.payments.get().is_planned


def test_today_asked_before_midnight_is_that_day_also_after_it(as_accountant, accountant):
    """*To pay today*, confirmed at 23:59; the worker comes at 00:05, when another payment is due today."""
    today = claim_with_payments("10", accountant=accountant, first_due_on=date(2026, 11, 30))
    tomorrow = claim_with_payments("20", accountant=accountant, first_due_on=date(2026, 12, 1))
    with time_machine.travel(datetime(2026, 11, 30, 20, 59, tzinfo=UTC)):
        as_accountant.force_login(accountant)  # sessions last for hours
        page = from_page(f"{URL}?when=today")
        confirm(as_accountant, "/payments/settle/all/", {"paid_on": "2026-11-30"}, page)
    with time_machine.travel(datetime(2026, 11, 30, 21, 5, tzinfo=UTC)):
        assert done().changed == 1
    assert today.payments.get().paid_on == date(2026, 11, 30)
    assert tomorrow.payments.get().is_planned


def test_the_dialog_sent_twice_is_one_job(as_accountant, accountant):
    late("10", accountant=accountant)
    draft = opened(as_accountant, "/payments/settle/all/", from_page())
    settle_seen(as_accountant, draft)
    settle_seen(as_accountant, draft)
    assert Job.objects.count() == 1


def test_a_dialog_that_is_not_kept_any_more_changes_nothing(as_accountant, accountant):
    claim = late("10", accountant=accountant)
    answer = as_accountant.post("/payments/settle/all/", {"paid_on": "2026-01-15"}, headers=from_page())
    assert answer.status_code == 409
    assert claim.payments.get().is_planned


def test_the_draft_of_another_user_is_none_of_ones_own(as_accountant, accountant, client):
    claim = late("10", accountant=accountant)
    draft = opened(as_accountant, "/payments/settle/all/", from_page())
    client.force_login(factories.accountant(username="boris"))
    answer = client.post("/payments/settle/all/", {"draft": draft, "paid_on": "2026-01-15"}, headers=from_page())
    assert answer.status_code == 409
    assert claim.payments.get().is_planned


def test_however_many_are_kept_and_paid_as_they_were_seen(as_accountant, accountant):
    """Their number does not matter to the form: it carries the number of the draft only."""
    claims = [late(*["10"] * 50, accountant=accountant) for _ in range(2)]
    page = from_page()
    dialog = as_accountant.get("/payments/settle/all/", headers=page)
    assert len(dialog.context["draft"].arguments["payments"]) == 100
    assert dialog.content.decode().count('type="hidden"') <= 2
    assert settle_seen(as_accountant, dialog.context["draft"].pk).changed == 100
    assert {claim.payments.planned().count() for claim in claims} == {0}


@pytest.mark.logs_errors
def test_a_worker_that_takes_over_goes_on_with_the_next_batch(as_accountant, accountant, monkeypatch):
    monkeypatch.setattr("payments.jobs.BATCH", 2)
    late("1", "2", "3", "4", "5", accountant=accountant)
    confirm(as_accountant, "/payments/settle/all/", {"paid_on": "2026-01-15"}, from_page())
    batches = []

    def die_in_the_second(settlings, **facts):
        batches.append([settling.payment.amount for settling in settlings])
        if len(batches) == 2:
            raise MemoryError
        return settle_each(settlings, **facts)

    monkeypatch.setattr("payments.services.settle_each", die_in_the_second)
    job = done()
    assert (job.status, job.done, job.changed) == ("waiting", 2, 2)
    Job.objects.update(not_before=timezone.now())
    job = done()
    assert batches == [[1, 2], [3, 4], [3, 4], [5]]
    assert (job.status, job.done, job.changed, job.refused) == ("done", 5, 5, [])
    assert audit_money() == []


def test_a_deadline_that_was_moved_meanwhile_is_refused_by_name(as_accountant, accountant):
    claim = late("10", accountant=accountant)
    draft = opened(as_accountant, "/payments/reschedule/all/", from_page())
    reschedule(claim.payments.get(), by=None, due_on=date(2027, 1, 31))
    as_accountant.post("/payments/reschedule/all/", {"draft": draft, "due_on": "2027-03-31"}, headers=from_page())
    job = done()
    assert (job.changed, job.refused[0][0]) == (0, f"{claim.number}, {claim.client}")
    assert claim.payments.get().due_on == date(2027, 1, 31)


# moving all


def test_all_deadlines_that_are_found_are_moved(as_accountant, accountant):
    late("10", "20", accountant=accountant)
    confirm(as_accountant, "/payments/reschedule/all/", {"due_on": "2027-03-31"}, from_page())
    assert done().changed == 2
    assert set(Payment.objects.values_list("due_on", flat=True)) == {date(2027, 3, 31)}


def test_what_is_refused_is_told_by_name(as_accountant, accountant, monkeypatch):
    refused, moved = late("10", accountant=accountant), late("20", accountant=accountant)
    confirm(as_accountant, "/payments/settle/all/", {"paid_on": "2026-01-15"}, from_page())

    def cancelled_meanwhile(settlings, **facts):
        refused.payments.update(status=Payment.Status.CANCELLED)
        return settle_each(settlings, **facts)

    monkeypatch.setattr("payments.services.settle_each", cancelled_meanwhile)
    job = done()
    assert job.changed == 1
    [[what, why]] = job.refused
    assert refused.number in what
    assert why
    assert moved.payments.get().is_paid
    assert Decimal(0) == refused.payments.paid().total()
