from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import User
from claims.querysets import OfClaim
from claims_crm.db.querysets import UpdateReturning

from .signals import tasks_changed


class TaskQuerySet(OfClaim, UpdateReturning):
    def update(self, **values: Any) -> int:
        with self._told():
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def update_returning(self, **values: Any) -> list[Any]:
        with self._told():
            return super().update_returning(**values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with self._told([task.claim_id for task in objs]):
            return super().bulk_create(objs, *args, **kwargs)

    @contextmanager
    def _told(self, claim_ids: list[int] | None = None) -> Iterator[None]:
        """Change tasks of these claims, or of this query, in the block; nobody to tell, no query to find out."""
        if not tasks_changed.has_listeners(self.model):
            yield
            return
        with transaction.atomic():
            touched = claim_ids if claim_ids is not None else list(self.order_by().values_list("claim_id", flat=True))
            yield
            if touched:
                tasks_changed.send(self.model, claim_ids=touched)

    def open(self) -> TaskQuerySet:
        return self.filter(status="open")

    def for_user(self, user: User) -> TaskQuerySet:
        """Leave the user's own tasks and those that fall to their role: on nobody, or on who was switched off.

        A task put on someone by hand has no role; it falls to the role of that person.
        """
        falls = Q(assignee__isnull=True) | Q(assignee__in=User.inactive_ids())
        peers = User.objects.filter(pk__in=User.inactive_ids(), groups__name__in=user.group_names)
        of_their_role = Q(role="", assignee__in=peers.values("pk"))
        return self.filter(Q(assignee=user) | (falls & Q(role__in=user.group_names)) | of_their_role)

    def to_read(self) -> TaskQuerySet:
        """Fetch along what a task's title and row are made of."""
        return self.select_related("claim__client", "payment", "assignee")


class NoticeQuerySet(OfClaim, models.QuerySet):
    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)

    def visible_to(self, user: User) -> NoticeQuerySet:
        """Leave what is about claims the user may still see."""
        of_visible = self.of_visible(user)
        return self.filter(Q(claim__isnull=True) | of_visible) if of_visible else self

    def timely(self) -> NoticeQuerySet:
        """Leave what is not done with meanwhile: tasks still open, payments still overdue."""
        return self.exclude(Q(kind="task_raised") & ~Q(task__status="open")).exclude(
            Q(kind="payment_overdue") & ~Q(payment__status="planned")
        )

    def in_bell(self) -> NoticeQuerySet:
        """Leave what the bell shows: the digest goes only by mail."""
        return self.exclude(kind="digest")

    def unread_count(self, user: User) -> int:
        """Count the user's unread notices for the bell, up to a hundred: more says no more."""
        return self.filter(user=user).unread().in_bell().visible_to(user)[:100].count()

    def to_read(self) -> NoticeQuerySet:
        return self.select_related(
            "claim__client",
            "payment",
            "task__claim__client",
            "task__payment",
            "entry__author",
            "job",
        )
