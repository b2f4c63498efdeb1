from typing import Any

from django.dispatch import receiver

from claims.changes import Change
from claims.signals import claim_changes_final

from .outbox import write_messages


@receiver(claim_changes_final, sender=Change)
def write_messages_of_change(sender: type[Change], change: Change, **kwargs: Any) -> None:
    write_messages(change)
