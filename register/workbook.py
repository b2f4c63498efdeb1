"""Opens a spreadsheet safely; reads .xlsx and .xlsm itself.

Nothing is unpacked before the archive is checked, entities are refused (defusedxml), formulas are never
evaluated, and what a file claims of its own size is not believed.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any, BinaryIO

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml import DEFUSEDXML

from .cell_values import Formula, is_blank
from .currencies import currency_of_format, unit_of_format
from .errors import FileUnreadable
from .other_formats import TextBook, is_text, open_calamine
from .sheet_rows import Book, NumberFormat, Worksheet
from .strict_ooxml import is_strict, to_transitional

MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_UNPACKED = 100 * MEGABYTE
# Real sheets pack 5 to 40 times; only a bomb packs better than this.
MAX_RATIO = 150
MAX_ENTRIES = 1000
MAX_SHEETS = 50

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|meta|table|\?xml)", re.IGNORECASE)

if not DEFUSEDXML:
    raise ImportError("defusedxml must be installed: registers come from outside")


class Workbook(ExcelReader):
    """An open workbook: openpyxl's reader, stopped short of the sheets.

    Its read-only sheet reads a whole sheet to learn its size, pads every missing row and column (one cell in
    the last corner is a bomb), and does not tell merged ranges. So rows are taken from its parser directly.
    """

    sheets: list[Worksheet]

    def read(self) -> None:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        self.sheets = [
            Worksheet(sheet.name, sheet.state == "visible", relation.target)
            for sheet, relation in self.parser.find_sheets()
            if relation.target in self.valid_files and "chartsheet" not in relation.Type
        ]
        if len(self.sheets) > MAX_SHEETS:
            raise FileUnreadable("too_many_sheets", limit=MAX_SHEETS)

    @property
    def epoch(self) -> datetime:
        return self.wb.epoch

    def visible(self) -> list[Worksheet]:
        """Return the sheets people see, or all of them where all are hidden."""
        return [sheet for sheet in self.sheets if sheet.is_visible] or self.sheets

    @contextmanager
    def rows(self, sheet: Worksheet) -> Iterator[XlsxRows]:
        with self.archive.open(sheet.path) as source:
            parser = XlsxRows(
                source,
                self.shared_strings,
                data_only=True,
                epoch=self.epoch,
                date_formats=self.wb._date_formats,  # noqa: SLF001
                timedelta_formats=self.wb._timedelta_formats,  # noqa: SLF001
            )
            parser.telling_formats = self._telling_formats()
            yield parser

    def _telling_formats(self) -> dict[int, NumberFormat]:
        """Return {style: what its number format tells} for the styles that tell a currency or a unit."""
        custom = self.wb._number_formats  # noqa: SLF001
        found = {}
        for style, array in enumerate(self.wb._cell_styles):  # noqa: SLF001
            # Built-in formats show the currency of the reader's Windows, so they tell nothing of the file's.
            position = array.numFmtId - BUILTIN_FORMATS_MAX_SIZE
            if not 0 <= position < len(custom):
                continue
            told = NumberFormat(currency_of_format(custom[position]), unit_of_format(custom[position]))
            if told.currency or told.unit:
                found[style] = told
        return found


class XlsxRows(WorkSheetParser):
    """Yields each row as (number, {column: value}); `ranges` are known when all rows have been yielded.

    A formula's cell has the value Excel has stored for it; a Formula where there is none. `telling_formats` are
    the styles whose number format tells a currency or a unit; `formats` holds those of the row just yielded.
    """

    telling_formats: Mapping[int, NumberFormat] = MappingProxyType({})
    formats: dict[int, NumberFormat]

    def __iter__(self) -> Iterator[tuple[int, dict[int, Any]]]:
        for number, cells in self.parse():
            self.formats = {
                cell["column"] - 1: self.telling_formats[cell["style_id"]]
                for cell in cells
                if cell["style_id"] in self.telling_formats
            }
            yield number, {cell["column"] - 1: cell["value"] for cell in cells if not is_blank(cell["value"])}

    def parse_cell(self, element: Any) -> dict[str, Any]:
        formula = element.find(FORMULA_TAG)
        if formula is None or element.findtext(VALUE_TAG):
            return super().parse_cell(element)
        cell = super().parse_cell(element)
        if element.get("t") != "str":
            cell["value"] = Formula("=" + (formula.text or ""))
        return cell

    @property
    def ranges(self) -> list[CellRange]:
        return list(self.merged_cells.mergeCell) if self.merged_cells else []


@contextmanager
def open_workbook(file: BinaryIO) -> Iterator[Book]:
    """Open the spreadsheet, by what it holds and not by its name. Raises FileUnreadable.

    Whatever its parser stumbles over is the file's fault.
    """
    kind = _kind(file)
    file.seek(0)
    try:
        if kind == "csv":
            yield TextBook(file.read())
        elif kind != "xlsx":
            yield open_calamine(file)
        else:
            with warnings.catch_warnings(action="ignore"):
                workbook = Workbook(
                    to_transitional(file) if is_strict(file) else file, read_only=True, keep_links=False
                )
                workbook.read()
                yield workbook
    except FileUnreadable:
        raise
    # A broken workbook fails anywhere in the parser, with an error of any kind.
    except Exception as error:
        raise FileUnreadable("damaged") from error


def _kind(file: BinaryIO) -> str:
    """Return what the file is: "xlsx", "xlsb", "ods", "xls" or "csv". Raises FileUnreadable for all else.

    Archives that would unpack into more than a register can be are refused here.
    """
    file.seek(0)
    start = file.read(MAX_FILE + 1)
    if not start:
        raise FileUnreadable("empty")
    if len(start) > MAX_FILE:
        raise FileUnreadable("too_large", megabytes=MAX_FILE // MEGABYTE)
    if start.startswith(OLE):
        if ENCRYPTED in start:
            raise FileUnreadable("password")
        return "xls"
    if MARKUP.match(start):
        raise FileUnreadable("html")
    if start.startswith(b"PK"):
        return _kind_of_archive(file)
    if is_text(start):
        return "csv"
    raise FileUnreadable("not_xlsx")


def _kind_of_archive(file: BinaryIO) -> str:
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileUnreadable("damaged") from error
    if len(entries) > MAX_ENTRIES:
        raise FileUnreadable("too_many_parts")
    # zipfile never gives more bytes of an entry than it declares, so the declared sizes bind.
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED or any(map(_is_bomb, entries)):
        raise FileUnreadable("too_large_unpacked")
    names = {entry.filename.lower() for entry in entries}
    if "mimetype" in names and archive.read("mimetype").startswith(ODS) and "content.xml" in names:
        return "ods"
    if "[content_types].xml" in names and "xl/workbook.bin" in names:
        return "xlsb"
    if "[content_types].xml" in names and any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in names):
        return "xlsx"
    raise FileUnreadable("not_xlsx")


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > MEGABYTE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
