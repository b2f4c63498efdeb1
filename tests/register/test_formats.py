"""The same register in every format people save it in."""

import io
import zipfile
from datetime import date

import pytest
import xlwt

from register import reader
from register.errors import FileUnreadable
from register.validation import guess_columns, validate
from tests.register.workbooks import WIDE, workbook

ROWS = [
    WIDE,
    ("1/26", date(2026, 1, 31), "Орлов Иван", 1000.5, date(2026, 2, 28), 1000.5, date(2026, 2, 27)),
    ("2/26", date(2026, 2, 1), "Белова Анна", 2000, date(2026, 12, 31), 2000, None),
]


def as_xlsx() -> bytes:
    return workbook(*ROWS).getvalue()


def as_xlsm() -> bytes:
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return replaced(as_xlsx(), kind, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")


def as_strict() -> bytes:
    content = replaced(
        as_xlsx(),
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    return replaced(
        content,
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    )


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry).replace(old, new))
    return out.getvalue()


def as_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Реестр")
    style = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for row, values in enumerate(ROWS):
        for column, value in enumerate(values):
            if value is not None:
                sheet.write(row, column, value, *([style] if isinstance(value, date) else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_ods() -> bytes:
    def cell(value) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value:%Y-%m-%d}"/>'
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in ROWS)
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{space}office:1.0" '
        f'xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Реестр">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def as_csv(delimiter: str, encoding: str) -> bytes:
    def text(value) -> str:
        if isinstance(value, date):
            return f"{value:%d.%m.%Y}"
        return "" if value is None else str(value).replace(".", ",") if isinstance(value, float) else str(value)

    lines = [delimiter.join(f'"{text(value)}"' for value in row) for row in ROWS]
    return "\r\n".join(lines).encode(encoding)


@pytest.mark.parametrize(
    "make",
    [
        as_xlsx,
        as_xlsm,
        as_strict,
        as_xls,
        as_ods,
        lambda: as_csv(";", "cp1251"),
        lambda: as_csv(";", "utf-8-sig"),
        lambda: as_csv(",", "utf-8"),
        lambda: as_csv("\t", "utf-16"),
    ],
    ids=["xlsx", "xlsm", "strict", "xls", "ods", "csv-cp1251", "csv-bom", "csv-comma", "csv-utf16"],
)
def test_a_register_is_the_same_in_every_format(make):
    content = make()
    reader.check_file(io.BytesIO(content))
    sheet = reader.read_sheet(io.BytesIO(content))
    claims = validate(sheet, guess_columns(sheet).mapping, today=date(2026, 11, 30)).claims
    assert [(claim.number, claim.received_on, claim.client, str(claim.agreed_amount)) for claim in claims] == [
        ("1/26", date(2026, 1, 31), "Орлов Иван", "1000.50"),
        ("2/26", date(2026, 2, 1), "Белова Анна", "2000.00"),
    ]
    assert [
        (payment.due_on, str(payment.amount), payment.paid_on) for claim in claims for payment in claim.payments
    ] == [
        (date(2026, 2, 28), "1000.50", date(2026, 2, 27)),
        (date(2026, 12, 31), "2000.00", None),
    ]


def test_blank_rows_without_end_are_refused():
    blank = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (number, number) for number in range(10, 50_100))
    content = replaced(as_xlsx(), b"</sheetData>", blank + b"</sheetData>")
    reader.check_file(io.BytesIO(content))
    with pytest.raises(FileUnreadable) as error:
        reader.read_sheet(io.BytesIO(content))
    assert error.value.reason == "too_many_rows"
