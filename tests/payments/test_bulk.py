"""All that the worklist shows: into Excel, paid or moved at once, in the background."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from claims_crm import days
from claims_crm.models import Company
from jobs import engine as jobs
from jobs.models import Job
from payments import worklist
from payments.models import Payment
from payments.services import settle, settle_each

from .. import factories
from ..audit import audit_money
from ..factories import ClientFactory, claim_with_payments

pytestmark = pytest.mark.django_db

URL = "/payments/"


def from_page(address=URL):
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}"}


def done():
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def rows_of(job):
    return list(load_workbook(io.BytesIO(job.file.read())).active.iter_rows(values_only=True))


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
    as_accountant.post("/payments/settle/all/", {"paid_on": "2026-01-15"}, headers=page)
    job = done()
    assert (job.status, job.changed, job.refused) == ("done", 6, [])
    assert set(Payment.objects.paid().values_list("paid_on", "paid_by")) == {(date(2026, 1, 15), accountant.pk)}
    assert Payment.objects.planned().get() == kept.payments.get()
    assert audit_money() == []


def test_a_day_that_has_not_come_is_refused_in_the_dialog(as_accountant, accountant):
    late("10", accountant=accountant)
    tomorrow = days.today() + timedelta(days=1)
    answer = as_accountant.post("/payments/settle/all/", {"paid_on": tomorrow.isoformat()}, headers=from_page())
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_begun_anew_it_pays_only_what_is_left(as_accountant, accountant):
    claim = late("10", "20", accountant=accountant)
    as_accountant.post("/payments/settle/all/", {"paid_on": "2026-01-15"}, headers=from_page())
    settle(claim.payments.in_order().first(), by=accountant)
    assert done().changed == 1
    assert audit_money() == []


# moving all


def test_all_deadlines_that_are_found_are_moved(as_accountant, accountant):
    late("10", "20", accountant=accountant)
    as_accountant.post("/payments/reschedule/all/", {"due_on": "2027-03-31"}, headers=from_page())
    assert done().changed == 2
    assert set(Payment.objects.values_list("due_on", flat=True)) == {date(2027, 3, 31)}


def test_what_is_refused_is_told_by_name(as_accountant, accountant, monkeypatch):
    refused, moved = late("10", accountant=accountant), late("20", accountant=accountant)
    as_accountant.post("/payments/settle/all/", {"paid_on": "2026-01-15"}, headers=from_page())

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
