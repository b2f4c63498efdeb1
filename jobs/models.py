from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User

from .kinds import KINDS
from .lease import Lease
from .querysets import JobQuerySet


def result_path(job: Job, filename: str) -> str:
    """Return a name of our own for the file; the name that people see is data."""
    return f"jobs/{uuid.uuid4().hex}"


class Job(models.Model):
    """Background work that a person requested. `arguments` say what is to be done, as it was confirmed.

    See `jobs/engine.py`, and `jobs/kinds.py` for the kinds of work.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("not confirmed")
        WAITING = "waiting", _("being done")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("stopped")

    kind = models.CharField(max_length=60)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jobs")
    arguments = models.JSONField(default=dict)
    # Files and refusals are written in the owner's language at the time of the request.
    language = models.CharField(max_length=2)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    changed = models.PositiveIntegerField(default=0)
    # [[what, why], …]
    refused = models.JSONField(default=list)
    file = models.FileField(upload_to=result_path, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    failure = models.TextField(blank=True)
    # The type of the exception that ended the last attempt; empty if its worker died.
    last_error = models.CharField(max_length=100, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Until when a worker has it, or before when it is not tried again: see `jobs/lease.py`.
    not_before = models.DateTimeField(default=timezone.now)

    # Of the worker that runs it.
    lease: Lease[Job] | None = None

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "waiting"], ended_at__isnull=True)
                | (~models.Q(status__in=["draft", "waiting"]) & models.Q(ended_at__isnull=False)),
                name="job_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], name="job_waiting", condition=models.Q(status="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.pk])

    @property
    def title(self) -> str:
        """The title of the work, in the reader's language."""
        kind = KINDS.get(self.kind)
        return str(kind.title) if kind else self.kind

    @property
    def saves_steps(self) -> bool:
        """Whether `changed` and `refused` are right at every moment, also where it did not come to its end."""
        kind = KINDS.get(self.kind)
        return kind is not None and kind.saves_steps

    @property
    def left(self) -> int:
        """How many rows were not reached."""
        return self.total - self.done

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE
