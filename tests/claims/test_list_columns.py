"""The columns of the table of claims, the same table in Excel, and many claims handed over at once."""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from claims import listing
from claims.table_columns import COLUMNS, DEFAULT_COLUMNS
from claims_crm.models import Company
from jobs import engine as jobs
from jobs.models import Job
from notifications.services import sweep

from .. import factories
from ..factories import ClaimFactory, ClientFactory, claim_with_payments

pytestmark = pytest.mark.django_db

URL = "/claims/"


def headings(response):
    return [column.name for column, _sort in response.context["headings"]]


def from_page(address):
    """The headers of a request that the page at `address` sends."""
    return {"HX-Request": "true", "X-Page": address}


def done():
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def sheet_of(job):
    return list(load_workbook(io.BytesIO(job.file.read())).active.iter_rows(values_only=True))


# columns


def test_the_usual_columns_stand_there_at_first(as_specialist, claim):
    assert headings(as_specialist.get(URL)) == list(DEFAULT_COLUMNS)


def test_an_address_may_ask_for_others(as_specialist, claim):
    claim.client.phone = "+7 900 555-11-22"
    claim.client.save()
    page = as_specialist.get(f"{URL}?column=phone&column=accountant&column=nonsense")
    assert headings(page) == ["number", "phone", "accountant"]
    assert "+7 900 555-11-22" in page.content.decode()


@pytest.mark.parametrize("name", COLUMNS)
def test_each_column_tells_its_heading(as_specialist, claim, name):
    page = as_specialist.get(f"{URL}?column={name}")
    assert str(COLUMNS[name].label) in page.content.decode()


def test_kept_columns_are_there_the_next_time(as_specialist, claim):
    as_specialist.post("/claims/columns/", {"column": ["site", "client"]})
    assert headings(as_specialist.get(URL)) == ["number", "client", "site"]


def test_columns_of_ones_own_do_not_stand_in_the_address(as_specialist, claim):
    as_specialist.post("/claims/columns/", {"column": ["client"]})
    table = as_specialist.get(f"{URL}?column=number&column=client&show=work", headers={"HX-Request": "true"})
    assert table["HX-Push-Url"] == "?show=work"


def test_more_columns_cost_no_more_queries(as_specialist, claim, queries):
    few = queries(lambda: as_specialist.get(URL, {"column": "number"}))
    assert queries(lambda: as_specialist.get(URL, {"column": list(COLUMNS)})) == few


# Excel


def test_excel_holds_exactly_what_the_table_shows(as_specialist, specialist):
    claim_with_payments("1000", "500", client=ClientFactory(name="Орлов"), specialist=specialist)
    claim_with_payments("700", client=ClientFactory(name="Белых"), first_due_on=date(2020, 1, 31))
    ClaimFactory(client=ClientFactory(name="Ветров"))
    address = f"{URL}?mine=on&column=client&column=stage&column=total&column=specialist&sort=client"
    as_specialist.post("/claims/export/", headers=from_page(address))
    job = done()
    assert sheet_of(job) == [
        ("Номер", "Клиент", "Стадия", "Всего", "Специалист", "Валюта"),
        (specialist.claims_as_specialist.get().number, "Орлов", "Выплаты", 1500, "Ольга Демидова", "RUB"),
    ]
    assert job.file_name.endswith(".xlsx")


def test_excel_keeps_the_order_over_many_chunks(as_specialist, monkeypatch):
    monkeypatch.setattr(listing, "CHUNK", 2)
    for sum_ in ("300", "100", "500", "200", "400"):
        claim_with_payments(sum_)
    as_specialist.post("/claims/export/", headers=from_page(f"{URL}?column=remaining&sort=-remaining"))
    assert [row[1] for row in sheet_of(done())[1:]] == [500, 400, 300, 200, 100]


def test_excel_holds_nothing_one_may_not_see(as_specialist):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    ClaimFactory(specialist=factories.specialist())
    as_specialist.post("/claims/export/", headers=from_page(URL))
    assert len(sheet_of(done())) == 1


