from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User

from .kinds import KINDS
from .querysets import JobQuerySet


def result_path(job: Job, filename: str) -> str:
    """Keep files under names of our own: what the person will call it is only data."""
    return f"jobs/{uuid.uuid4().hex}"


class Job(models.Model):
    """Long work that a person asked for. What is to be done is in the row; a worker that finds it does it.

    See `jobs/engine.py` for the kinds of work there are.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("being done")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("stopped")

    kind = models.CharField(max_length=60)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jobs")
    arguments = models.JSONField(default=dict)
    # The language that files and refusals are written in: the owner's when they asked.
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

    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="waiting", ended_at__isnull=True)
                | (~models.Q(status="waiting") & models.Q(ended_at__isnull=False)),
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
        """What is being done, in the reader's language."""
        kind = KINDS.get(self.kind)
        return str(kind.title) if kind else self.kind

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE
