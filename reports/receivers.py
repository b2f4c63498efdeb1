from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.requests import Request
from accounts.signals import sidebar_requested

from .permissions import can_see_reports


@receiver(sidebar_requested, sender=User)
def offer_reports(sender: type[User], request: Request, **kwargs: Any) -> dict[str, bool]:
    return {"can_see_reports": can_see_reports(request.user)}
