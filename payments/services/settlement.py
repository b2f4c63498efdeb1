from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.changes import Change, changing
from claims.errors import ClaimBusy
from claims.models import Claim, TimelineEntry
from claims.services import record
from claims.services.timeline import entry_fields
from claims_crm import days
from claims_crm.db.failpoints import failpoint
from claims_crm.errors import BusinessRuleError

from ..errors import (
    AmountChanged,
    AmountRefused,
    DateRefused,
    FutureDate,
    PaymentCancelled,
    PaymentNotPaid,
    PaymentPaid,
    ReasonMissing,
    TooLate,
)
from ..events import PaymentReopened, PaymentScheduled, PaymentSettled
from ..models import Payment, Settlement
from .cancelling import cancel_payments
from .ledger import default_way, ledger_row, reverse_settlements

if TYPE_CHECKING:
    from accounts.models import User

# The toast offers its way back for ten seconds; a slow answer and a hand on the toast take some more.
UNDO_WITHIN = timedelta(minutes=1)
# What is paid is written at once, each payment with its own values.
WRITE_PAID = """
    WITH given (id, amount, paid_on, document_number) AS (VALUES {given})
    UPDATE payments_payment
    SET status = 'paid', amount = given.amount, paid_on = given.paid_on, document_number = given.document_number,
        paid_by_id = %s, updated_at = %s
    FROM given
    WHERE payments_payment.id = given.id
"""


@dataclass(frozen=True, slots=True)
class SettlementRequest:
    """What is to be recorded of a payment: see `settle`."""

    payment: Payment
    paid_on: date | None = None
    amount: Decimal | None = None
    document_number: str = ""
    expected_amount: Decimal | None = None
    way: Settlement.Way | None = None
    statement_line: int | None = None


@dataclass(frozen=True, slots=True)
class SettlementResult:
    """What settling did: the payment as it is now; `changed` is False if it was paid before; `rest` of a part."""

    payment: Payment
    changed: bool
    rest: Payment | None = None


def settle(
    payment: Payment,
    *,
    by: User | None,
    paid_on: date | None = None,
    amount: Decimal | None = None,
    document_number: str = "",
    expected_amount: Decimal | None = None,
    way: Settlement.Way | None = None,
) -> SettlementResult:
    """Record that `payment` was paid to the client on `paid_on` (company's day, today by default). Idempotent.

    A smaller `amount` splits the payment: this one becomes Paid with that amount, the rest is a new planned one with
    the same deadline. `way` is how it was paid: by the program whose token is used, else by hand.
    Raises PaymentCancelled, FutureDate, DateRefused, AmountRefused; AmountChanged where the amount is not the
    `expected_amount` that the user saw; ClaimBusy.
    """
    request = SettlementRequest(payment, paid_on, amount, document_number, expected_amount, way)
    [done] = settle_each([request], by=by)
    if isinstance(done, BusinessRuleError):
        raise done
    return done


def settle_each(
    requests: Sequence[SettlementRequest], *, by: User | None
) -> list[SettlementResult | BusinessRuleError]:
    """Record that payments were paid, in one transaction; return for each, in the order given, what came of it.

    The one way to pay: every button, task, file and program ends here. One that is refused, with what `settle` would
    raise, is left as it was and holds up no other. A constant number of queries, however many payments.
    """
    try:
        return _settle_each(requests, by=by)
    except ClaimBusy:
        # Payments of claims that are not locked by others are paid all the same.
        return _settle_each(requests, by=by, skip_busy=True)


@transaction.atomic
def _settle_each(
    requests: Sequence[SettlementRequest], *, by: User | None, skip_busy: bool = False
) -> list[SettlementResult | BusinessRuleError]:
    failpoint("settle begun")
    now = Payment.objects.lock_each((request.payment for request in requests), skip_busy=skip_busy)
    failpoint("claim locked")
    done: list[SettlementResult | BusinessRuleError] = []
    for request in requests:
        payment = now.get(request.payment.pk)
        try:
            if payment is None:
                raise ClaimBusy
            done.append(_pay(payment, request, by=by))
        except BusinessRuleError as error:
            done.append(error)
    changed = [
        (request, one)
        for request, one in zip(requests, done, strict=True)
        if isinstance(one, SettlementResult) and one.changed
    ]
    if changed:
        _write(changed, by=by)
    failpoint("settle before commit")
    return done


