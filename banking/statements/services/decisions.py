from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from claims_crm.errors import BusinessRuleError
from claims_crm.money import ZERO
from payments.models import Payment

from ...models import Match, Statement, StatementLine
from .. import payee_rules
from ..errors import ChoiceRefused, StatementNotReady

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def agree(line: StatementLine) -> StatementLine:
    """Choose what is found for the line. Raises ChoiceRefused, StatementNotReady."""
    line = _lock(line)
    if line.verdict == StatementLine.Verdict.AMBIGUOUS:
        raise ChoiceRefused(_("Several payments are possible. Choose one."))
    matches = list(line.matches.select_related("line", "payment__claim"))
    if not matches:
        raise ChoiceRefused(_("Nothing is found for this line. Choose a payment."))
    for match in matches:
        _check(match)
    line.matches.update(is_chosen=True)
    return _decided(line)


def agree_all(statement: Statement) -> int:
    """Choose what is probable and not decided yet, each line by itself; return how many were chosen."""
    probable = statement.lines.filter(verdict=StatementLine.Verdict.PROBABLE, is_decided=False, is_ignored=False)
    agreed = 0
    for line in probable.order_by("row", "pk"):
        try:
            agree(line)
        except BusinessRuleError:
            continue
        agreed += 1
    return agreed


@transaction.atomic
def choose(line: StatementLine, payments: Sequence[Payment], *, by: User) -> StatementLine:
    """Choose by hand which payments the line is, in this order, until its sum is used up. The payee is remembered.

    Raises ChoiceRefused, StatementNotReady.
    """
    line = _lock(line)
    line.matches.all().delete()
    left = line.amount
    for payment in payments:
        amount = min(left, payment.amount - _taken(payment, line))
        match = Match(line=line, payment=payment, amount=amount, payment_amount=payment.amount, is_chosen=True)
        _check(match)
        match.save()
        left -= amount
    clients = {payment.claim.client_id: payment.claim.client for payment in payments}
    if len(clients) == 1:
        payee_rules.remember_payee(line, next(iter(clients.values())), by=by)
    line.is_ignored = False
    line.reasons = [{"code": "by_hand"}]
    return _decided(line)


@transaction.atomic
def drop(line: StatementLine) -> StatementLine:
    """Choose nothing for the line after all; what was found stays in sight."""
    line = _lock(line)
    line.matches.update(is_chosen=False)
    line.is_decided = False
    line.save(update_fields=["is_decided"])
    return line


@transaction.atomic
def ignore(line: StatementLine, *, by: User) -> StatementLine:
    """The line has nothing to do with claims, nor have others to its payee in statements to come."""
    line = _lock(line)
    line.matches.update(is_chosen=False)
    payee_rules.remember_payee(line, None, by=by)
    line.is_ignored = True
    return _decided(line)


def _lock(line: StatementLine) -> StatementLine:
    """Return the line as it is now, locked. Raises StatementNotReady while it is being posted, or after."""
    locked = StatementLine.objects.select_for_update(of=("self",)).select_related("statement__job").get(pk=line.pk)
    posted = locked.matches.filter(posted_at__isnull=False)
    if locked.statement.is_at_work or locked.direction != StatementLine.Direction.OUT or posted.exists():
        raise StatementNotReady
    return locked


def _decided(line: StatementLine) -> StatementLine:
    line.is_decided = True
    line.refusal = {}
    line.save(update_fields=["is_decided", "is_ignored", "reasons", "refusal"])
    return line


def _taken(payment: Payment, line: StatementLine) -> Decimal:
    """Return how much of the payment other lines are going to pay."""
    others = Match.objects.filter(payment=payment, is_chosen=True, posted_at=None).exclude(line=line)
    return others.aggregate(sum=Sum("amount"))["sum"] or ZERO


def _check(match: Match) -> None:
    if not match.payment.is_planned:
        raise ChoiceRefused(_("This payment is not planned any more."))
    if match.payment.claim.currency != match.line.currency:
        raise ChoiceRefused(_("The payment is in another currency."))
    if match.amount <= 0 or _taken(match.payment, match.line) + match.amount > match.payment.amount:
        raise ChoiceRefused(_("Other lines of statements take all of this payment."))
