"""What people have said of payees, remembered for the statements to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claims.match_keys import name_key

from ..models import PayeeRule, StatementLine

if TYPE_CHECKING:
    from accounts.models import User
    from claims.models import Client

    from ..formats.statement import StatementLine as BankLine


# Accounts in transfer, of unexplained sums and between branches of a bank.
TRANSIT_ACCOUNTS = ("30232", "30233", "30301", "30302", "30305", "47416", "47422")


def payee_key(line: StatementLine | BankLine) -> str:
    """Return what the payee is known again by: the account, or the name where there is none."""
    return line.party_account or f"name:{name_key(line.party_name)}"


def is_transit(account: str) -> bool:
    """Return whether money of many payees passes through the account: nothing is learnt of such."""
    return account.startswith(TRANSIT_ACCOUNTS)


def remember_payee(line: StatementLine, client: Client | None, *, by: User | None) -> None:
    """Remember whose account it is; None: it has nothing to do with claims."""
    if is_transit(line.party_account):
        return
    PayeeRule.objects.update_or_create(key=payee_key(line), defaults={"client": client, "made_by": by})


def forget_payee(line: StatementLine) -> None:
    """Delete what was remembered of the line's payee."""
    PayeeRule.objects.filter(key=payee_key(line)).delete()
