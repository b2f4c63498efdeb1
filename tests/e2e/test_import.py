"""The company's register in a browser: sent, looked through, written, its refused rows corrected, and taken back."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Sum
from openpyxl import load_workbook
from playwright.sync_api import expect

from claims.models import Claim
from payments.models import Payment
from register import services

from ..factories import accountant, specialist

pytestmark = pytest.mark.django_db(transaction=True)

REGISTER = Path(settings.BASE_DIR, "docs/samples/register.xlsx")
TRUTH = json.loads(Path(settings.BASE_DIR, "tests/register/data/register.json").read_text())


@pytest.fixture
def imports(page, sign_in):
    """The import page as the specialist has it."""
    accountant(first_name="Марина", last_name="Белова")
    sign_in(specialist(first_name="Ольга", last_name="Демидова"))
    page.goto("/import/")
    return page


def send(page, path: Path) -> None:
    page.set_input_files("#id_file", path)
    expect(page.get_by_role("progressbar", name="Читаем")).to_be_visible()
    services.carry_on_all()
    expect(page.locator("#start")).to_be_visible()


def write(page, count: int) -> None:
    page.get_by_role("button", name=f"Записать {count}").click()
    expect(page.get_by_role("progressbar", name="Записано")).to_be_visible()
    services.carry_on_all()
    expect(page.locator("#import .strip.good")).to_contain_text(f"записано {count} претензи")


def sums() -> dict[str, Decimal | int]:
    paid, planned = Payment.objects.paid(), Payment.objects.planned()
    return {
        "claims": Claim.objects.count(),
        "payments": Payment.objects.count(),
        "paid": paid.count(),
        "agreed": Claim.objects.aggregate(sum=Sum("agreed_amount"))["sum"],
        "paid_amount": paid.aggregate(sum=Sum("amount"))["sum"],
        "planned_amount": planned.aggregate(sum=Sum("amount"))["sum"],
    }


def test_a_register_goes_in_and_its_refused_rows_follow_corrected(imports, tmp_path):
    send(imports, REGISTER)
    imports.get_by_role("link", name="Ошибки 6").click()
    expect(imports.locator("#rows .rownum")).to_have_text([str(refused["row"]) for refused in TRUTH["refused"]])
    expect(imports.locator("#rows .why")).to_have_count(6)
    with imports.expect_download() as download:
        imports.locator("#start").get_by_role("link", name="Ошибки").click()
    download.value.save_as(tmp_path / "refused.xlsx")

    write(imports, 234)
    assert {name: str(value) for name, value in sums().items()} == {
        name: str(value) for name, value in TRUTH.items() if name != "refused"
    }

    correct(tmp_path / "refused.xlsx")
    imports.goto("/import/")
    send(imports, tmp_path / "refused.xlsx")
    expect(imports.get_by_role("link", name="Ошибки 0")).to_be_visible()
    write(imports, 6)
    assert Claim.objects.count() == 240

    imports.once("dialog", lambda question: question.accept())
    imports.get_by_role("button", name="Отменить импорт").click()
    expect(imports.get_by_role("progressbar", name="Убрано")).to_be_visible()
    services.carry_on_all()
    expect(imports.locator("#import .strip")).to_contain_text("импорт отменён, убрано 6 претензий")
    assert Claim.objects.count() == 234


def correct(path: Path) -> None:
    """Mend what the last column says of each row, as a person would in Excel."""
    book = load_workbook(path)
    sheet = book.active
    column = {cell.value: cell.column for cell in sheet[1]}
    for row, (name, value) in enumerate(
        [
            ("ФИО клиента", "Иванов Пётр Сергеевич"),
            ("Дата получения", "28.02.2026"),
            ("Сумма компенсации, руб.", 22_900),
            ("№ претензии", "11/26-2"),
            ("Сумма компенсации, руб.", "45 268,73"),
            ("Сумма компенсации, руб.", 653_200),
        ],
        start=2,
    ):
        sheet.cell(row, column[name]).value = value
    book.save(path)


def test_a_file_that_is_no_workbook_is_refused_beside_the_field(context, imports, tmp_path):
    # A page of its own: the browser writes an answer of 422 down as an error.
    page = context.new_page()
    page.goto("/import/")
    old = tmp_path / "old.xlsx"
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100))
    page.set_input_files("#id_file", old)
    expect(page.get_by_role("alert")).to_contain_text("Книга повреждена")
    expect(page.locator("#id_file")).to_have_attribute("aria-invalid", "true")
