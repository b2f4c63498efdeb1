from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce


class MirroredQuerySet(models.QuerySet):
    def of_kind(self, kind: str) -> MirroredQuerySet:
        return self.filter(kind=kind)

    def claims(self) -> MirroredQuerySet:
        return self.filter(kind="claim")

    def dirty(self) -> MirroredQuerySet:
        return self.filter(dirty_since__isnull=False)

    def due(self, now: datetime) -> MirroredQuerySet:
        return self.dirty().filter(next_attempt__lte=now)

    def in_error(self) -> MirroredQuerySet:
        return self.exclude(last_error="")

    def remote_ids(self, kind: str) -> dict[int, str]:
        """Return {local id: remote id} of all objects of the kind; meant for the few that provisioning makes."""
        return dict(self.of_kind(kind).exclude(remote_id="").values_list("local_id", "remote_id"))

    def mark(self, claim_ids: Collection[int], now: datetime) -> None:
        """Mark the claims as changed, to be pushed: one statement unless some have no row yet."""
        if self._mark(claim_ids, now) < len(claim_ids):
            new = (self.model(kind="claim", local_id=pk, claim_id=pk) for pk in claim_ids)
            self.bulk_create(new, ignore_conflicts=True)
            self._mark(claim_ids, now)

    def _mark(self, claim_ids: Collection[int], now: datetime) -> int:
        return self.filter(kind="claim", local_id__in=claim_ids).update(
            dirty_since=Coalesce("dirty_since", Value(now)),
            version=F("version") + 1,
            attempts=0,
            next_attempt=now,
        )
