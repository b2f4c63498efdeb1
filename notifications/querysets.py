from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import User
from claims.querysets import ClaimChildQuerySet
from claims_crm.db.querysets import UpdateReturning

from .signals import tasks_changed


class TaskQuerySet(ClaimChildQuerySet, UpdateReturning):
    def update(self, **values: Any) -> int:
        with self._signalled():
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def update_returning(self, **values: Any) -> list[Any]:
        with self._signalled():
            return super().update_returning(**values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        with self._signalled([task.claim_id for task in objs]):
            return super().bulk_create(objs, *args, **kwargs)

    @contextmanager
    def _signalled(self, claim_ids: list[int] | None = None) -> Iterator[None]:
        """Send `tasks_changed` for these claims, or those of this query, after the block, if anything listens."""
        if not tasks_changed.has_listeners(self.model):
            yield
            return
        with transaction.atomic():
            changed = claim_ids if claim_ids is not None else list(self.order_by().values_list("claim_id", flat=True))
            yield
            if changed:
                tasks_changed.send(self.model, claim_ids=changed)

    def open(self) -> TaskQuerySet:
        return self.filter(status="open")

    def for_user(self, user: User) -> TaskQuerySet:
        """Filter the user's own tasks and those of their role whose assignee is missing or inactive.

        A task assigned by hand has no role of its own: the role of its assignee counts.
        """
        unassigned = Q(assignee__isnull=True) | Q(assignee__in=User.inactive_ids())
        peers = User.objects.filter(pk__in=User.inactive_ids(), groups__name__in=user.group_names)
        of_their_role = Q(role="", assignee__in=peers.values("pk"))
        return self.filter(Q(assignee=user) | (unassigned & Q(role__in=user.group_names)) | of_their_role)

    def with_related(self) -> TaskQuerySet:
        """Select the related rows that a task's title and row are made of."""
        return self.select_related("claim__client", "payment", "assignee")


class NoticeQuerySet(ClaimChildQuerySet, models.QuerySet):
    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)

    def visible_to(self, user: User) -> NoticeQuerySet:
        """Filter those about claims that the user may still see, and those about none."""
        visible_condition = self.visible_condition(user)
        return self.filter(Q(claim__isnull=True) | visible_condition) if visible_condition else self

    def timely(self) -> NoticeQuerySet:
        """Filter those still relevant: tasks still open, payments still unpaid."""
        return self.exclude(Q(kind="task_raised") & ~Q(task__status="open")).exclude(
            Q(kind="payment_overdue") & ~Q(payment__status="planned")
        )

    def in_bell(self) -> NoticeQuerySet:
        """Filter those shown in the bell: the digest goes by mail only."""
        return self.exclude(kind="digest")

    def unread_count(self, user: User) -> int:
        """Return the number of the user's unread notices for the bell, at most 100."""
        return self.filter(user=user).unread().in_bell().visible_to(user)[:100].count()

    def with_related(self) -> NoticeQuerySet:
        """Select the related rows that a notice's text is made of."""
        return self.select_related(
            "claim__client",
            "payment",
            "task__claim__client",
            "task__payment",
            "entry__author",
            "job",
        )
