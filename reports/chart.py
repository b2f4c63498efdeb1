"""Columns over an axis: pure geometry, drawn by `reports/_chart.html`.

Numbers for attributes are made to text here, with a point whatever the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

TOP, BOTTOM, LEFT = 24.0, 38.0, 44.0
BETWEEN = 3.0
WIDEST = 40.0
STEPS = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a column: how much, drawn in which style, what it says and opens."""

    style: str
    value: Decimal
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Columns side by side, each of pieces one upon another.

    `caption` stands over them, `label` under the axis, `note` under that.
    """

    label: str
    columns: Sequence[Sequence[Piece]]
    caption: str = ""
    note: str = ""
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    piece: Piece


@dataclass(frozen=True, slots=True)
class Text:
    x: str
    y: str
    text: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: bars, the texts over and under them, and the lines of the axis with theirs."""

    width: int
    height: int
    bars: Sequence[Bar]
    captions: Sequence[Text]
    labels: Sequence[Text]
    grid: Sequence[Text]
    legend: Sequence[tuple[str, str]]
    unit: str = ""

    @property
    def left(self) -> str:
        return _text(LEFT)


def draw(
    groups: Sequence[Group],
    *,
    ticks: Sequence[tuple[Decimal, str]],
    width: int,
    height: int,
    legend: Iterable[tuple[str, str]],
    unit: str = "",
) -> Chart:
    """Return the chart of `groups`; the last of `ticks` (value, text) is the top of its axis."""
    floor, top = height - BOTTOM, float(ticks[-1][0])
    scale = (floor - TOP) / top
    step = (width - LEFT) / len(groups)
    bars: list[Bar] = []
    captions, labels = [], []
    for number, group in enumerate(groups):
        middle = LEFT + step * (number + 0.5)
        bars += _bars(group, middle, step, floor, scale)
        labels.append(Text(_text(middle), _text(height - 20), group.label, group.is_now))
        if group.note:
            labels.append(Text(_text(middle), _text(height - 6), group.note))
        if group.caption:
            tallest = max(float(sum(piece.value for piece in column)) for column in group.columns)
            captions.append(Text(_text(middle), _text(floor - tallest * scale - 6), group.caption, group.is_now))
    grid = [Text(_text(LEFT - 8), _text(floor - float(value) * scale), text) for value, text in ticks]
    return Chart(width, height, bars, captions, labels, grid, list(legend), unit)


def _bars(group: Group, middle: float, step: float, floor: float, scale: float) -> list[Bar]:
    count = len(group.columns)
    width = min(WIDEST, (step * 0.62 - BETWEEN * (count - 1)) / count)
    left = middle - (width * count + BETWEEN * (count - 1)) / 2
    bars = []
    for position, column in enumerate(group.columns):
        x, y = left + position * (width + BETWEEN), floor
        for piece in column:
            if piece.value > 0:
                height = max(float(piece.value) * scale, 1.0)
                y -= height
                bars.append(Bar(_text(x), _text(y), _text(width), _text(height), piece))
    return bars


def axis(highest: Decimal) -> list[Decimal]:
    """Return the round values of an axis from zero to above `highest`: 0, 250, 500, 750, 1 000."""
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    rough = highest / STEPS
    magnitude = Decimal(10) ** rough.adjusted()
    step = next(magnitude * factor for factor in (1, 2, Decimal("2.5"), 5, 10) if magnitude * factor >= rough)
    return [step * number for number in range(ceil(highest / step) + 1)]


def _text(value: float) -> str:
    return f"{value:.1f}"
