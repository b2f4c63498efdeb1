"""Who may do what with payments: one question per action, asked by pages, admin and programs alike."""

from accounts.models import User
from claims.models import Claim
from claims.permissions import can_change_agreed_amount, can_create_claim, can_see_claims

from .models import OrderFile, Payment


def can_see_payments(user: User) -> bool:
    return user.has_perm("payments.view_payment")


def can_see_reports(user: User) -> bool:
    """Figures of what they may see anyway, so whoever sees claims and payments."""
    return can_see_claims(user) and can_see_payments(user)


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


def can_post_statements(user: User) -> bool:
    """Send bank statements, look them through and post them, which marks payments as paid."""
    return user.has_perm("payments.post_statement") and can_settle(user)


def can_undo_statements(user: User) -> bool:
    return can_post_statements(user) and can_reopen(user)


def can_send_orders(user: User) -> bool:
    """Make files of payment orders for the bank, and take them back."""
    return user.has_perm("payments.send_order")


def can_approve(user: User, file: OrderFile | None = None) -> bool:
    """Whoever made a file is not the second person."""
    return user.has_perm("payments.approve_order") and (file is None or file.made_by_id != user.pk)