def _pay(payment: Payment, request: SettlementRequest, *, by: User | None) -> SettlementResult:
    """Make the locked payment Paid, not saved yet, nor is its rest."""
    if payment.is_paid:
        return SettlementResult(payment, changed=False)
    if payment.is_cancelled:
        raise PaymentCancelled
    if request.expected_amount not in (None, payment.amount):
        raise AmountChanged(payment.amount, payment.claim.currency)
    today = days.today()
    paid_on = request.paid_on or today
    if paid_on > today:
        raise FutureDate
    if paid_on < days.FIRST_DAY:
        raise DateRefused("paid_on")
    rest = None if request.amount in (None, payment.amount) else _split_off(payment, request.amount)
    payment.status = Payment.Status.PAID
    payment.paid_on = paid_on
    payment.paid_by = by
    payment.document_number = request.document_number.strip()
    return SettlementResult(payment, changed=True, rest=rest)


def _write(settled: Sequence[tuple[SettlementRequest, SettlementResult]], *, by: User | None) -> None:
    """Write what was settled of locked claims, and let everything follow."""
    settlements = [settlement for _request, settlement in settled]
    payments = [settlement.payment for settlement in settlements]
    rests = [settlement.rest for settlement in settlements if settlement.rest]
    with changing(_claims_of(payments), by=by) as change:
        _write_paid(payments, by=by)
        if rests:
            Payment.objects.bulk_create(rests)
        Settlement.objects.bulk_create(
            ledger_row(
                settlement.payment,
                way=request.way or default_way(),
                by=by,
                at=settlement.payment.updated_at,
                statement_line=request.statement_line,
                rest=settlement.rest,
            )
            for request, settlement in settled
        )
        TimelineEntry.objects.bulk_create(
            _entry(
                settlement.payment,
                TimelineEntry.Kind.PAYMENT_SETTLED,
                by=by,
                paid_on=settlement.payment.paid_on,
                document_number=settlement.payment.document_number,
                rest=settlement.rest.amount if settlement.rest else None,
            )
            for settlement in settlements
        )
        change.record(*map(_settled, payments), *map(scheduled, rests))
        failpoint("settlement told")


def _write_paid(payments: Sequence[Payment], *, by: User | None) -> None:
    now = timezone.now()
    values: list[Any] = []
    for payment in payments:
        payment.updated_at = now
        values += [_stored(name, getattr(payment, name)) for name in ("id", "amount", "paid_on", "document_number")]
    given = ", ".join(["(%s, %s, %s, %s)"] * len(payments))
    with connection.cursor() as cursor:
        cursor.execute(WRITE_PAID.format(given=given), [*values, by.pk if by else None, _stored("updated_at", now)])


def _stored(name: str, value: Any) -> Any:
    """Return the value of a payment's field as the database keeps it."""
    field: Any = Payment._meta.get_field(name)
    return field.get_db_prep_save(value, connection)


def reopen(payment: Payment, *, by: User | None, reason: str) -> Payment:
    """Take back a payment marked paid by mistake: it is planned again, and everything follows.

    Raises PaymentNotPaid, ReasonMissing, ClaimBusy.
    """
    [done] = reopen_each([payment], by=by, reason=reason)
    if isinstance(done, BusinessRuleError):
        raise done
    return done


def reopen_each(payments: Sequence[Payment], *, by: User | None, reason: str) -> list[Payment | BusinessRuleError]:
    """Take back many payments as `settle_each` pays them; return each as it is now, or why it is not reopened.

    Raises ReasonMissing.
    """
    try:
        return _reopen_each(payments, by=by, reason=reason.strip())
    except ClaimBusy:
        return _reopen_each(payments, by=by, reason=reason.strip(), skip_busy=True)


@transaction.atomic
def _reopen_each(
    payments: Sequence[Payment], *, by: User | None, reason: str, skip_busy: bool = False
) -> list[Payment | BusinessRuleError]:
    now = Payment.objects.lock_each(payments, skip_busy=skip_busy)
    paid = [payment for payment in now.values() if payment.is_paid]
    if paid:
        if not reason:
            raise ReasonMissing
        _reopen(paid, by=by, reason=reason)
    reopened = {payment.pk: payment for payment in paid}
    return [
        reopened.get(payment.pk) or (PaymentNotPaid() if payment.pk in now else ClaimBusy()) for payment in payments
    ]


@transaction.atomic
def undo_settlements(payments: Iterable[Payment], *, by: User) -> None:
    """Undo what the person has just marked paid, all of it or nothing. Raises TooLate, PaymentNotPaid."""
    since = timezone.now() - UNDO_WITHIN
    paid = list(Payment.objects.lock_each(payments).values())
    if not all(payment.is_paid for payment in paid):
        raise PaymentNotPaid
    if any(payment.paid_by_id != by.pk or payment.updated_at < since for payment in paid):
        raise TooLate
    _reopen(paid, by=by, undone=True)


