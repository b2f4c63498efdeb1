from __future__ import annotations

import mimetypes
import uuid
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from claims_crm.web.linkify import mentioned_in

from ..changes import changing
from ..errors import ChangedMeanwhile, FactsRefused, FileRefused
from ..events import CommentWritten
from ..models import Attachment, Claim, TimelineEntry
from ..permissions import users_who_can_see
from .timeline import record

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COMMENT = 10_000


@transaction.atomic
def comment(claim: Claim, *, by: User | None, text: str, files: Sequence[UploadedFile] = ()) -> TimelineEntry:
    """Add a comment (plain text) with files and return its entry. Users mentioned as @username who can see the claim
    are notified. `by` None is the system.

    Raises FactsRefused for an empty or too long text, FileRefused.
    """
    text = _clean_text(text, has_files=bool(files))
    for file in files:
        _check_file(file)
    kept = [_store(claim, by=by, file=file) for file in files]
    mentioned = _mentioned(claim, text)
    entry = record(
        claim,
        TimelineEntry.Kind.COMMENT,
        by=by,
        text=text,
        mentioned={user.username: user.name for user in mentioned},
        files=[{"id": attachment.pk, "name": attachment.name, "size": attachment.size} for attachment in kept],
    )
    _tell_written(claim, entry, mentioned, by=by)
    return entry


@transaction.atomic
def edit_comment(entry: TimelineEntry, *, by: User, text: str, seen: int | None = None) -> TimelineEntry:
    """Change the text of a comment and return it; the old text stays in the history. New mentions are notified.

    Raises FactsRefused as `comment` does; ChangedMeanwhile if the number of earlier edits is not `seen`.
    """
    claim = Claim.objects.lock(entry.claim_id)
    entry = TimelineEntry.objects.comments().get(pk=entry.pk)
    text, before = _clean_text(text, has_files=bool(entry.data.get("files"))), entry.text
    if text == before:
        return entry
    edits = entry.data.get("edits", 0)
    if seen not in (None, edits):
        raise ChangedMeanwhile("text", before)
    mentioned = _mentioned(claim, text)
    entry.text = text
    entry.data |= {"mentioned": {user.username: user.name for user in mentioned}, "edits": edits + 1}
    entry.save(update_fields=["text", "data"])
    record(claim, TimelineEntry.Kind.COMMENT_EDITED, by=by, comment=entry.pk, before=before)
    _tell_written(claim, entry, mentioned, by=by)
    return entry


def _tell_written(claim: Claim, entry: TimelineEntry, mentioned: Sequence[User], *, by: User | None) -> None:
    with changing([claim], by=by) as change:
        change.record(CommentWritten(claim=claim.pk, entry=entry.pk, mentioned=tuple(user.pk for user in mentioned)))


def _clean_text(text: str, *, has_files: bool) -> str:
    text = text.strip()
    if not text and not has_files:
        raise FactsRefused(_("The comment is empty."), field="text")
    if len(text) > MAX_COMMENT:
        raise FactsRefused(_("A comment holds up to 10,000 characters."), field="text")
    return text


def _mentioned(claim: Claim, text: str) -> list[User]:
    names = mentioned_in(text)
    return list(users_who_can_see(claim).filter(username__in=names)) if names else []


@transaction.atomic
def attach(claim: Claim, *, by: User | None, file: UploadedFile) -> Attachment:
    """Attach a file to the claim and return it. Raises FileRefused if it is empty or larger than 25 MB."""
    _check_file(file)
    attachment = _store(claim, by=by, file=file)
    record(
        claim,
        TimelineEntry.Kind.FILE_ADDED,
        by=by,
        file=attachment.pk,
        name=attachment.name,
        size=attachment.size,
    )
    return attachment


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User | None) -> None:
    """Remove the file; the timeline keeps its name. Its content is deleted after the commit."""
    record(
        attachment.claim_id,
        TimelineEntry.Kind.FILE_REMOVED,
        by=by,
        name=attachment.name,
    )
    storage, name = attachment.file.storage, attachment.file.name or ""
    attachment.delete()
    transaction.on_commit(lambda: storage.delete(name))


def _check_file(file: UploadedFile) -> None:
    """Check the file before it is stored, because a rollback would not remove it from the storage."""
    if not file.size:
        raise FileRefused(_("The file “%s” is empty.") % file.name)
    if file.size > Attachment.MAX_SIZE:
        raise FileRefused(_("The file “%s” is larger than 25 MB.") % file.name)


def _store(claim: Claim, *, by: User | None, file: UploadedFile) -> Attachment:
    name = (file.name or "file")[-255:]
    return Attachment.objects.create(
        claim=claim,
        key=uuid.uuid4(),
        file=file,
        name=name,
        size=file.size or 0,
        content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        uploaded_by=by,
    )
