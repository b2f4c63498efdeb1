from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from claims.models import Attachment, Claim, Client, TimelineEntry
from payments.services import remove_imported

from ..errors import ImportNotReady, ImportTouched
from ..models import ImportRow, RegisterImport
from . import work

if TYPE_CHECKING:
    from accounts.models import User

CHUNK = 200


@transaction.atomic
def undo(register: RegisterImport, *, by: User | None) -> RegisterImport:
    """Have the claims of the import removed, as if it had not been; a worker does it soon.

    Raises ImportTouched where people have worked with them already, ImportNotReady.
    """
    register = RegisterImport.objects.select_for_update().get(pk=register.pk)
    done = (RegisterImport.Status.DONE, RegisterImport.Status.READY)
    if register.status not in done or not register.rows.imported().exists():
        raise ImportNotReady
    numbers = list(touched(register).order_by("pk").values_list("number", flat=True))
    if numbers:
        raise ImportTouched(numbers)
    register.undone_by, register.undone_at = by, timezone.now()
    work.hand_over(register, RegisterImport.Status.UNDOING)
    return register


def touched(register: RegisterImport) -> QuerySet[Claim]:
    """Return the claims of the import that people have worked with: something of theirs is in the timeline or
    among the files.
    """
    by_people = TimelineEntry.objects.filter(claim=OuterRef("pk"), author__isnull=False).exclude(
        kind=TimelineEntry.Kind.CLAIM_IMPORTED
    )
    files = Attachment.objects.filter(claim=OuterRef("pk"))
    imported = Claim.objects.filter(pk__in=register.rows.imported().values("claim"))
    return imported.filter(Q(Exists(by_people)) | Q(Exists(files)))


def remove(register: RegisterImport) -> None:
    """Remove what is left of the import, chunk by chunk, the last written first."""
    while _remove_chunk(register):
        pass


@transaction.atomic
def _remove_chunk(register: RegisterImport) -> int:
    now = RegisterImport.objects.select_for_update().get(pk=register.pk)
    if now.status != RegisterImport.Status.UNDOING:
        return 0
    rows = list(register.rows.imported().order_by("-position")[:CHUNK])
    ids = [row.claim_id for row in rows if row.claim_id]
    list(Claim.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    kept = list(touched(register).filter(pk__in=ids).values_list("number", flat=True))
    if kept:
        # Someone has begun to work with one meanwhile: what is not removed yet stays, and it is said.
        now.status, now.failure = RegisterImport.Status.DONE, {"reason": "touched", "facts": {"named": ", ".join(kept)}}
        now.save(update_fields=["status", "failure"])
        return 0
    if not rows:
        now.status = RegisterImport.Status.UNDONE
        now.save(update_fields=["status"])
        return 0
    _remove(rows, ids)
    work.renew(register)
    return len(rows)


def _remove(rows: list[ImportRow], ids: list[int]) -> None:
    new_clients = Claim.objects.filter(pk__in=[row.claim_id for row in rows if row.new_client]).values_list("client")
    client_ids = [pk for (pk,) in new_clients]
    remove_imported(ids)
    Claim.objects.filter(pk__in=ids).delete()
    Client.objects.filter(pk__in=client_ids, claims__isnull=True).delete()
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(verdict=ImportRow.Verdict.UNDONE, claim=None)
