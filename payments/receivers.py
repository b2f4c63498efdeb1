from datetime import timedelta
from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from accounts.context_processors import MAX_BADGE_COUNT
from accounts.models import User
from accounts.signals import sidebar_requested
from claims.changes import register_recount
from claims.models import Claim
from claims.signals import claim_page_requested, new_claim_requested
from claims_crm import days

from . import services
from .errors import PaymentHasHistory, PaymentPaid
from .models import Payment
from .permissions import can_reschedule, can_schedule_first, can_see_payments, can_settle
from .registration import FirstSchedule
from .signals import before_payments_written, payments_written
from .worklist import Filters

register_recount(services.recount_change)


@receiver([post_save, post_delete], sender=Payment)
def recompute_balance(sender, instance: Payment, raw: bool = False, **kwargs) -> None:
    if not raw:
        services.recount_balances([instance.claim_id])


@receiver(before_payments_written, sender=Payment)
def lock_claims(sender: type[Payment], claim_ids: set[int], **kwargs: Any) -> None:
    services.lock_for_recount(claim_ids)


@receiver(payments_written, sender=Payment)
def recompute_balances(sender: type[Payment], claim_ids: set[int], **kwargs: Any) -> None:
    services.recount_balances(claim_ids)


@receiver(pre_delete, sender=Payment)
def keep_payments_with_history(sender, instance: Payment, **kwargs) -> None:
    # As it is in the database, and as it stays: the one in hand may be from before it was paid.
    Claim.objects.filter(pk=instance.claim_id).lock_rows()
    if Payment.objects.paid().filter(pk=instance.pk).exists():
        raise PaymentPaid
    if instance.settlements.exists():
        raise PaymentHasHistory


@receiver(claim_page_requested, sender=Claim)
def show_next_payment(sender, request, claim: Claim, **kwargs) -> dict:
    return {
        "cards": ["payments/_next.html"],
        "can_settle": can_settle(request.user),
        "can_reschedule": can_reschedule(request.user) and not claim.is_final,
    }


@receiver(new_claim_requested, sender=Claim)
def offer_first_schedule(sender, request, data, **kwargs) -> FirstSchedule | None:
    return FirstSchedule(data) if can_schedule_first(request.user) else None


@receiver(sidebar_requested, sender=User)
def count_overdue(sender, request, **kwargs) -> dict:
    """The side bar counts what the worklist opens with."""
    if not can_see_payments(request.user):
        return {}
    overdue = Filters.from_query({}, request.user).due(request.user, days.today() - timedelta(days=1))
    return {
        "overdue_count": overdue.order_by()[:MAX_BADGE_COUNT].count(),
    }