def _reopen(payments: Sequence[Payment], *, by: User | None, reason: str = "", undone: bool = False) -> None:
    kind = TimelineEntry.Kind.PAYMENT_REOPENED
    entries = [
        _entry(payment, kind, by=by, text=reason, paid_on=payment.paid_on, undone=undone) for payment in payments
    ]
    values: dict[str, Any] = {
        "status": Payment.Status.PLANNED,
        "paid_on": None,
        "paid_by": None,
        "document_number": "",
        "updated_at": timezone.now(),
    }
    with changing(_claims_of(payments), by=by) as change:
        if undone:
            _rejoin_rests(payments, change=change)
        reverse_settlements(payments, by=by, reason=reason, at=values["updated_at"])
        Payment.objects.filter(pk__in=[payment.pk for payment in payments]).update(**values)
        for payment in payments:
            for name, value in values.items():
                setattr(payment, name, value)
        TimelineEntry.objects.bulk_create(entries)
        change.record(*map(_reopened, payments))


def _rejoin_rests(payments: Sequence[Payment], *, change: Change) -> None:
    """Undo of a part restores the whole payment, where its rest still stands as it was split off."""
    parts = Settlement.objects.live().filter(payment__in=payments, rest__status=Payment.Status.PLANNED)
    rests = {part.payment_id: part.rest for part in parts.select_related("rest")}
    for payment in payments:
        rest = rests.get(payment.pk)
        if rest is not None and rest.due_on == payment.due_on:
            cancel_payments(payment.claim, [rest], change=change)
            payment.amount += rest.amount
            Payment.objects.filter(pk=payment.pk).update(amount=payment.amount)


@transaction.atomic
def split(payment: Payment, *, by: User | None, amount: Decimal) -> tuple[Payment, Payment]:
    """Split a planned payment in two with the same deadline: `amount` and the rest. Return both.

    Raises PaymentPaid, PaymentCancelled, AmountRefused.
    """
    payment = Payment.objects.lock(payment)
    claim = payment.claim
    if payment.is_paid:
        raise PaymentPaid
    if payment.is_cancelled:
        raise PaymentCancelled
    if amount == payment.amount:
        raise AmountRefused(_("The part must be less than the whole payment."))
    with changing([claim], by=by) as change:
        rest = _split_off(payment, amount)
        rest.save()
        payment.save()
        record(
            claim,
            TimelineEntry.Kind.PAYMENT_SPLIT,
            by=by,
            payment=payment.pk,
            amount=payment.amount,
            rest=rest.amount,
            due_on=payment.due_on,
        )
        change.record(scheduled(rest))
    return payment, rest


def _split_off(payment: Payment, amount: Decimal) -> Payment:
    """Leave `amount` in the payment and return the rest as a new planned one, neither saved yet."""
    if amount <= 0:
        raise AmountRefused(_("The sum must be above zero."))
    if amount > payment.amount:
        raise AmountRefused(_("More than the payment itself. Change its amount first."))
    rest = Payment(claim=payment.claim, due_on=payment.due_on, amount=payment.amount - amount)
    payment.amount = amount
    return rest


def scheduled(payment: Payment) -> PaymentScheduled:
    """Return the event that tells of a new planned payment."""
    return PaymentScheduled(claim=payment.claim_id, payment=payment.pk, due_on=payment.due_on, amount=payment.amount)


def _settled(payment: Payment) -> PaymentSettled:
    assert payment.paid_on is not None
    return PaymentSettled(
        claim=payment.claim_id,
        payment=payment.pk,
        amount=payment.amount,
        paid_on=payment.paid_on,
        document_number=payment.document_number,
    )


def _reopened(payment: Payment) -> PaymentReopened:
    return PaymentReopened(claim=payment.claim_id, payment=payment.pk, due_on=payment.due_on, amount=payment.amount)


def _claims_of(payments: Iterable[Payment]) -> list[Claim]:
    return list({payment.claim_id: payment.claim for payment in payments}.values())


def _entry(payment: Payment, kind: str, /, *, by: User | None, text: str = "", **facts: Any) -> TimelineEntry:
    of_payment = {"payment": payment.pk, "amount": payment.amount, "due_on": payment.due_on}
    return TimelineEntry(**entry_fields(payment.claim_id, kind, by=by, text=text, **of_payment, **facts))
