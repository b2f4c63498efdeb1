from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..querysets import TimelineQuerySet
from .claims import Claim


class TimelineEntry(models.Model):
    """An event of a claim. Entries are only added, never changed: they are the audit log as well. Only a comment may be
    edited by its author; its old text is then an entry of its own.

    `data` holds the facts (ids, sums as strings, ISO dates); the text is made on reading, in the reader's language, by
    `claims/timeline_text.py`. The pinned summary is one entry whose figures are read from the claim's balance, so that
    they are always current.
    """

    class Kind(models.TextChoices):
        SUMMARY = "summary", _("summary")
        COMMENT = "comment", _("comment")
        COMMENT_EDITED = "comment_edited", _("comment edited")
        MAIL_SENT = "mail_sent", _("mail sent")
        CLAIM_CREATED = "claim_created", _("claim created")
        CLAIM_IMPORTED = "claim_imported", _("claim imported")
        CLAIM_EDITED = "claim_edited", _("facts changed")
        STAGE_MOVED = "stage_moved", _("stage changed")
        FILE_ADDED = "file_added", _("file added")
        FILE_REMOVED = "file_removed", _("file removed")
        PAYMENTS_SCHEDULED = "payments_scheduled", _("payments scheduled")
        PAYMENT_CHANGED = "payment_changed", _("payment changed")
        PAYMENT_SPLIT = "payment_split", _("payment split")
        PAYMENT_CANCELLED = "payment_cancelled", _("payment cancelled")
        PAYMENT_SETTLED = "payment_settled", _("payment paid")
        PAYMENT_REOPENED = "payment_reopened", _("payment reopened")
        TASK_RAISED = "task_raised", _("task raised")
        TASK_COMPLETED = "task_completed", _("task done")
        TASK_WITHDRAWN = "task_withdrawn", _("task withdrawn")

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="timeline", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    text = models.TextField(max_length=10_000, blank=True)
    data = models.JSONField(default=dict, blank=True)
    pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TimelineQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [("add_comment", "Can comment on a claim")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(kind="summary"),
                name="timeline_one_summary",
            ),
            models.CheckConstraint(
                condition=Q(pinned=False) | Q(kind="summary"),
                name="timeline_only_summary_pinned",
            ),
        ]
        indexes = [models.Index(fields=["claim", "-id"], name="timeline_of_claim")]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.kind}"

    @property
    def facts(self) -> dict:
        """The entry's facts; for the summary, the claim's current balance."""
        if self.kind != self.Kind.SUMMARY:
            return self.data
        return {
            "total": str(self.claim.scheduled_amount),
            "paid": str(self.claim.paid_amount),
            "remaining": str(self.claim.remaining_amount),
            "currency": self.claim.currency,
        }


def attachment_path(attachment: Attachment, filename: str) -> str:
    """Return the storage name: our own key, never the name the user gave the file."""
    return f"claims/{attachment.claim_id}/{attachment.key.hex}"


class Attachment(models.Model):
    """A file of a claim, served only to those who may see the claim."""

    MAX_SIZE = 25 * 1024 * 1024

    # How the page previews a file by its content type; other files are only downloaded.
    PREVIEWS = {
        "image/png": "image",
        "image/jpeg": "image",
        "image/gif": "image",
        "image/webp": "image",
        "application/pdf": "pdf",
        "application/json": "text",
        "application/xml": "text",
        "text/csv": "text",
        "text/markdown": "text",
        "text/plain": "text",
        "text/xml": "text",
    }

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="attachments")
    key = models.UUIDField(unique=True, editable=False)
    file = models.FileField(_("file"), upload_to=attachment_path, max_length=200)
    name = models.CharField(_("name"), max_length=255)
    size = models.PositiveIntegerField(_("size, bytes"))
    content_type = models.CharField(max_length=100, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def preview(self) -> str:
        """The kind of preview: "image", "pdf", "text", or "" for none."""
        return self.PREVIEWS.get(self.content_type, "")
