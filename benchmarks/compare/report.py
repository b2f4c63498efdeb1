"""The table of two versions, and which figures are worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, sqrt
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: seconds by the clock, and CPU seconds (0 where the system does not say)."""

    seconds: float
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long the head takes: the median of pairs measured one after another, and its 95 % interval."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, base: Sequence[float], head: Sequence[float]) -> Ratio:
        ratios = sorted(after / before for before, after in zip(base, head, strict=True))
        # The ranks that hold the median 19 times of 20: the binomial distribution, as a normal one.
        rank = max(floor(len(ratios) / 2 - 0.98 * sqrt(len(ratios))), 0)
        return cls(median(ratios), ratios[rank], ratios[-1 - rank])

    def __str__(self) -> str:
        return f"{self.middle:.3f} ({self.low:.2f}-{self.high:.2f})"


@dataclass(frozen=True, slots=True)
class Figure:
    """Pairs of samples of one thing of both versions, and its queries where they were counted."""

    name: str
    base: Sequence[Sample]
    head: Sequence[Sample]
    base_queries: int | None = None
    head_queries: int | None = None

    @property
    def time(self) -> Ratio:
        return Ratio.of([sample.seconds for sample in self.base], [sample.seconds for sample in self.head])

    @property
    def cpu(self) -> Ratio | None:
        """The ratio of CPU times; None where they are not known."""
        base, head = [sample.cpu for sample in self.base], [sample.cpu for sample in self.head]
        return Ratio.of(base, head) if all(base) and all(head) else None


def find_worse(figures: Sequence[Figure], most: float) -> tuple[list[Figure], list[Figure]]:
    """Return the figures that certainly take more than `most` times as long, and those that seem to.

    Certainly: the whole interval of the time or of the CPU time is above it. More rounds make intervals narrower.
    """
    worse, unsure = [], []
    for figure in figures:
        ratios = [ratio for ratio in (figure.time, figure.cpu) if ratio]
        if any(ratio.low > most for ratio in ratios):
            worse.append(figure)
        elif any(ratio.middle > most for ratio in ratios):
            unsure.append(figure)
    return worse, unsure


def table(figures: Sequence[Figure], base: str, head: str) -> Iterator[str]:
    """Yield the lines: medians in milliseconds, the ratios of time and CPU time with intervals, the queries of both."""
    yield _line("", base, head, "ratio of time", "of CPU time", "queries", "")
    for figure in figures:
        yield _line(
            figure.name,
            _milliseconds(figure.base),
            _milliseconds(figure.head),
            str(figure.time),
            str(figure.cpu or ""),
            *("" if queries is None else str(queries) for queries in (figure.base_queries, figure.head_queries)),
        )
    yield "  A ratio is the median of pairs measured one after another, with its 95 % interval."


def _milliseconds(samples: Sequence[Sample]) -> str:
    return f"{median(sample.seconds for sample in samples) * 1000:,.1f} ms"


def _line(name: str, base: str, head: str, time: str, cpu: str, base_queries: str, head_queries: str) -> str:
    return f"  {name:<28}{base:>12}{head:>12}{time:>20}{cpu:>20}{base_queries:>9}{head_queries:>5}".rstrip()
