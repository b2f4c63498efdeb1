from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User
from accounts.requests import Request
from accounts.signals import sidebar_requested

from . import permissions
from .models import Client
from .services import index_clients


@receiver(post_save, sender=Client)
def follow_client(sender, instance: Client, raw: bool = False, **kwargs) -> None:
    if not raw:
        index_clients([instance])


@receiver(sidebar_requested, sender=User)
def offer_claims(sender, request: Request, **kwargs) -> dict[str, Any]:
    return {
        "can_create_claim": permissions.can_create_claim(request.user),
    }
