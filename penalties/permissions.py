"""Who may do what with calculations, key rates and moratoria."""

from accounts.models import User
from claims.models import Claim
from claims.permissions import can_see_claims


def can_calculate(user: User) -> bool:
    """It reads nothing but public tables and changes nothing, so whoever works with claims."""
    return can_see_claims(user)


def can_keep_calculation(user: User, claim: Claim | None = None) -> bool:
    return user.has_perm("penalties.add_calculation")


def can_change_key_rates(user: User) -> bool:
    return user.has_perm("penalties.change_keyrate")
