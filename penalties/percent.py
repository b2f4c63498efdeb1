"""Percentages as people write them."""

import re
from decimal import Decimal


def parse_percent(text: str) -> Decimal:
    """Read «0,1 %», "3", "7.5". Raises ValueError for what is no plain number."""
    bare = text.strip().removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", bare, re.ASCII):
        raise ValueError(f"not a percentage: {text!r}")
    return Decimal(bare)
