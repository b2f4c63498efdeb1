"""Who sees how the mirror goes, and who may have something sent again: administrators."""

from accounts.models import User


def can_see_status(user: User) -> bool:
    return user.has_perm("bitrix24.view_status")


def can_send_again(user: User) -> bool:
    return user.has_perm("bitrix24.change_mirror")
