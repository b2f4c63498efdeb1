"""The rules of law by which penalties and interest are calculated: no database, no clock, no rounding of days."""

from .engine import calculate
from .inputs import CalculationInput, DatedSum, Mode
from .rates import KeyRates, RatePoint
from .results import ExcludedDays, Note, Result, Row
from .timeline import ExemptPeriod

__all__ = [
    "CalculationInput",
    "DatedSum",
    "ExcludedDays",
    "ExemptPeriod",
    "KeyRates",
    "Mode",
    "Note",
    "RatePoint",
    "Result",
    "Row",
    "calculate",
]
