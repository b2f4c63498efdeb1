"""Stacked column charts: pure geometry, rendered as SVG by `reports/_chart.html`.

Numbers for SVG attributes are formatted here, with a decimal point in any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

TOP, BOTTOM, LEFT = 24.0, 38.0, 44.0
GAP = 3.0
MAX_BAR_WIDTH = 40.0
STEPS = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a stacked column: its CSS class, value, tooltip and link."""

    style: str
    value: Decimal
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Columns side by side, each a stack of segments.

    `caption` is above the columns, `label` below the axis, `note` below the label.
    """

    label: str
    columns: Sequence[Sequence[Segment]]
    caption: str = ""
    note: str = ""
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the chart with the segment it shows."""

    x: str
    y: str
    width: str
    height: str
    segment: Segment


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a position of the chart."""

    x: str
    y: str
    text: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready to render: bars, captions, labels and grid lines. Sizes are SVG units."""

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


def build_chart(
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
            tallest = max(float(sum(segment.value for segment in column)) for column in group.columns)
            captions.append(Text(_text(middle), _text(floor - tallest * scale - 6), group.caption, group.is_now))
    grid = [Text(_text(LEFT - 8), _text(floor - float(value) * scale), text) for value, text in ticks]
    return Chart(width, height, bars, captions, labels, grid, list(legend), unit)


def _bars(group: Group, middle: float, step: float, floor: float, scale: float) -> list[Bar]:
    count = len(group.columns)
    width = min(MAX_BAR_WIDTH, (step * 0.62 - GAP * (count - 1)) / count)
    left = middle - (width * count + GAP * (count - 1)) / 2
    bars = []
    for position, column in enumerate(group.columns):
        x, y = left + position * (width + GAP), floor
        for segment in column:
            if segment.value > 0:
                height = max(float(segment.value) * scale, 1.0)
                y -= height
                bars.append(Bar(_text(x), _text(y), _text(width), _text(height), segment))
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
