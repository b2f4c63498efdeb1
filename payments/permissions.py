"""Who may do what with payments: one function per action, used by pages, the admin and the API."""

from accounts.models import User
from claims.models import Claim
from claims.permissions import can_change_agreed_amount, can_create_claim

from .models import Payment


def can_see_payments(user: User) -> bool:
    return user.has_perm("payments.view_payment")


def can_schedule(user: User, claim: Claim | None = None) -> bool:
    """Lay out, change and cancel planned payments."""
    return user.has_perm("payments.schedule_payment")


def can_schedule_first(user: User) -> bool:
    """Lay out the schedule of a claim as it is registered: it is made of the sum they agree."""
    return can_create_claim(user) and can_change_agreed_amount(user) and can_schedule(user)


def can_reschedule(user: User, payment: Payment | None = None) -> bool:
    """Move a deadline, no more."""
    return user.has_perm("payments.reschedule_payment") or user.has_perm("payments.schedule_payment")


def can_settle(user: User, payment: Payment | None = None) -> bool:
    return user.has_perm("payments.settle_payment")


def can_reopen(user: User, payment: Payment | None = None) -> bool:
    return user.has_perm("payments.reopen_payment")
