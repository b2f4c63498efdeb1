from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.requests import Request
from accounts.signals import sidebar_requested

from .permissions import can_post_statements, can_send_orders


@receiver(sidebar_requested, sender=User)
def offer_bank_pages(sender: type[User], request: Request, **kwargs: Any) -> dict[str, bool]:
    user = request.user
    return {"can_post_statements": can_post_statements(user), "can_send_orders": can_send_orders(user)}
