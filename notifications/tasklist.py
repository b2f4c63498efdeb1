"""The list of tasks: open ones by due date, a page at a time, and recently completed ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from claims_crm import days
from claims_crm.web.pagination import Ordering
from payments.worklist import DateRange, group_ranges

from .models import Task
from .permissions import can_complete

if TYPE_CHECKING:
    from accounts.models import User

    from .querysets import TaskQuerySet

# More are loaded on scrolling.
BY_DUE_DATE = Ordering("due_on")
PAGE = 20
RECENT = timedelta(days=7)
DONE_SHOWN = 10

Group = tuple[DateRange, int, list[Task]]


def open_tasks(user: User, *, everyones: bool) -> TaskQuerySet:
    """Return the open tasks of the user, or all that they may see."""
    tasks = Task.objects.open().visible_to(user)
    return tasks if everyones else tasks.for_user(user)


def page(tasks: TaskQuerySet, user: User, *, after: str = "") -> tuple[list[Task], str]:
    """Return the page of tasks after the cursor `after`, and the cursor of the next page ("" on the last)."""
    # The ids first: otherwise the whole list is fetched with its related rows to be sorted.
    first, cursor = BY_DUE_DATE.page(tasks.only("due_on"), after, size=PAGE)
    rows = Task.objects.filter(pk__in=[task.pk for task in first]).with_related().order_by("due_on", "pk")
    return with_permissions(list(rows), user), str(cursor or "")


def groups(tasks: TaskQuerySet, rows: Sequence[Task]) -> list[Group]:
    """Return the groups of the list with their total counts and the rows of the first page; one query."""
    spans = group_ranges(days.today())
    counts = tasks.order_by().aggregate(**{span.key: Count("pk", filter=span.condition) for span in spans})
    return [
        (span, counts[span.key], [task for task in rows if task.due_on in span]) for span in spans if counts[span.key]
    ]


def recently_done(user: User, *, everyones: bool) -> list[Task]:
    """Return the tasks completed within the last 7 days by the user, or by everyone, the latest first."""
    done = Task.objects.filter(status=Task.Status.DONE, completed_at__gte=timezone.now() - RECENT).visible_to(user)
    if not everyones:
        done = done.filter(completed_by=user)
    return list(done.with_related().select_related("completed_by").order_by("-completed_at")[:DONE_SHOWN])


def with_permissions(tasks: Sequence[Task], user: User) -> list[Task]:
    """Set `may_be_completed` on each task for the user and return the tasks."""
    for task in tasks:
        task.may_be_completed = can_complete(user, task)  # type: ignore[attr-defined]
    return list(tasks)
