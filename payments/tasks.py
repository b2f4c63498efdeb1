import logging

from celery import shared_task

from . import services

log = logging.getLogger(__name__)


@shared_task
def audit_balances() -> int:
    """Compare every claim's balance with its payments, and those with the ledger; log each drift as an error.

    Return how many claims and payments differ, up to 100 of each. Repair is a person's decision.
    """
    drift = list(services.claims_in_drift().values_list("number", flat=True)[:100])
    unrecorded = list(services.payments_without_settlement().values_list("claim__number", flat=True)[:100])
    unrecorded += services.settlements_without_payment().values_list("payment__claim__number", flat=True)[:100]
    if drift:
        log.error(
            "Balances in drift: %s. Run: manage.py audit_balances --repair",
            ", ".join(drift),
        )
    if unrecorded:
        log.error(
            "Payments that the ledger does not record as they are, of the claims: %s. "
            "Run: manage.py audit_balances --repair",
            ", ".join(sorted(set(unrecorded))),
        )
    return len(drift) + len(unrecorded)
