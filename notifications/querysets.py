from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from claims.models import Claim

if TYPE_CHECKING:
    from accounts.models import User


class TaskQuerySet(models.QuerySet):
    def open(self) -> TaskQuerySet:
        return self.filter(status="open")

    def for_user(self, user: User) -> TaskQuerySet:
        """Leave the user's own tasks and those on nobody that fall to their role."""
        return self.filter(Q(assignee=user) | Q(assignee__isnull=True, role__in=user.groups.values("name")))

    def visible_to(self, user: User) -> TaskQuerySet:
        return self.filter(claim__in=Claim.objects.visible_to(user))

    def to_read(self) -> TaskQuerySet:
        """Fetch along what a task's title and row are made of."""
        return self.select_related("claim__client", "claim__stage", "claim__pipeline", "payment", "assignee")


class NoticeQuerySet(models.QuerySet):
    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)

    def visible_to(self, user: User) -> NoticeQuerySet:
        """Leave what is about claims the user may still see."""
        return self.filter(Q(claim__isnull=True) | Q(claim__in=Claim.objects.visible_to(user)))

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
