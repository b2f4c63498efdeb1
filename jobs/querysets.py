from __future__ import annotations

from datetime import datetime

from django.db import models


class JobQuerySet(models.QuerySet):
    def waiting(self, now: datetime) -> JobQuerySet:
        """Leave those a worker is to do."""
        return self.filter(status="waiting", not_before__lte=now)

    def ended_before(self, moment: datetime) -> JobQuerySet:
        return self.filter(ended_at__lt=moment)
