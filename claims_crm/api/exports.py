"""A list as a whole, row by row: `?format=ndjson` or `csv`, or the same by `Accept`. Its length costs no memory.

Rows come in the order of their ids and are read a chunk at a time, each from the id that the last one ended with:
nothing is held open in the database meanwhile, no row comes twice, and each is as it was when it was read.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, Serializer

from claims_crm.web.spreadsheet import FORMULA_STARTS

from .filters import parse_id

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
FORMATS = {"json": JSON, "ndjson": NDJSON, "csv": CSV}
FORMAT, AFTER = "format", "after"
PARAMETERS = [
    {
        "name": FORMAT,
        "in": "query",
        "description": "`ndjson` and `csv` give the whole list at once, as a stream in the order of ids; `Accept` too.",
        "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
    },
    {
        "name": AFTER,
        "in": "query",
        "description": "Of a stream: go on after this id, where one was cut off.",
        "schema": {"type": "integer", "minimum": 1},
    },
]
CHUNK = 1000

Row = Mapping[str, Any]


def asked(request: Request) -> str:
    """Return the media type of the stream that is asked for; "" for a page. Raises ValidationError."""
    if name := request.query_params.get(FORMAT):
        if name not in FORMATS:
            raise ValidationError({FORMAT: [_("One of these: %(formats)s.") % {"formats": ", ".join(FORMATS)}]})
        media_type = FORMATS[name]
    else:
        media_type = request.headers.get("Accept", "").partition(";")[0].strip().lower()
    return media_type if media_type in (NDJSON, CSV) else ""


def stream(rows: Any, serializer: type[BaseSerializer], request: Request, context: Row) -> StreamingHttpResponse:
    """Answer with all the rows of a query as `serializer` tells of them, in a file named after the address."""
    media_type = asked(request)
    last = _after(request)
    columns = _columns(serializer())
    write: Callable[[Sequence[Row]], bytes] = _ndjson if media_type == NDJSON else lambda found: _csv(found, columns)
    # The reader's language and the company's time are the request's, which is over before the rows are read.
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()

    def chunk(last: int) -> tuple[bytes, int | None]:
        with translation.override(language), timezone.override(zone):
            found = list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK])
            return write(serializer(found, many=True, context=context).data), found[-1].pk if found else None

    def chunks() -> Iterator[bytes]:
        if media_type == CSV:
            yield _csv([dict(zip(columns, columns, strict=True))], columns)
        mark: int | None = last
        while mark is not None:
            written, mark = chunk(mark)
            yield written

    name = f"{request.path.rstrip('/').rpartition('/')[2]}.{'csv' if media_type == CSV else 'ndjson'}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(chunks(), content_type=media_type, headers=disposition)


def _after(request: Request) -> int:
    try:
        return parse_id(request.query_params[AFTER]) if AFTER in request.query_params else 0
    except Invalid as error:
        raise ValidationError({AFTER: error.messages}) from error


def _ndjson(rows: Sequence[Row]) -> bytes:
    render = JSONRenderer().render
    return b"".join(render(row) + b"\n" for row in rows)


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> bytes:
    text = StringIO()
    lines = csv.writer(text)
    lines.writerows([_cell(_value(row, column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _columns(serializer: Any) -> list[str]:
    """Return the names of columns; what is inside another is "stage.id"."""
    columns = []
    for name, field in serializer.fields.items():
        inner = field.fields if isinstance(field, Serializer) else ()
        columns += [f"{name}.{inside}" for inside in inner] or [name]
    return columns


def _value(row: Row, column: str) -> Any:
    if column in row:
        return row[column]
    name, _dot, inside = column.partition(".")
    return row[name] and row[name][inside]


def _cell(value: Any) -> str:
    """Return the text of a cell, which does nothing wherever it is opened."""
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(FORMULA_STARTS) else value
        case _:
            return JSONRenderer().render(value).decode()
