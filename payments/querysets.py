from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections, models, transaction
from django.db.models import CharField, Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from claims.models import Claim, ClaimWords
from claims.querysets import READ_WITH_LOCK, ClaimChildQuerySet
from claims_crm.money import MAX_AMOUNT, ZERO, parse_money

from .signals import before_payments_written, payments_written

if TYPE_CHECKING:
    from decimal import Decimal

    from .models import Payment


# A thousands separator: three digits follow it, whereas kopecks are two digits.
_GROUPS = re.compile(r"[.,'’](?=\d{3}(?!\d))")


def accountant_condition(user: User, path: str = "") -> Q:
    """Return the condition that a claim is assigned to the accountant, to no one, or to a deactivated user."""
    own, unassigned = own_and_unassigned(user, path)
    return own | unassigned


def own_and_unassigned(user: User, path: str = "") -> tuple[Q, Q]:
    """Return the two halves of `accountant_condition`: as separate queries each can use an index."""
    return Q(**{f"{path}accountant__in": [user.pk, *User.inactive_ids()]}), Q(**{f"{path}accountant__isnull": True})


def parse_amount(text: str) -> Decimal | None:
    """Return the amount written in `text` («87 500», «87.500,50», «87,500.50 ₽»), None if it is not an amount."""
    try:
        amount = parse_money(_GROUPS.sub("", text))
    except ValueError:
        return None
    return amount if ZERO < amount <= MAX_AMOUNT else None


class PaymentQuerySet(ClaimChildQuerySet, models.QuerySet):
    """Queries of payments, and bulk changes that keep the balances of the claims right."""

    # queries

    def planned(self) -> PaymentQuerySet:
        return self.filter(status="planned")

    def paid(self) -> PaymentQuerySet:
        return self.filter(status="paid")

    def counted(self) -> PaymentQuerySet:
        """Filter by what makes up the claim's total: planned and paid payments."""
        return self.filter(status__in=("planned", "paid"))

    def due_by(self, day: date) -> PaymentQuerySet:
        return self.filter(due_on__lte=day)

    def overdue(self, today: date) -> PaymentQuerySet:
        return self.planned().filter(due_on__lt=today)

    def not_overdue(self, today: date) -> PaymentQuerySet:
        return self.exclude(status="planned", due_on__lt=today)

    def search(self, text: str) -> PaymentQuerySet:
        """Filter by the words of the claim, or by the exact amount if `text` is one."""
        found = ClaimWords.objects.condition(text, "claim")
        amount = parse_amount(text)
        return self.filter(found | Q(amount=amount) if amount else found)

    def for_accountant(self, user: User) -> PaymentQuerySet:
        """Filter by claims assigned to the accountant, to no one, or to a deactivated user."""
        return self.filter(accountant_condition(user, "claim__"))

    def for_accountant_in_bulk(self, user: User) -> PaymentQuerySet:
        """Filter as `for_accountant` does, collecting the claims from an index first: faster for sums of many payments,
        much slower for the first few rows.
        """
        if connections[self.db].vendor == "sqlite":
            # SQLite would read all payments that those claims ever had.
            return self.for_accountant(user)

        own, unassigned = (Claim.objects.filter(part).order_by().values("pk") for part in own_and_unassigned(user))
        return self.filter(Q(claim__in=own) | Q(claim__in=unassigned))

    def in_order(self) -> PaymentQuerySet:
        return self.order_by("due_on", "pk")

    def with_currency(self) -> PaymentQuerySet:
        """Annotate `currency`, the currency of the claim.

        With one currency in the database it is a constant, so that sums of many payments are read from an index of
        payments alone.
        """
        [first, *others] = Claim.currencies()
        return self.annotate(currency=F("claim__currency") if others else Value(first, output_field=CharField()))

    def with_sequence(self) -> PaymentQuerySet:
        """Annotate `sequence` and `sequence_of`: payment 2 of 4, without cancelled ones."""
        payments: PaymentQuerySet = self.model.objects.filter(claim=OuterRef("claim"))  # type: ignore[attr-defined]
        siblings = payments.counted().order_by().values("claim")
        before = siblings.filter(
            Q(due_on__lt=OuterRef("due_on")) | Q(due_on=OuterRef("due_on"), pk__lte=OuterRef("pk"))
        )
        return self.annotate(
            sequence=Coalesce(Subquery(before.annotate(n=Count("pk")).values("n")), 0),
            sequence_of=Coalesce(Subquery(siblings.annotate(n=Count("pk")).values("n")), 0),
        )

    def with_order_number(self) -> PaymentQuerySet:
        """Annotate `order_number`: the number of the latest payment order not withdrawn, else None."""
        order: Any = apps.get_model("banking", "PaymentOrder")
        sent = order.objects.filter(payment=OuterRef("pk"), file__withdrawn_at=None).order_by("-pk")
        return self.annotate(order_number=Subquery(sent.values("number")[:1]))

    def total(self) -> Decimal:
        return self.aggregate(total=Sum("amount"))["total"] or ZERO

    def lock(self, payment: Payment) -> Payment:
        """Lock the payment's claim until the transaction ends; return the current payment with that claim.

        Raises Payment.DoesNotExist, ClaimBusy.
        """
        return self.lock_each([payment])[payment.pk]

    def lock_each(self, payments: Iterable[Payment], *, skip_busy: bool = False) -> dict[int, Payment]:
        """Lock the claims of the payments; return {id: current payment} in the given order. Payments of one claim share
        its instance.

        With `skip_busy` payments whose claim is locked by another transaction are left out.
        Raises Payment.DoesNotExist, ClaimBusy.
        """
        ids = {payment.pk: payment.claim_id for payment in payments}
        locked = set(Claim.objects.filter(pk__in=set(ids.values())).lock_rows(skip_locked=skip_busy))
        with_claim = self.select_related(*(f"claim__{name}" for name in READ_WITH_LOCK))
        found: Any = with_claim.filter(pk__in=ids).order_by()
        now: dict[int, Payment] = {row.pk: row for row in found if row.claim_id in locked}
        if len(now) < len(ids) and not skip_busy:
            raise self.model.DoesNotExist  # type: ignore[attr-defined]
        claims: dict[int, Claim] = {}
        for row in now.values():
            row.claim = claims.setdefault(row.claim_id, row.claim)
        return {pk: now[pk] for pk in ids if pk in now}

    # bulk changes (bulk_update calls update, delete sends a signal for each row)

    def update(self, **values: Any) -> int:
        if values.keys() & {"claim", "claim_id"}:
            raise TypeError("a payment stays with its claim")
        claim_ids = set(self.order_by().values_list("claim_id", flat=True).distinct())
        with _written_together(self.model, claim_ids):
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with _written_together(self.model, {payment.claim_id for payment in objs}):
            return super().bulk_create(objs, *args, **kwargs)


@contextmanager
def _written_together(model: type[models.Model], claim_ids: set[int]) -> Iterator[None]:
    """Write payments of these claims in the block, in one transaction with what the receivers do before and after."""
    with transaction.atomic():
        before_payments_written.send(model, claim_ids=claim_ids)
        yield
        payments_written.send(model, claim_ids=claim_ids)


class SettlementQuerySet(models.QuerySet):
    def live(self) -> SettlementQuerySet:
        """Filter those that stand: not reversed."""
        return self.filter(reversed_at=None)
