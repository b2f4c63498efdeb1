"""Who may see the status of the mirror and resend objects: administrators."""

from accounts.models import User


def can_see_status(user: User) -> bool:
    return user.has_perm("bitrix24.view_status")


def can_send_again(user: User) -> bool:
    return user.has_perm("bitrix24.change_mirror")
