"""Tasks of the user, of everyone and of a claim: completed with one click, added by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import Request
from claims.pages import claim_or_404, claim_page_context, respond_claim_changed
from claims_crm.errors import BusinessRuleError
from claims_crm.web.urls import current_page
from payments.permissions import can_reopen
from payments.worklist import group_more_rows

from .. import permissions, services, tasklist
from ..errors import ChecklistUnticked
from ..forms import TaskForm, suggested
from ..models import Task

ENDED_SHOWN = 100


@require_safe
def show(request: Request) -> HttpResponse:
    """Show the open tasks by due date; a request for the next page gets its rows alone."""
    _require(permissions.can_see_tasks(request.user))
    everyones = request.GET.get("whose") == "all"
    after = request.GET.get("after", "")
    tasks = tasklist.open_tasks(request.user, everyones=everyones)
    rows, mark = tasklist.page(tasks, request.user, after=after)
    context = {"everyones": everyones, "rows": rows, "mark": mark, "shows_assignee": everyones}
    if request.htmx and after:
        return render(request, "notifications/_more.html", {**context, "groups": group_more_rows(rows)})
    context |= {
        "groups": tasklist.groups(tasks, rows),
        "done": tasklist.recently_done(request.user, everyones=everyones),
        "can_add": permissions.can_add_task(request.user),
    }
    return render(request, "notifications/tasks.html", context)


@require_safe
def of_claim(request: Request, pk: int) -> HttpResponse:
    """Show the tasks tab of a claim: open and ended."""
    claim = claim_or_404(request, pk)
    _require(permissions.can_see_tasks(request.user))
    tasks = Task.objects.filter(claim=claim).with_related()
    ended = tasks.exclude(status=Task.Status.OPEN).select_related("completed_by").order_by("-completed_at", "-pk")
    context = {
        **claim_page_context(request, claim, tab="tasks"),
        "rows": tasklist.with_permissions(list(tasks.open().order_by("due_on", "pk")), request.user),
        "ended": list(ended[:ENDED_SHOWN]),
        "can_add": permissions.can_add_task(request.user, claim),
        "shows_assignee": True,
        "is_of_claim": True,
    }
    return render(request, "notifications/claim_tasks.html", context)


@require_safe
def row(request: Request, pk: int) -> HttpResponse:
    """Return the row of one task, with its checklist unfolded or not."""
    task = _task_or_404(request, pk)
    if not request.htmx:
        return redirect("notifications:claim_tasks", task.claim_id)
    return _row(request, task, unfolded=request.GET.get("open") == "1")


@require_POST
def complete(request: Request, pk: int) -> HttpResponse:
    """Complete the task; if checklist items are unticked, unfold the checklist and ask once."""
    task = _task_or_404(request, pk)
    _require(permissions.can_complete(request.user, task))
    if task.is_open and task.done_count < len(task.checklist) and not request.POST.get("anyway"):
        demands = task.claim.pipeline.demands_checklist
        return _row(request, task, unfolded=True, asks=not demands, refusal=ChecklistUnticked() if demands else None)
    try:
        task = services.complete(task, by=request.user)
    except BusinessRuleError as error:
        # The row shows what others have changed, beside the reason.
        return _row(request, _task_or_404(request, pk), unfolded=True, refusal=error, status=422)
    return _completed(request, task)


@require_POST
def tick(request: Request, pk: int, position: int) -> HttpResponse:
    """Tick or untick one checklist item.

    The response leaves the other items of the page alone: their own requests may still be on the way.
    """
    task = _task_or_404(request, pk)
    _require(permissions.can_complete(request.user, task))
    is_ticked = f"task-{pk}-item-{position}" in request.POST
    try:
        task = services.tick(task, by=request.user, position=position, done=is_ticked)
    except IndexError as error:
        raise Http404 from error
    except BusinessRuleError as error:
        response = _row(request, _task_or_404(request, pk), unfolded=True, refusal=error, status=422)
        return retarget(response, f"#task-{pk}")
    item = task.items[position]
    return _row(request, task, template="_ticked.html", unfolded=True, item=item, position=position)


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Open again a task that the user has just completed."""
    task = _task_or_404(request, pk)
    if task.kind == Task.Kind.PAY:
        _require(can_reopen(request.user, task.payment))
    task = services.undo(task, by=request.user)
    text = _("Taken back: %s") % task.title
    if not request.htmx:
        messages.success(request, text)
        return redirect("notifications:tasks")
    response = reswap(_row(request, task, template="_ended.html", oob=True), "none")
    return _with_toast(response, text)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk: int | None = None) -> HttpResponse:
    """Add a task by hand, for this claim or for the one named in the form."""
    claim = claim_or_404(request, pk) if pk else None
    _require(permissions.can_add_task(request.user, claim))
    form = TaskForm(request.POST if request.method == "POST" else None, user=request.user, claim=claim)
    if form.is_valid() and form.claim:
        facts = {name: fact for name, fact in form.cleaned_data.items() if name != "number"}
        return _added(request, services.add_task(form.claim, by=request.user, **facts))
    status = 422 if form.is_bound else 200
    context = {"form": form, "claim": claim}
    if not request.htmx:
        return render(request, "notifications/add.html", context, status=status)
    response = render(request, "notifications/_add.html", context, status=status)
    return reswap(retarget(response, "#dialog"), "innerHTML")


