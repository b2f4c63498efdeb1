"""Workbooks saved as "Strict Open XML": the same parts under other namespaces (ISO/IEC 29500, parts 1 and 4)."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

STRICT = b"http://purl.oclc.org/ooxml/"
NAMESPACES = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
)


def is_strict(file: BinaryIO) -> bool:
    """Return whether the workbook of the archive is written in the strict namespaces."""
    with zipfile.ZipFile(file) as archive:
        name = next((name for name in archive.namelist() if name.lower() == "xl/workbook.xml"), "")
        return bool(name) and STRICT in archive.read(name)


def to_transitional(file: BinaryIO) -> io.BytesIO:
    """Return the archive with the namespaces that openpyxl reads. Its size is checked before."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith((".xml", ".rels")):
                for strict, transitional in NAMESPACES:
                    content = content.replace(strict, transitional)
            target.writestr(entry.filename, content)
    out.seek(0)
    return out
