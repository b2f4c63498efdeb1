"""The home page: what needs the user's attention, by role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.models import User
from accounts.requests import Request
from accounts.roles import Role
from claims.models import Claim
from claims.permissions import can_comment, can_edit_claim
from claims.querysets import ClaimQuerySet
from claims.services import comment, edit_claim
from claims_crm import days
from claims_crm.errors import BusinessRuleError
from claims_crm.money import format_money
from claims_crm.templatetags.rigel import day_long
from notifications import attention, tasklist
from notifications.models import Task
from payments import worklist
from payments.models import Payment
from payments.permissions import can_settle

from . import first_steps

ROWS_SHOWN = 8
MAX_ROWS = 200
TASKS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class AttentionSection:
    """A section of the page: its key, the total count and the first rows."""

    key: str
    count: int
    rows: list[Any]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


@require_safe
def show(request: Request) -> HttpResponse:
    """Show the home page of the user's role."""
    user = request.user
    context: dict[str, Any] = {
        "role": user.role,
        "has_claims": Claim.objects.visible_to(user).exists(),
        "steps": first_steps.visible_steps(user),
    }
    match user.role:
        case Role.SPECIALIST:
            context |= {"needs": attention_sections(request, attention.own_claims(user)), **_my_tasks(user)}
        case Role.ACCOUNTANT:
            context |= {**_payments_due(user), **_my_tasks(user)}
        case Role.ADMINISTRATOR:
            # Overdue payments are among the payments to make already.
            sections = attention_sections(request, attention.all_claims(user), without="late")
            context |= {**_payments_due(user), "needs": sections, **_my_tasks(user)}
    return render(request, "dashboard/home.html", context)


def attention_sections(request: Request, claims: ClaimQuerySet, *, without: str = "") -> list[AttentionSection]:
    """Return the sections that are not empty, without the section `without`; `?whole=late` shows all of one."""
    today = days.today()
    # The most urgent first.
    querysets: dict[str, QuerySet[Any]] = {
        "answer": attention.awaiting_answer(claims, today + attention.ANSWER_WITHIN),
        "late": attention.overdue_payments(claims, today),
        "schedule": attention.short_of_schedule(claims),
        "complete": attention.awaiting_completion(claims),
        "quiet": attention.inactive(claims, today),
    }
    whole = request.GET.get("whole")
    sections = (
        _section(key, rows, MAX_ROWS if whole == key else ROWS_SHOWN)
        for key, rows in querysets.items()
        if key != without
    )
    return [section for section in sections if section.count]


def _section(key: str, rows: QuerySet[Any], shown: int) -> AttentionSection:
    first = list(rows[: shown + 1])
    return AttentionSection(key, rows.count() if len(first) > shown else len(first), first[:shown])


def _payments_due(user: User) -> dict[str, Any]:
    """Return the figures and the first payments that are overdue or due today."""
    filters = worklist.Filters.from_query({}, user)
    due = filters.scope(user).due_by(days.today())
    figures = worklist.load_figures(filters, user)
    return {
        "filters": filters,
        "figures": figures,
        "due": worklist.number_payments(list(worklist.with_siblings(due).in_order()[:ROWS_SHOWN])),
        "due_count": sum(total.count for span, total in figures if span.key in ("overdue", "today")),
        "can_settle": can_settle(user),
    }


def _my_tasks(user: User) -> dict[str, Any]:
    tasks = tasklist.open_tasks(user, everyones=False)
    if can_settle(user):
        # Payments to make have their own section of the page.
        tasks = tasks.exclude(kind=Task.Kind.PAY)
    return {
        "tasks": tasklist.with_permissions(list(tasks.with_related().order_by("due_on", "pk")[:TASKS_SHOWN]), user),
        "tasks_count": tasks.count(),
    }


@require_POST
def hide_first_steps(request: Request) -> HttpResponse:
    """Hide the first steps from the user for good."""
    first_steps.hide(request.user)
    return redirect("home")


@require_POST
def answered(request: Request, pk: int) -> HttpResponse:
    """Clear the claim's answer date, as the client has been answered; with `respond_by`, set it again (undo)."""
    claim = get_object_or_404(Claim.objects.visible_to(request.user), pk=pk)
    if not can_edit_claim(request.user, claim):
        raise PermissionDenied
    due = _day(request.GET.get("respond_by", ""))
    edit_claim(claim, by=request.user, respond_by=due)
    if not request.htmx:
        return redirect("home")
    toast = {"text": _("Taken back: %s") % claim.number if due else _("Answered: %s") % claim.number}
    if not due and claim.respond_by:
        toast["undo"] = f"{request.path}?{urlencode({'respond_by': claim.respond_by.isoformat()})}"
    response = trigger_client_event(HttpResponse(status=204), "toast", toast)
    return trigger_client_event(response, "claimChanged", {})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_POST
def remind(request: Request, pk: int) -> HttpResponse:
    """Remind the accountant of an overdue payment with a comment that mentions them on its claim."""
    overdue = Payment.objects.visible_to(request.user).overdue(days.today())
    payment = get_object_or_404(overdue.select_related("claim__accountant"), pk=pk)
    claim = payment.claim
    if not can_comment(request.user, claim):
        raise PermissionDenied
    if claim.accountant is None or not claim.accountant.is_active:
        raise BusinessRuleError(_("The claim has no accountant yet. Choose one on its page."))
    text = _("@%(accountant)s, the payment of %(sum)s was due on %(day)s. When will it be made?") % {
        "accountant": claim.accountant.username,
        "sum": format_money(payment.amount, claim.currency),
        "day": day_long(payment.due_on),
    }
    comment(claim, by=request.user, text=text)
    if not request.htmx:
        return redirect(claim)
    response = render(request, "dashboard/_reminded.html")
    toast = {"text": _("%s was reminded; the comment is in the timeline") % claim.accountant.name}
    return trigger_client_event(response, "toast", toast)
