from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims_crm.money import format_money

from ...services import (
    claims_in_drift,
    payments_without_settlement,
    recount_balances,
    repair_ledger,
    settlements_without_payment,
)


class Command(BaseCommand):
    help = "Recompute every claim from its payments and compare those with the ledger. Exits 1 and lists what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="set the kept balances right")

    def handle(self, *args: Any, **options: Any) -> None:
        drifted: list[Any] = list(claims_in_drift())
        for claim in drifted:
            self.stdout.write(
                f"{claim.number}: "
                f"total {_sum(claim, claim.scheduled_amount)}, by payments {_sum(claim, claim.true_scheduled)}; "
                f"paid {_sum(claim, claim.paid_amount)}, by payments {_sum(claim, claim.true_paid)}; "
                f"planned {claim.planned_count}, by payments {claim.true_planned}; "
                f"next due {claim.next_due_on}, by payments {claim.true_next_due_on}"
            )
        payments = list(payments_without_settlement().select_related("claim"))
        settlements = list(settlements_without_payment().select_related("payment__claim"))
        for payment in payments:
            self.stdout.write(f"{payment.claim.number}: {payment} is paid, the ledger does not say so")
        for settlement in settlements:
            self.stdout.write(f"{settlement.payment.claim.number}: {settlement.payment} is not paid as the ledger says")
        count = len(drifted) + len(payments) + len(settlements)
        if not count:
            self.stdout.write("All balances agree with their payments, and payments with the ledger.")
        elif options["repair"]:
            recount_balances([claim.pk for claim in drifted])
            repair_ledger()
            self.stdout.write(f"Repaired: {count}.")
        else:
            raise CommandError(f"Balances and payments that differ: {count}.", returncode=1)


def _sum(claim: Any, amount: Any) -> str:
    return format_money(amount, claim.currency)