def test_a_clients_name_is_no_formula(as_specialist):
    ClaimFactory(client=ClientFactory(name="=cmd|' /C calc'!A0"))
    as_specialist.post("/claims/export/", headers=from_page(f"{URL}?column=client"))
    cell = load_workbook(io.BytesIO(done().file.read())).active["B2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


# handing over


def reassign(client, selection, data, page):
    """Open the dialog on a page for the selected claims, and send it with `data`."""
    dialog = client.get("/claims/reassign/", selection, headers=page)
    return client.post("/claims/reassign/", {"draft": dialog.context["draft"].pk, **data}, headers=page)


@pytest.fixture
def anna():
    return factories.specialist(username="anna")


def test_chosen_claims_are_handed_over_with_their_tasks(as_specialist, specialist, anna):
    mine = claim_with_payments("100", first_due_on=date(2020, 1, 31), specialist=specialist)
    other = ClaimFactory(specialist=specialist)
    payer = factories.accountant()
    sweep()
    reassign(as_specialist, {"claim": [mine.pk]}, {"specialist": anna.pk, "accountant": payer.pk}, from_page(URL))
    assert done().changed == 1
    for claim in (mine, other):
        claim.refresh_from_db()
    assert (mine.specialist, mine.accountant, other.specialist) == (anna, payer, specialist)
    assert mine.tasks.open().get().assignee == payer
    assert mine.timeline.filter(kind="claim_edited", author=specialist).exists()


def test_all_that_are_found_are_handed_over(as_specialist, specialist, anna):
    for _ in range(3):
        ClaimFactory(specialist=specialist)
    kept = ClaimFactory(specialist=factories.specialist())
    reassign(as_specialist, {"all": "on"}, {"specialist": anna.pk}, from_page(f"{URL}?mine=on"))
    assert done().changed == 3
    assert anna.claims_as_specialist.count() == 3
    kept.refresh_from_db()
    assert kept.specialist != anna


def test_who_has_it_already_is_not_counted(as_specialist, anna):
    claim = ClaimFactory(specialist=anna)
    reassign(as_specialist, {"claim": claim.pk}, {"specialist": anna.pk}, from_page(URL))
    assert done().changed == 0


def test_first_it_is_asked_to_whom(as_specialist, claim):
    dialog = as_specialist.get("/claims/reassign/", {"claim": claim.pk}, headers=from_page(URL)).content.decode()
    assert "Передать 1 претензию" in dialog
    assert Job.objects.get().arguments == {"claims": [claim.pk]}


@pytest.mark.parametrize("data", [{}, {"specialist": "999999"}, {"specialist": "x"}])
def test_nobody_in_particular_is_refused_in_the_dialog(as_specialist, claim, data):
    answer = reassign(as_specialist, {"claim": claim.pk}, data, from_page(URL))
    assert answer.status_code == 422
    assert Job.objects.get().is_draft


def test_an_accountant_is_no_specialist(as_specialist, claim, accountant):
    answer = reassign(as_specialist, {"claim": claim.pk}, {"specialist": accountant.pk}, from_page(URL))
    assert answer.status_code == 422


def test_no_claim_chosen_is_told(as_specialist, anna):
    answer = as_specialist.get("/claims/reassign/", headers=from_page(URL))
    assert answer.status_code == 409
    assert "Выберите хотя бы одну" in answer.content.decode()


def test_claims_one_may_not_see_are_left_alone(as_specialist, specialist, anna):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    strange = ClaimFactory(specialist=anna, agreed_amount=Decimal(10))
    own = ClaimFactory(specialist=specialist)
    reassign(as_specialist, {"claim": [strange.pk, own.pk]}, {"specialist": specialist.pk}, from_page(URL))
    assert done().arguments["claims"] == [own.pk]


def test_a_claim_that_came_after_the_dialog_opened_is_not_handed_over(as_specialist, specialist, anna):
    ClaimFactory(specialist=specialist)
    page = from_page(f"{URL}?mine=on")
    dialog = as_specialist.get("/claims/reassign/", {"all": "on"}, headers=page)
    late = ClaimFactory(specialist=specialist)
    draft = dialog.context["draft"].pk
    as_specialist.post("/claims/reassign/", {"draft": draft, "specialist": anna.pk}, headers=page)
    assert done().changed == 1
    late.refresh_from_db()
    assert late.specialist == specialist
