"""Files of key rates in the forms the Bank of Russia publishes them in."""

from collections.abc import Iterable
from datetime import date, timedelta

from .law import KEY_RATES

Rows = list[tuple[date, str]]


def working_days(first: date, last: date, changes: Iterable[tuple[date, str]] = ()) -> Rows:
    """A row for each day from Monday to Friday, as the bank has it; `changes` follow those of the law."""
    later = sorted(changes)
    rows = []
    day = first
    while day <= last:
        if day.weekday() < 5:
            rate = next((rate for since, rate in reversed(later) if since <= day), None)
            rows.append((day, rate or f"{KEY_RATES.on(day).rate:.2f}"))
        day += timedelta(days=1)
    return rows


def soap(rows: Rows) -> bytes:
    """The answer of DailyInfo.asmx to KeyRateXML: the newest day first."""
    records = "".join(
        f"<KR><DT>{day.isoformat()}T00:00:00+03:00</DT><Rate>{rate}</Rate></KR>" for day, rate in reversed(rows)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        '<KeyRateXMLResponse xmlns="http://web.cbr.ru/"><KeyRateXMLResult>'
        f'<KeyRate xmlns="">{records}</KeyRate></KeyRateXMLResult></KeyRateXMLResponse></soap:Body></soap:Envelope>'
    ).encode()


def page(rows: Rows) -> bytes:
    """The page cbr.ru/hd_base/KeyRate, saved: not well-formed XML, days and sums as Russians write them."""
    lines = "".join(
        f"<tr>\n<td>{day:%d.%m.%Y}</td>\n<td>{rate.replace('.', ',')}</td>\n</tr>" for day, rate in reversed(rows)
    )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="x"><title>Ключевая ставка Банка России</title>'
        "</head><body><br><table class='data'><tr><th>Дата</th><th>Ставка</th></tr>"
        f"{lines}</table><p>14,00 &nbsp;</body></html>"
    ).encode()


def plain(rows: Rows) -> bytes:
    """A line a change, as a person writes them down."""
    return "\n".join(["Дата;Ставка", *(f"{day:%d.%m.%Y};{rate.replace('.', ',')}" for day, rate in rows)]).encode()
