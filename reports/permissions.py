"""Who may see reports."""

from accounts.models import User
from claims.permissions import can_see_claims
from payments.permissions import can_see_payments


def can_see_reports(user: User) -> bool:
    """Figures of what they may see anyway, so whoever sees claims and payments."""
    return can_see_claims(user) and can_see_payments(user)
