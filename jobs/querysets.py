from __future__ import annotations

from datetime import datetime

from django.db import models


class JobQuerySet(models.QuerySet):
    def waiting(self, now: datetime) -> JobQuerySet:
        """Filter the jobs that a worker may take at `now`."""
        return self.filter(status="waiting", not_before__lte=now)

    def drafts(self) -> JobQuerySet:
        """Filter what dialogs have shown and no one has confirmed yet."""
        return self.filter(status="draft")

    def ended_before(self, moment: datetime) -> JobQuerySet:
        return self.filter(ended_at__lt=moment)
