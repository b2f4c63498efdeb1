import logging

from celery import shared_task

from . import services

log = logging.getLogger(__name__)


@shared_task
def audit_balances() -> int:
    """Compare every claim's balance with its payments; report drift loudly. Repair is a person's decision."""
    drift = list(services.claims_in_drift().values_list("number", flat=True)[:100])
    if drift:
        log.error(
            "Balances in drift: %s. Run: manage.py audit_balances --repair",
            ", ".join(drift),
        )
    return len(drift)