@require_safe
def suggest(request: Request) -> HttpResponse:
    """Return the claims that match the typed text."""
    _require(permissions.can_add_task(request.user))
    claims = suggested(request.user, request.GET.get("number", ""))
    return render(request, "notifications/_suggest.html", {"claims": claims})


# responses


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _task_or_404(request: Request, pk: int) -> Task:
    _require(permissions.can_see_tasks(request.user))
    return get_object_or_404(Task.objects.visible_to(request.user).with_related(), pk=pk)


def _row(
    request: Request, task: Task, *, template: str = "_row.html", status: int = 200, **context: Any
) -> HttpResponse:
    tasklist.with_permissions([task], request.user)
    if not request.htmx:
        return redirect("notifications:claim_tasks", task.claim_id)
    # The row looks as on the page it is part of.
    page, _query = current_page(request)
    is_of_claim = page.startswith(task.claim.get_absolute_url())
    context |= {
        "task": task,
        "is_of_claim": is_of_claim,
        "is_short": page == reverse("home"),
        "shows_assignee": is_of_claim or task.assignee_id != request.user.pk,
    }
    return render(request, f"notifications/{template}", context, status=status)


def _completed(request: Request, task: Task) -> HttpResponse:
    """Respond to a completed task: its row, and a toast that offers undo where it is allowed."""
    text = _("Done: %s") % task.title
    if not request.htmx:
        messages.success(request, text)
        return redirect("notifications:tasks")
    may_undo = task.kind == Task.Kind.MANUAL or (task.kind == Task.Kind.PAY and can_reopen(request.user, task.payment))
    undo_url = reverse("notifications:undo", args=[task.pk]) if may_undo else ""
    return _with_toast(_row(request, task, template="_ended.html"), text, undo=undo_url)


def _added(request: Request, task: Task) -> HttpResponse:
    text = _("Task added: %s") % task.title
    if not request.htmx:
        messages.success(request, text)
        return redirect("notifications:claim_tasks", task.claim_id)
    return respond_claim_changed(request, task.claim, toast=text)


def _with_toast(response: HttpResponse, text: str, *, undo: str = "") -> HttpResponse:
    """Add a toast to the response, and the event on which the page reloads what depends on tasks."""
    trigger_client_event(response, "toast", {"text": text, **({"undo": undo} if undo else {})})
    return trigger_client_event(response, "claimChanged", {})
