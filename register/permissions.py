"""Who may import a register."""

from accounts.models import User


def can_import_register(user: User) -> bool:
    return user.has_perm("register.import_register")
