from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.requests import Request
from accounts.signals import shell_requested

from . import permissions


@receiver(shell_requested, sender=User)
def offer_claims(sender, request: Request, **kwargs) -> dict[str, Any]:
    return {
        "can_create_claim": permissions.can_create_claim(request.user),
        "can_import": permissions.can_import_register(request.user),
    }
