"""`manage.py import_claims FILE.xlsx [--dry-run]`: the same import as the page's, by hand."""

import pytest
import time_machine
from django.core.management import CommandError, call_command

from claims.models import Claim
from payments.models import Payment
from register.models import RegisterImport
from tests.register import workbooks
from tests.register.workbooks import WIDE, workbook

pytestmark = pytest.mark.django_db

GOOD = ("1/26", "31.01.2026", "Орлов", 1000, "28.02.2026", 1000, "27.02.2026")
BAD = ("2/26", "31.02.2026", None, 1000, None, None, None)


@pytest.fixture
def told(tmp_path, capsys):
    def run(*rows, **options) -> str:
        path = tmp_path / "реестр.xlsx"
        path.write_bytes(workbook(*rows).getvalue())
        call_command("import_claims", str(path), **options)
        return capsys.readouterr().out

    return run


def test_it_prints_what_it_found_and_writes_it(told):
    out = told(WIDE, GOOD, BAD, ("ИТОГО",))
    assert "claims=1 payments=1 paid=1 already_there=0 refused=1" in out
    assert "Refused: row 3 B3 Дата получения: " in out
    assert "Refused: row 3 C3 ФИО клиента: " in out
    assert "Passed over: row 4 ИТОГО" in out
    assert "Written: 1." in out
    assert Claim.objects.get().number == "1/26"


PAID = ("3/26", "31.01.2026", "Белов", 1000, "28.02.2026", 1000, "27.02.2026")


@pytest.mark.parametrize(("options", "kind"), [({}, "closed"), ({"leave_paid_open": True}, "completing")])
def test_what_is_paid_in_full_is_closed_unless_it_is_to_be_left_open(told, options, kind):
    out = told(WIDE, PAID, **options)
    assert "Paid in full: 1." in out
    assert ("Closed: 1." in out) == (kind == "closed")
    assert Claim.objects.get().stage.kind == kind


def test_a_dry_run_leaves_nothing(told):
    out = told(WIDE, GOOD, dry_run=True)
    assert "claims=1" in out
    assert not Claim.objects.exists()
    assert not RegisterImport.objects.exists()


def test_what_is_there_already_is_passed_over_and_is_no_failure(told):
    told(WIDE, GOOD)
    assert "already_there=1" in told(WIDE, GOOD)
    assert Claim.objects.count() == 1


@pytest.mark.parametrize("rows", [[("Заметка",)], [WIDE], [("Дата", "Сумма", "Примечание"), (1, 2, 3)]])
def test_where_nothing_can_be_read_it_exits_with_1(told, rows):
    with pytest.raises(CommandError) as error:
        told(*rows)
    assert error.value.returncode == 1
    assert not RegisterImport.objects.exists()


def test_a_file_that_is_not_there():
    with pytest.raises(CommandError):
        call_command("import_claims", "/nowhere/register.xlsx")


@time_machine.travel(workbooks.DAY_OF_SAMPLE)
def test_the_sample(capsys):
    call_command("import_claims", str(workbooks.SAMPLE))
    out = capsys.readouterr().out
    assert "claims=234 payments=668 paid=457 already_there=0 refused=6" in out
    assert "Written: 234." in out
    assert (Claim.objects.count(), Payment.objects.count()) == (234, 668)
