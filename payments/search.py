"""The one search: claims, clients and payments by whatever is known of them, a few of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from claims.models import Claim, ClaimWords, Client
from claims.search import asked

from .models import Payment
from .querysets import sum_asked

if TYPE_CHECKING:
    from accounts.models import User

CLAIMS, CLIENTS, PAYMENTS = 8, 4, 5
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What is found by `text`. There `are_more_claims` than are shown."""

    text: str
    amount: Decimal | None = None
    claims: list[Claim] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    are_more_claims: bool = False

    def __bool__(self) -> bool:
        return bool(self.claims or self.clients or self.payments)


def find(text: str, user: User) -> Found:
    """Return what `user` may see of it: claims the newest first, that of this very number before all."""
    text = " ".join(text.split())[:LONGEST]
    if not asked(text):
        return Found(text)
    exact = claim_of(text, user)
    amount = sum_asked(text)
    condition = ClaimWords.objects.condition(text)
    if amount:
        condition |= Q(agreed_amount=amount)
    claims = Claim.objects.visible_to(user).filter(condition).select_related("client").order_by("-pk")
    others = [claim for claim in claims[: CLAIMS + 1] if claim != exact]
    shown = [*filter(None, [exact]), *others][:CLAIMS]
    clients = Client.objects.visible_to(user).search(text).order_by("-pk")
    are_more = len(others) + bool(exact) > CLAIMS
    return Found(text, amount, shown, list(clients[:CLIENTS]), _payments(amount, user), are_more)


def claim_of(text: str, user: User) -> Claim | None:
    """Return the claim of this very number."""
    number = text.strip().removeprefix("№").strip()
    claims = Claim.objects.visible_to(user).filter(number__in={number, number.upper()})
    return claims.select_related("client").first()


def _payments(amount: Decimal | None, user: User) -> list[Payment]:
    """Those of this very sum, the last due first."""
    if amount is None:
        return []
    payments = Payment.objects.visible_to(user).filter(amount=amount).select_related("claim__client")
    return list(payments.order_by("-due_on", "-pk")[:PAYMENTS])
