from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from claims.querysets import sees_own_claims_only

if TYPE_CHECKING:
    from accounts.models import User


class RegisterImportQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> RegisterImportQuerySet:
        """Leave the imports `user` may see: where specialists see only their own claims, only their own files."""
        if not user.has_perm("register.import_register"):
            return self.none()
        if sees_own_claims_only(user):
            return self.filter(uploaded_by=user)
        return self

    def waiting(self, now: datetime) -> RegisterImportQuerySet:
        """Leave those a worker is to go on with."""
        return self.filter(
            status__in=self.model.AT_WORK,  # type: ignore[attr-defined]
            not_before__lte=now,
        )

    def counted(self) -> RegisterImportQuerySet:
        """Annotate how many claims each has of every verdict: `new_count`, `error_count` …, and `new_paid_count`:
        how many of the new ones are paid in full.
        """
        counts = {
            f"{verdict}_count": models.Count("rows", filter=models.Q(rows__verdict=verdict))
            for verdict in ("new", "exists", "near", "error", "imported", "undone")
        }
        counts["new_paid_count"] = models.Count(
            "rows", filter=models.Q(rows__verdict="new", rows__is_paid_in_full=True)
        )
        return self.annotate(**counts)


class ImportRowQuerySet(models.QuerySet):
    def of_verdict(self, verdict: str) -> ImportRowQuerySet:
        return self.filter(verdict=verdict)

    def new(self) -> ImportRowQuerySet:
        return self.of_verdict("new")

    def refused(self) -> ImportRowQuerySet:
        return self.of_verdict("error")

    def imported(self) -> ImportRowQuerySet:
        return self.of_verdict("imported")
