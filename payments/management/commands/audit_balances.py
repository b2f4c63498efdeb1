from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims_crm.money import format_money

from ...services import claims_in_drift, recompute


class Command(BaseCommand):
    help = "Recompute every claim from its payments. Exits 1 and lists the claims whose kept balance differs."

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
        if not drifted:
            self.stdout.write("All balances agree with their payments.")
        elif options["repair"]:
            recompute([claim.pk for claim in drifted])
            self.stdout.write(f"Repaired: {len(drifted)}.")
        else:
            raise CommandError(f"Balances that differ: {len(drifted)}.", returncode=1)


def _sum(claim: Any, amount: Any) -> str:
    return format_money(amount, claim.currency)
