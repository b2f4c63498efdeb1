from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from claims_crm.money import ZERO
from payments.models import Payment

from ...models import Match, Statement, StatementLine
from .. import payee_rules
from ..errors import ChoiceRefused, StatementNotReady
from .batches import BATCH

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
        match.payment_amount = match.payment.amount
        match.amount = min(match.amount, match.payment_amount)
        _check(match)
        match.is_chosen, match.posted_at, match.seen_in_bank_on = True, None, None
    Match.objects.bulk_update(matches, ["payment_amount", "amount", "is_chosen", "posted_at", "seen_in_bank_on"])
    return _decided(line)


@transaction.atomic
def agree_all(statement: Statement) -> int:
    """Choose what is probable, not contradicted and not decided yet; return how many lines were chosen.

    A line whose payments were changed or taken meanwhile is left. Raises StatementNotReady.
    """
    statement = Statement.objects.lock(statement)
    if statement.read_at is None or statement.is_at_work:
        raise StatementNotReady
    probable = statement.lines.outgoing().filter(
        verdict=StatementLine.Verdict.PROBABLE, is_decided=False, is_ignored=False, is_contradicted=False
    )
    ids = list(probable.select_for_update(of=("self",)).order_by("row", "pk").values_list("pk", flat=True))
    agreed = [line for start in range(0, len(ids), BATCH) for line in _agree_each(ids[start : start + BATCH])]
    return len(agreed)


def _agree_each(ids: Sequence[int]) -> list[int]:
    """Choose the matches of these lines, in their order, and return the lines of which all could be chosen."""
    matches = list(
        Match.objects.filter(line__in=ids).select_related("line", "payment__claim").order_by("line__row", "pk")
    )
    others = Match.objects.filter(payment__in={match.payment_id for match in matches}, is_chosen=True, posted_at=None)
    sums = others.exclude(line__in=ids).order_by().values("payment").annotate(sum=Sum("amount"))
    taken: dict[int, Decimal] = defaultdict(Decimal, sums.values_list("payment", "sum"))
    of_lines: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        of_lines[match.line_id].append(match)
    agreed: list[int] = []
    for line, own in of_lines.items():
        if all(_fits(match, taken[match.payment_id]) for match in own):
            agreed.append(line)
            for match in own:
                taken[match.payment_id] += match.amount
    Match.objects.filter(line__in=agreed).update(is_chosen=True, posted_at=None)
    StatementLine.objects.filter(pk__in=agreed).update(is_decided=True, refusal={})
    return agreed


def _fits(match: Match, taken: Decimal) -> bool:
    payment = match.payment
    is_as_found = payment.is_planned and payment.amount == match.payment_amount
    return is_as_found and payment.claim.currency == match.line.currency and taken + match.amount <= payment.amount


@transaction.atomic
def choose(line: StatementLine, payments: Sequence[Payment], *, by: User) -> StatementLine:
    """Choose by hand which payments the line is, in this order, until its sum is used up. The payee is remembered.

    One payment that is paid already and seen in no statement may be chosen alone: the line is then its paying, and
    nothing is posted. Raises ChoiceRefused, StatementNotReady.
    """
    line = _lock(line)
    line.matches.all().delete()
    if len(payments) == 1 and payments[0].is_paid:
        return _link_paid(line, payments[0])
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


def _link_paid(line: StatementLine, payment: Payment) -> StatementLine:
    """Record that the line is a payment marked paid before. Raises ChoiceRefused."""
    if payment.claim.currency != line.currency:
        raise ChoiceRefused(_("The payment is in another currency."))
    if Match.objects.seen().filter(payment=payment).exists():
        raise ChoiceRefused(_("Another line of a statement is this payment already."))
    if payment.amount != line.amount:
        raise ChoiceRefused(_("The payment has another amount than the line."))
    Match.objects.create(
        line=line, payment=payment, amount=line.amount, payment_amount=payment.amount, seen_in_bank_on=line.posted_on
    )
    line.verdict, line.is_ignored = StatementLine.Verdict.PAID, False
    line.reasons = [{"code": "by_hand"}]
    return _decided(line)


@transaction.atomic
def drop(line: StatementLine) -> StatementLine:
    """Choose nothing for the line after all; what was found stays in sight, what it taught is forgotten."""
    line = _lock(line)
    if line.reasons == [{"code": "by_hand"}] or line.is_ignored:
        payee_rules.forget_payee(line)
    line.matches.update(is_chosen=False, posted_at=None)
    line.is_decided = False
    line.save(update_fields=["is_decided"])
    return line


@transaction.atomic
def confirm_same(line: StatementLine) -> Statement:
    """Record that the line is the document of the known line it looks like: it goes, and its file refers to that one.

    Return its statement. Raises StatementNotReady.
    """
    line = _lock(line)
    if line.looks_like is None:
        raise StatementNotReady
    statement = line.statement
    line.looks_like.also_in.add(statement)
    line.delete()
    Statement.objects.filter(pk=statement.pk).update(known_count=F("known_count") + 1)
    return statement


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
    posted = locked.matches.posted()
    if locked.statement.is_at_work or locked.direction != StatementLine.Direction.OUT or posted.exists():
        raise StatementNotReady
    return locked


def _decided(line: StatementLine) -> StatementLine:
    line.is_decided = True
    line.refusal = {}
    line.save(update_fields=["verdict", "is_decided", "is_ignored", "reasons", "refusal"])
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
