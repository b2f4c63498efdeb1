from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .querysets import MirroredQuerySet


class Mirror(models.Model):
    """The portal: what provisioning found, the status of the mirror, and the limits that all workers share."""

    # What provisioning found or created.
    owner_id = models.PositiveBigIntegerField(null=True, editable=False)
    payments_type = models.PositiveIntegerField(null=True, editable=False)

    # Tokens of a local application; empty with a webhook.
    access_token = models.CharField(max_length=500, blank=True, editable=False)
    refresh_token = models.CharField(max_length=500, blank=True, editable=False)
    application_token = models.CharField(max_length=200, blank=True, editable=False)

    # A leaky bucket of calls: `bucket_size` at once, `bucket_leak` per second.
    bucket_size = models.PositiveIntegerField(
        _("calls at once"),
        default=50,
        help_text=_("What the portal's plan allows: 50, or 250 on Enterprise."),
    )
    bucket_leak = models.FloatField(_("calls a second"), default=2, help_text=_("2, or 5 on Enterprise."))
    bucket_level = models.FloatField(default=0, editable=False)
    bucket_at = models.DateTimeField(default=timezone.now, editable=False)
    # {method: ISO time until which it is paused, as its operating time is used up}
    paused_methods = models.JSONField(default=dict, editable=False)

    # The lease: one worker at a time.
    busy_until = models.DateTimeField(default=timezone.now, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    next_try = models.DateTimeField(default=timezone.now, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    notified_at = models.DateTimeField(null=True, editable=False)
    # Up to when (our clock) remote changes have been pulled.
    pulled_at = models.DateTimeField(null=True, editable=False)
    # When the last event came, to the minute.
    last_event_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("Bitrix24 portal")
        verbose_name_plural = _("Bitrix24 portal")
        default_permissions = ("change", "view")
        permissions = [("view_status", "Can see how the Bitrix24 mirror goes")]
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="bitrix24_mirror_is_one")]

    def __str__(self) -> str:
        return str(_("Bitrix24 portal"))

    @classmethod
    def current(cls) -> Mirror:
        """Return the one row, which is created if needed."""
        return cls.objects.get_or_create(pk=1)[0]


class Mirrored(models.Model):
    """An object that exists on both sides: our id, its id in the portal, and its fields as last pushed.

    The row of a claim also says whether anything of the claim (payments, tasks, comments, balance) is to be pushed:
    `dirty_since`. A change only sets that; the worker compares the claim as it is then with `pushed`.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", _("deal")
        PAYMENT = "payment", _("payment")
        SUMMARY = "summary", _("summary")
        COMMENT = "comment", _("comment")
        TASK = "task", _("task")
        CHECK = "check", _("item of a checklist")
        CONTACT = "contact", _("contact")
        COMPANY = "company", _("company")
        PIPELINE = "pipeline", _("funnel")
        STAGE = "stage", _("stage")
        STATUS = "status", _("stage of a payment")

    kind = models.CharField(max_length=8, choices=Kind)
    local_id = models.PositiveBigIntegerField()
    # None for clients and what provisioning made. No foreign key: the row outlives the claim.
    claim_id = models.PositiveBigIntegerField(null=True)
    remote_id = models.CharField(max_length=40, blank=True)
    # {field: value} as last sent or pulled; fields that differ from it are sent.
    pushed = models.JSONField(default=dict)
    # A command got no answer: the object is looked up before anything else.
    unsure = models.BooleanField(default=False)

    dirty_since = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=300, blank=True)

    objects = MirroredQuerySet.as_manager()

    class Meta:
        verbose_name = _("mirrored object")
        verbose_name_plural = _("mirrored objects")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["kind", "local_id"], name="bitrix24_mirrored_once"),
            models.UniqueConstraint(
                fields=["kind", "remote_id"], condition=~Q(remote_id=""), name="bitrix24_mirrored_one_there"
            ),
        ]
        indexes = [
            models.Index(fields=["claim_id"], name="bitrix24_of_claim", condition=Q(claim_id__isnull=False)),
            models.Index(fields=["next_attempt", "id"], name="bitrix24_dirty", condition=Q(dirty_since__isnull=False)),
            models.Index(fields=["id"], name="bitrix24_in_error", condition=~Q(last_error="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.local_id}"


class Incoming(models.Model):
    """An object that an event says was changed in the portal, to be pulled. Reported twice, it is pulled once."""

    kind = models.CharField(max_length=8, choices=Mirrored.Kind)
    remote_id = models.CharField(max_length=40)
    received_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("change to read")
        verbose_name_plural = _("changes to read")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "remote_id"], name="bitrix24_incoming_once")]
        indexes = [models.Index(fields=["next_attempt"], name="bitrix24_incoming_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote_id}"


class Person(models.Model):
    """A user and the matching employee of the portal. Matched by e-mail; an administrator may correct it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+"
    )
    remote_id = models.PositiveBigIntegerField(
        _("employee in Bitrix24"), unique=True, help_text=_("The number in the address of the employee's page.")
    )
    name = models.CharField(_("name in Bitrix24"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("person in Bitrix24")
        verbose_name_plural = _("people in Bitrix24")

    def __str__(self) -> str:
        return f"{self.user} — {self.remote_id}"


def backoff(attempts: int) -> timedelta:
    """Return the delay after so many failures: 1, 2, 4 … seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** min(attempts - 1, 9), 300))
