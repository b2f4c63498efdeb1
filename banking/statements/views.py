"""Pages of bank statements: sent, looked through line by payment, posted by one click, undone as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import Request
from claims.models import Claim
from claims_crm.errors import BusinessRuleError
from claims_crm.money import MAX_AMOUNT, ZERO, parse_money
from jobs.models import Job
from jobs.signals import job_seen
from payments import worklist
from payments.forms import ActionForm, ReopenForm
from payments.models import Payment
from payments.views.responses import posted_data, require, run_dialog, selected_payments

from .. import permissions
from ..formats import fault_text
from ..models import Match, Statement, StatementLine
from . import review, services
from .forms import UploadForm

LISTED = 50
FAULTS_SHOWN = 50
FOUND = 20


@require_http_methods(["GET", "HEAD", "POST"])
def statement_list(request: Request) -> HttpResponse:
    """The statements so far; a file sent here becomes one more, or shows the one it is already."""
    require(permissions.can_post_statements(request.user))
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        return redirect(services.upload(form.cleaned_data["file"], by=request.user))
    statements = Statement.objects.counted().select_related("uploaded_by", "job").order_by("-pk")[:LISTED]
    context = {"form": form, "files": statements}
    return render(request, "banking/statements/list.html", context, status=422 if form.is_bound else 200)


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """The statement as it is now; while a worker is at it the page asks again every second."""
    return _page(request, _statement_or_404(request, pk))


@require_safe
def lines(request: Request, pk: int) -> HttpResponse:
    """The next lines of a group."""
    statement = _statement_or_404(request, pk)
    asked = request.GET.get("group", "")
    group = next((group for group in review.statement_groups(statement) if group.key == asked), None)
    if group is None:
        return HttpResponse(status=400)
    review.load_page(group, statement, request.GET.get("after", ""))
    context = {"statement": statement, "group": group, "can_undo": permissions.can_undo_statements(request.user)}
    return render(request, "banking/statements/_lines.html", context)


@require_POST
def read(request: Request, pk: int) -> HttpResponse:
    """Have the file read once more, where a worker has given up."""
    return _do(request, pk, lambda statement: services.read(statement, by=request.user))


@require_POST
def rematch(request: Request, pk: int) -> HttpResponse:
    """Look once more for the payments of the undecided lines."""
    return _do(request, pk, lambda statement: services.rematch(statement, by=request.user))


@require_POST
def agree_all(request: Request, pk: int) -> HttpResponse:
    """Agree with all that is probable."""
    return _do(request, pk, services.agree_all)


@require_POST
def post(request: Request, pk: int) -> HttpResponse:
    return _do(request, pk, lambda statement: services.post(statement, by=request.user))


@require_http_methods(["GET", "POST"])
def undo(request: Request, pk: int) -> HttpResponse:
    """Reopen all that the statement has paid, with the reason."""
    statement = _statement_or_404(request, pk)
    require(permissions.can_undo_statements(request.user))
    form = ReopenForm(posted_data(request))

    def do() -> HttpResponse:
        services.undo(statement, by=request.user, **form.cleaned_data)
        if not request.htmx:
            return redirect(statement)
        return _from_dialog(_page(request, _statement_or_404(request, pk)), "#statement")

    return run_dialog(request, form, "banking/statements/_undo.html", {"statement": statement}, do)


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    services.discard(_statement_or_404(request, pk), by=request.user)
    return redirect("statements:list")


# lines


@require_POST
def agree(request: Request, pk: int) -> HttpResponse:
    return _decide(request, pk, services.agree)


@require_POST
def drop(request: Request, pk: int) -> HttpResponse:
    return _decide(request, pk, services.drop)


@require_POST
def confirm_same(request: Request, pk: int) -> HttpResponse:
    """The line is the document of a known line; the statement is shown without it."""
    line = _line_or_404(request, pk)
    return _do(request, line.statement_id, lambda _statement: services.confirm_same(line))


@require_POST
def accept_return(request: Request, pk: int) -> HttpResponse:
    """Reopen the payment that the line brought back."""
    line = _line_or_404(request, pk)
    require(permissions.can_undo_statements(request.user))
    matches = line.matches.filter(payment__in=selected_payments(request)).select_related("payment")

    def do(_statement: Statement) -> None:
        services.accept_return(line, [match.payment for match in matches], by=request.user)

    return _do(request, line.statement_id, do)


@require_http_methods(["GET", "POST"])
def undo_line(request: Request, pk: int) -> HttpResponse:
    """Reopen what one line has paid, with the reason."""
    line = _line_or_404(request, pk)
    require(permissions.can_undo_statements(request.user))
    form = ReopenForm(posted_data(request))

    def do() -> HttpResponse:
        services.undo_line(line, by=request.user, **form.cleaned_data)
        if not request.htmx:
            return redirect(line.statement)
        return _from_dialog(_page(request, _statement_or_404(request, line.statement_id)), "#statement")

    return run_dialog(request, form, "banking/statements/_undo.html", {"line": line}, do)


@require_POST
def ignore(request: Request, pk: int) -> HttpResponse:
    return _decide(request, pk, lambda line: services.ignore(line, by=request.user))


@require_http_methods(["GET", "POST"])
def choose(request: Request, pk: int) -> HttpResponse:
    """Find the payments of a line by hand, one or more."""
    line = _line_or_404(request, pk)
    form = ActionForm(posted_data(request))

    def do() -> HttpResponse:
        services.choose(line, selected_payments(request), by=request.user)
        if not request.htmx:
            return redirect(line.statement)
        return _from_dialog(_line_answer(request, line), f"#line-{line.pk}")

    search = " ".join(request.GET.get("search", "").split())[:100]
    context = {"line": line, "search": search, "payments": _found(request, line, search)}
    if request.htmx.target == "found":
        return render(request, "banking/statements/_found.html", context)
    return run_dialog(request, form, "banking/statements/_choose.html", context, do)


def _found(request: Request, line: StatementLine, search: str) -> Any:
    """Return payments that `search` finds by claim or sum, those of the line's sum where it is empty: planned ones, and
    paid ones of this sum that no statement has shown yet."""
    found = Q(claim__in=Claim.objects.search(search.removeprefix("№"))) if search else Q(amount=line.amount)
    try:
        amount = parse_money(search)
        found |= Q(amount=amount) if ZERO < amount <= MAX_AMOUNT else Q()
    except ValueError:
        pass
    paid_unseen = Q(status=Payment.Status.PAID, amount=line.amount) & ~Exists(
        Match.objects.seen().filter(payment=OuterRef("pk"))
    )
    open_or_unseen = Q(status=Payment.Status.PLANNED) | paid_unseen
    payments = Payment.objects.filter(open_or_unseen).visible_to(request.user).filter(found)
    return worklist.number_payments(list(worklist.with_siblings(payments).in_order()[:FOUND]))


# answers


def _statement_or_404(request: Request, pk: int) -> Statement:
    require(permissions.can_post_statements(request.user))
    return get_object_or_404(Statement.objects.select_related("job", "posted_by", "undone_by"), pk=pk)


def _line_or_404(request: Request, pk: int) -> StatementLine:
    require(permissions.can_post_statements(request.user))
    return get_object_or_404(StatementLine.objects.select_related("statement__job"), pk=pk)


def _do(request: Request, pk: int, action: Callable[[Statement], Any]) -> HttpResponse:
    """Do it and show the statement as it then is; what is refused is said on the page."""
    statement = _statement_or_404(request, pk)
    refusal = ""
    try:
        action(statement)
    except BusinessRuleError as error:
        refusal = str(error)
    if not request.htmx and not refusal:
        return redirect(statement)
    return _page(request, _statement_or_404(request, pk), refusal=refusal, status=422 if refusal else 200)


def _decide(request: Request, pk: int, action: Callable[[StatementLine], Any]) -> HttpResponse:
    line = _line_or_404(request, pk)
    action(line)
    return _line_answer(request, line) if request.htmx else redirect(line.statement)


def _line_answer(request: Request, line: StatementLine) -> HttpResponse:
    """The line as it is now; what will be posted follows."""
    can_undo = permissions.can_undo_statements(request.user)
    shown = review.line_to_show(line)
    context = {"line": shown, "statement": line.statement, "can_undo": can_undo, **_to_post(line.statement)}
    return render(request, "banking/statements/_decided.html", context)


def _from_dialog(response: HttpResponse, part: str) -> HttpResponse:
    """Put the answer to a dialog in place of a part of the page, and close the dialog."""
    return trigger_client_event(reswap(retarget(response, part), "outerHTML"), "closeDialog", {})


def _to_post(statement: Statement) -> dict[str, Any]:
    return {"to_post": services.totals(statement.lines.all())}


def _page(request: Request, statement: Statement, *, status: int = 200, refusal: str = "") -> HttpResponse:
    context: dict[str, Any] = {"statement": statement, "refusal": refusal, "job": _own(statement.job, request)}
    context["failure"] = fault_text.describe_file_error(**statement.failure) if statement.failure else ""
    if statement.read_at and not statement.is_at_work:
        groups = review.statement_groups(statement)
        shown = [review.load_page(group, statement) for group in groups if group.count and group.key != "ignored"]
        context |= {
            "groups": shown,
            "posted": next((group for group in shown if group.key == "posted"), None),
            "ignored": next((group for group in groups if group.key == "ignored" and group.count), None),
            "faults": [
                fault_text.describe_fault(statement.file_format, fault) for fault in statement.faults[:FAULTS_SHOWN]
            ],
            "differences": fault_text.describe_differences(statement.balances),
            "can_rematch": services.lines_to_rematch(statement).exists(),
            "can_undo": permissions.can_undo_statements(request.user),
            **_to_post(statement),
        }
    part = "_statement.html" if request.htmx else "detail.html"
    return render(request, f"banking/statements/{part}", context, status=status)


def _own(job: Job | None, request: Request) -> Job | None:
    """Return the job; a finished one is marked as seen by its owner, who then needs no notice of it."""
    if job is not None and not job.is_waiting and job.owner_id == request.user.pk:
        job_seen.send(Job, job=job)
    return job
