"""Who may see reports."""

from accounts.models import User
from claims.permissions import can_see_claims
from payments.permissions import can_see_payments


def can_see_reports(user: User) -> bool:
    """Return whether the user may see reports: the figures are of what they may see anyway."""
    return can_see_claims(user) and can_see_payments(user)
