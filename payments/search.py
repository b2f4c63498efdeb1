"""The global search: a few claims, clients and payments each, by words, numbers or amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from claims.models import Claim, ClaimWords, Client
from claims.search import parse_query

from .models import Payment
from .querysets import parse_amount

if TYPE_CHECKING:
    from accounts.models import User

CLAIMS, CLIENTS, PAYMENTS = 8, 4, 5
LONGEST = 100


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What was found for `text`; `are_more_claims` says that not all claims are shown."""

    text: str
    amount: Decimal | None = None
    claims: list[Claim] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    are_more_claims: bool = False

    def __bool__(self) -> bool:
        return bool(self.claims or self.clients or self.payments)


def find(text: str, user: User) -> SearchResults:
    """Return what `user` may see: claims newest first, with the claim of exactly this number on top."""
    text = " ".join(text.split())[:LONGEST]
    if not parse_query(text):
        return SearchResults(text)
    exact = claim_by_number(text, user)
    amount = parse_amount(text)
    condition = ClaimWords.objects.condition(text)
    if amount:
        condition |= Q(agreed_amount=amount)
    claims = Claim.objects.visible_to(user).filter(condition).select_related("client", "stage").order_by("-pk")
    others = [claim for claim in claims[: CLAIMS + 1] if claim != exact]
    shown = [*filter(None, [exact]), *others][:CLAIMS]
    clients = Client.objects.visible_to(user).search(text).order_by("-pk")
    are_more = len(others) + bool(exact) > CLAIMS
    return SearchResults(text, amount, shown, list(clients[:CLIENTS]), _payments(amount, user), are_more)


def claim_by_number(text: str, user: User) -> Claim | None:
    """Return the claim with exactly this number, None if the user sees none."""
    number = text.strip().removeprefix("№").strip()
    claims = Claim.objects.visible_to(user).filter(number__in={number, number.upper()})
    return claims.select_related("client", "stage").first()


def _payments(amount: Decimal | None, user: User) -> list[Payment]:
    """Return payments of exactly this amount, the latest deadline first."""
    if amount is None:
        return []
    payments = Payment.objects.visible_to(user).filter(amount=amount).select_related("claim__client")
    return list(payments.order_by("-due_on", "-pk")[:PAYMENTS])
