"""Claims of a register that look like others: the same number written otherwise, or the same client, contract, sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from claims.match_keys import name_key, number_key

from .register_claim import RegisterClaim


@dataclass(frozen=True, slots=True)
class KnownClaim:
    """A claim that is there already, or stands higher in the file (`row`)."""

    number: str
    client: str
    contract_number: str
    agreed_amount: Decimal | None
    paid_amount: Decimal
    pk: int | None = None
    row: int | None = None
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "client": self.client,
            "contract_number": self.contract_number,
            "agreed_amount": None if self.agreed_amount is None else str(self.agreed_amount),
            "paid_amount": str(self.paid_amount),
            "claim": self.pk,
            "row": self.row,
            "sheet": self.sheet,
        }


Keys = tuple[str, tuple[str, str, Decimal | None] | None]


class NearDuplicates:
    """Tells which claim another one looks like; claims of the file join as they are looked at."""

    def __init__(self, known: Iterable[KnownClaim]) -> None:
        self._by_number: dict[str, KnownClaim] = {}
        self._by_facts: dict[tuple[str, str, Decimal | None], KnownClaim] = {}
        for claim in known:
            self.add(claim)

    def add(self, claim: KnownClaim) -> None:
        number, facts = keys(claim.number, claim.client, claim.contract_number, claim.agreed_amount)
        self._by_number.setdefault(number, claim)
        if facts:
            self._by_facts.setdefault(facts, claim)

    def find(self, claim: RegisterClaim) -> KnownClaim | None:
        """Return the claim it looks like, though its number is written in another way, or None."""
        number, facts = keys(claim.number, claim.client, claim.contract_number, claim.agreed_amount)
        found = self._by_number.get(number) or (self._by_facts.get(facts) if facts else None)
        return found if found and found.number != claim.number else None


def keys(number: str, client: str, contract: str, agreed: Decimal | None) -> Keys:
    """Return by what claims look alike: the number's key; client, contract and sum where there are all three."""
    facts = (name_key(client), number_key(contract), agreed) if contract and agreed and client else None
    return number_key(number), facts


def describe_difference(claim: RegisterClaim, known: Mapping[str, Any]) -> set[str]:
    """Return the fields in which the two differ."""
    pairs = {
        "number": (claim.number, known["number"]),
        "client": (claim.client, known["client"]),
        "contract_number": (claim.contract_number, known["contract_number"]),
        "agreed_amount": (_text(claim.agreed_amount), known["agreed_amount"]),
        "paid_amount": (_text(claim.paid_amount), known["paid_amount"]),
    }
    return {field for field, (one, other) in pairs.items() if one != other}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
