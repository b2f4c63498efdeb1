"""Incoming lines that bring a payout back: a closed account, wrong details, a reversal by the bank.

Such a line is offered as the return of a paid payment; a person reopens the payment with the bank's reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Q

from claims.search import normalise
from payments.models import Payment

from ..models import Match, StatementLine
from .match_types import bare_number
from .purpose_parser import known_keys, parse_purpose

# Banks look for a payee for up to five working days; disputes take longer.
RETURN_DAYS = 60
_RETURN_WORDS = re.compile(
    r"возврат|возвращ|вернул|не\s?зачислен|невыяснен|сч[её]т\w*\s+(?:получателя\s+)?(?:закрыт|не\s)|"
    r"закрыт\w*\s+сч|неверн\w+\s+(?:реквизит|сч|номер)|отсутств\w+\s+сч|\breturn|\brejected|account closed"
)
_ORDER_NUMBERS = re.compile(
    r"(?:п\s?/\s?п|\bпп|плат[а-я]*\.?\s*пор[а-я]*\.?|поручени[а-я]*|payment order|\border)"
    r"\s*(?:№|n|no\.?|#)?\s*(\d{1,9})\b"
)


def looks_like_return(line: StatementLine) -> bool:
    """Return whether money came back, by the bank's code or the words of the purpose."""
    if line.direction != StatementLine.Direction.IN:
        return False
    return bool(line.return_code) or _RETURN_WORDS.search(normalise(line.purpose)) is not None


def apply_returns(lines: Iterable[StatementLine]) -> list[Match]:
    """Set the verdict on the lines that bring payouts back; return the matches to be written, none of them chosen.

    A return is known by the number of our document, by the claim or by the payee's account, each with the sum.
    """
    returned = [line for line in lines if looks_like_return(line)]
    if not returned:
        return []
    numbers = {id(line): _numbers(line) for line in returned}
    claims = {id(line): parse_purpose(line.purpose) for line in returned}
    keys = {key for parsed in claims.values() for key in parsed.all_keys()}
    payments = _paid_payments(returned, {one for some in numbers.values() for one in some}, keys)
    matches = []
    for line in returned:
        of_sum = [
            payment
            for payment in payments[str(line.amount)]
            if payment.paid_on and timedelta() <= line.posted_on - payment.paid_on <= timedelta(days=RETURN_DAYS)
        ]
        named = set(known_keys(claims[id(line)].claims, keys)) | set(known_keys(claims[id(line)].bare, keys))
        by_number = [one for one in of_sum if bare_number(one.document_number) in numbers[id(line)]]
        by_claim = [one for one in of_sum if one.claim.number_key in named]
        by_account = [
            one for one in of_sum if line.party_account and one.claim.client.bank_account == line.party_account
        ]
        found = [one for one in by_number if one in by_claim] or by_number or by_claim or by_account
        if not found:
            continue
        line.verdict, line.is_ignored = StatementLine.Verdict.RETURNED, False
        line.reasons = [{"code": "returns", "bank": line.return_code}]
        matches += [Match(line=line, payment=one, amount=one.amount, payment_amount=one.amount) for one in found[:20]]
    return matches


def _numbers(line: StatementLine) -> set[str]:
    """Return the numbers of our documents that the line names; of camt the reference of the original comes back."""
    found = {bare_number(number) for number in _ORDER_NUMBERS.findall(normalise(line.purpose))}
    if line.return_code and line.number:
        found.add(bare_number(line.number))
    return found


def _paid_payments(lines: Sequence[StatementLine], numbers: set[str], keys: set[str]) -> dict[str, list[Payment]]:
    """Return the paid payments the lines may take back, by their sums; those taken back already are left out."""
    first = min(line.posted_on for line in lines) - timedelta(days=RETURN_DAYS)
    last = max(line.posted_on for line in lines)
    accounts = {line.party_account for line in lines if line.party_account}
    known = Q(document_number__in=[*numbers, *(number.zfill(6) for number in numbers)])
    known |= Q(claim__number_key__in=keys) | Q(claim__client__bank_account__in=accounts)
    payments = (
        Payment.objects.paid()
        .filter(known, paid_on__range=(first, last), amount__in={line.amount for line in lines})
        .select_related("claim__client")
        .order_by("-paid_on", "-pk")
    )
    found: dict[str, list[Payment]] = defaultdict(list)
    for payment in payments:
        found[str(payment.amount)].append(payment)
    return found
