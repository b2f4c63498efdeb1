"""Files that are not registers are refused before they do harm, each with its reason."""

import io
import zipfile

import pytest

from register import reader, workbook
from register.errors import FileUnreadable
from tests.register import workbooks

ROW = ("1/26", "31.01.2026", "Орлов", 1000)


def refused(content: bytes, way=reader.read_sheet) -> str:
    with pytest.raises(FileUnreadable) as error:
        way(io.BytesIO(content))
    assert str(error.value)
    return error.value.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (workbook.OLE + b"\x00" * 600, "damaged"),
        (workbook.OLE + workbook.ENCRYPTED + b"\x00" * 600, "password"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table>", "html"),
        (b"  <!DOCTYPE html>", "html"),
        ("№;Клиент\n1;Орлов\n".encode("cp1251"), "no_header"),
        (b"%PDF-1.7\x00\x01", "not_xlsx"),
        (b"PK\x03\x04 and then nothing", "damaged"),
    ],
)
def test_a_file_of_another_kind_is_told_by_what_it_is(content, reason):
    assert refused(content) == reason
    assert refused(content, reader.check_file) == reason


def packed(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_another_office_file_is_not_taken_for_excel():
    assert refused(packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")) == "not_xlsx"


def test_a_zip_bomb_is_not_unpacked():
    bomb = {"[Content_Types].xml": b"", "xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": b" " * 20_000_000}
    assert refused(packed(**bomb)) == "too_large_unpacked"


def test_many_entries_are_not_read():
    assert refused(packed(**{f"xl/{number}": b"" for number in range(1001)})) == "too_many_parts"


def test_a_file_over_the_limit_is_refused_by_its_size():
    assert refused(b"PK" + b"\x00" * workbook.MAX_FILE) == "too_large"


def replaced(file: io.BytesIO, name: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry.filename, change(content) if entry.filename == name else content)
    return out.getvalue()


def test_entities_are_refused():
    def swell(content: bytes) -> bytes:
        return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + content.split(b"?>", 1)[-1]

    content = replaced(workbooks.workbook(workbooks.WIDE, ROW), "xl/worksheets/sheet1.xml", swell)
    assert refused(content) == "damaged"


def test_a_broken_sheet_is_said_to_be_damaged():
    content = replaced(workbooks.workbook(workbooks.WIDE, ROW), "xl/worksheets/sheet1.xml", lambda xml: xml[:300])
    assert refused(content) == "damaged"


def test_a_cell_in_the_last_corner_costs_nothing():
    file = workbooks.workbook(workbooks.WIDE, ROW)
    far = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
    content = replaced(file, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", far))
    assert [row.number for row in reader.read_sheet(io.BytesIO(content)).rows] == [2, 1048576]


def test_too_many_columns_are_refused():
    assert refused(workbooks.workbook([*workbooks.WIDE, *["x"] * 300], ROW).getvalue()) == "too_many_columns"


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_ROWS", 3)
    assert refused(workbooks.workbook(workbooks.WIDE, *[ROW] * 4).getvalue()) == "too_many_rows"
