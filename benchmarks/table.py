"""The table that `make bench` prints, a line as soon as it is measured."""

from __future__ import annotations

NAME, FIGURE, RATIO = 44, 12, 9


def heading(text: str, beside: str = "raw SQL") -> None:
    print(f"\n{text}")
    _line("", "product", beside, "ratio", "aim")


def per_second(name: str, product: float, raw: float, *, aim: str = "") -> None:
    _line(name, f"{product:,.0f}/s", f"{raw:,.0f}/s", f"{product / raw:.2f}", aim)


def taken(name: str, product: float, raw: float, *, aim: str = "") -> None:
    """Print a line of seconds."""
    _line(name, _milliseconds(product), _milliseconds(raw), f"{product / raw:.2f}", aim)


def note(text: str) -> None:
    print(f"  {text}", flush=True)


def _milliseconds(seconds: float) -> str:
    milliseconds = seconds * 1000
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.1f} ms"


def _line(name: str, product: str, raw: str, ratio: str, aim: str) -> None:
    print(f"  {name:<{NAME}}{product:>{FIGURE}}{raw:>{FIGURE}}{ratio:>{RATIO}}  {aim}".rstrip(), flush=True)
