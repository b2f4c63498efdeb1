"""Who may let people in."""

from .models import User


def can_invite(user: User) -> bool:
    return user.has_perm("accounts.add_user")
