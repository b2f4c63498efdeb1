"""The list of tasks: what is open, by deadline, a page at a time, and what was done lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from claims_crm import days
from claims_crm.web import keyset
from payments.worklist import Span, groups_of

from .models import Task
from .permissions import can_complete

if TYPE_CHECKING:
    from accounts.models import User

    from .querysets import TaskQuerySet

# More come as they are scrolled to.
PAGE = 20
LATELY = timedelta(days=7)
DONE_SHOWN = 10

Group = tuple[Span, int, list[Task]]


def open_tasks(user: User, *, everyones: bool) -> TaskQuerySet:
    tasks = Task.objects.open().visible_to(user)
    return tasks if everyones else tasks.for_user(user)


def page(tasks: TaskQuerySet, user: User, *, after: str = "") -> tuple[list[Task], str]:
    """Return a page of tasks that follows the mark `after`, and the mark of the next page ("" on the last)."""
    # First which: else all of the list are read whole, to be put in order.
    first, mark = keyset.page(tasks.only("due_on"), after, by="due_on", size=PAGE)
    rows = Task.objects.filter(pk__in=[task.pk for task in first]).to_read().order_by("due_on", "pk")
    return with_rights(list(rows), user), mark


def groups(tasks: TaskQuerySet, rows: Sequence[Task]) -> list[Group]:
    """Put the rows of a first page into the groups of the list, each with how many there are in all; one query."""
    spans = groups_of(days.today())
    counts = tasks.order_by().aggregate(**{span.key: Count("pk", filter=span.condition) for span in spans})
    return [
        (span, counts[span.key], [task for task in rows if task.due_on in span]) for span in spans if counts[span.key]
    ]


def done_lately(user: User, *, everyones: bool) -> list[Task]:
    done = Task.objects.filter(status=Task.Status.DONE, completed_at__gte=timezone.now() - LATELY).visible_to(user)
    if not everyones:
        done = done.filter(completed_by=user)
    return list(done.to_read().select_related("completed_by").order_by("-completed_at")[:DONE_SHOWN])


def with_rights(tasks: Sequence[Task], user: User) -> list[Task]:
    """Set on each task whether the reader may complete it."""
    for task in tasks:
        task.may_be_completed = can_complete(user, task)  # type: ignore[attr-defined]
    return list(tasks)
