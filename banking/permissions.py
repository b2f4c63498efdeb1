"""Who may read statements and make payment orders: one question per action, asked by pages, admin and API alike."""

from accounts.models import User
from payments.permissions import can_reopen, can_settle

from .models import OrderFile


def can_post_statements(user: User) -> bool:
    """Send bank statements, look them through and post them, which marks payments as paid."""
    return user.has_perm("banking.post_statement") and can_settle(user)


def can_undo_statements(user: User) -> bool:
    return can_post_statements(user) and can_reopen(user)


def can_send_orders(user: User) -> bool:
    """Make files of payment orders for the bank, and take them back."""
    return user.has_perm("banking.send_order")


def can_approve(user: User, file: OrderFile | None = None) -> bool:
    """Return whether the user may approve order files; never a file of their own."""
    return user.has_perm("banking.approve_order") and (file is None or file.made_by_id != user.pk)
