"""Who may do what with webhooks: administrators, by the permissions of their group."""

from accounts.models import User


def can_see_webhooks(user: User) -> bool:
    return user.has_perm("webhooks.view_subscription")


def can_add_webhook(user: User) -> bool:
    return user.has_perm("webhooks.add_subscription")


def can_change_webhooks(user: User) -> bool:
    """Return whether the user may change webhooks, see their secrets and resend messages."""
    return user.has_perm("webhooks.change_subscription")


def can_see_messages(user: User) -> bool:
    return user.has_perm("webhooks.view_delivery")
