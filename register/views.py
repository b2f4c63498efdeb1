from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from claims_crm.errors import BusinessRuleError
from claims_crm.web.spreadsheet import XLSX

from . import issue_text, permissions, services
from .forms import AnswerForm, MappingForm, StartForm, UploadForm
from .models import ImportRow, RegisterImport
from .preview import PAGE, preview
from .question_cards import MOST_PAIRS, answered_questions, pairs, question_cards, total_rows
from .workbook_output import refused_workbook, template_workbook

# The tabs of the table: what they show, by the verdicts of rows.
TABS = {
    "all": (),
    "errors": (ImportRow.Verdict.ERROR,),
    "there": (ImportRow.Verdict.EXISTS,),
    "new": (ImportRow.Verdict.NEW, ImportRow.Verdict.IMPORTED, ImportRow.Verdict.UNDONE),
}
LISTED = 50
# Offered where the currency is asked.
CURRENCIES = ("RUB", "EUR", "USD", "CNY", "KZT", "BYN")


@require_http_methods(["GET", "HEAD", "POST"])
def register_list(request: Request) -> HttpResponse:
    """The imports so far; a file sent here becomes one more."""
    _check(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        return redirect(services.upload(form.cleaned_data["file"], by=request.user))
    registers = RegisterImport.objects.visible_to(request.user).counted().select_related("uploaded_by")
    context = {"form": form, "files": registers.order_by("-pk")[:LISTED]}
    return render(request, "register/list.html", context, status=422 if form.is_bound else 200)


@require_safe
def template(request: Request) -> HttpResponse:
    """An empty register to fill in."""
    _check(request)
    return _download(template_workbook(), _("Register of claims"))


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """The import as it is now; while a worker is at it the page asks again every second."""
    register = _register_or_404(request, pk)
    return _page(request, register)


@require_safe
def rows(request: Request, pk: int) -> HttpResponse:
    """The next rows of the table, or another tab of it."""
    register = _register_or_404(request, pk)
    part = "_rows.html" if "after" in request.GET else "_table.html"
    return render(request, f"register/{part}", _table(request, register))


@require_POST
def change_columns(request: Request, pk: int) -> HttpResponse:
    register = _register_or_404(request, pk)
    form = MappingForm(request.POST, register=register)
    if not form.is_valid():
        return _page(request, register, status=422, mapping_form=form)
    if form.other_sheets:
        services.change_mapping(register, by=request.user, sheets=form.other_sheets)
    elif form.other_header_row is not None:
        services.change_mapping(register, by=request.user, header_row=form.other_header_row)
    else:
        services.change_mapping(register, by=request.user, mapping=form.mapping)
    return _changed(request, register)


@require_POST
def answer(request: Request, pk: int) -> HttpResponse:
    """An answer for the whole file; the register is read again by it."""
    register = _register_or_404(request, pk)
    form = AnswerForm(request.POST, register=register)
    if not form.is_valid():
        errors = [str(error) for field in form.errors.values() for error in field]
        context = {"answer_error": " ".join(errors), "answered_code": request.POST.get("code", "")}
        return _page(request, register, status=422, **context)
    services.answer(register, by=request.user, answers=form.answers, left_out=form.left_out_columns)
    return _changed(request, register)


@require_POST
def decide(request: Request, pk: int, row: int) -> HttpResponse:
    """Write a claim that looks like another as a new one, or pass it over."""
    register = _register_or_404(request, pk)
    services.decide(register, by=request.user, row=row, write=bool(request.POST.get("write")))
    return _changed(request, register)


@require_POST
def start(request: Request, pk: int) -> HttpResponse:
    register = _register_or_404(request, pk)
    form = StartForm(request.POST, register=register, user=request.user)
    if not form.is_valid():
        return _page(request, register, status=422, start_form=form)
    facts = form.cleaned_data
    services.start(
        register,
        by=request.user,
        pipeline=facts["pipeline"],
        specialist=facts["specialist"],
        accountant=facts["accountant"],
        people=form.chosen_people,
        closes_paid=facts["closes_paid"],
    )
    return _changed(request, register)


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    register = _register_or_404(request, pk)
    try:
        services.undo(register, by=request.user)
    except BusinessRuleError as error:
        return _page(request, register, status=422, refusal=str(error))
    return _changed(request, register)


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    services.discard(_register_or_404(request, pk), by=request.user)
    return redirect("register:list")


@require_safe
def refused(request: Request, pk: int) -> HttpResponse:
    """The refused rows with the reasons, to be corrected and sent in alone."""
    register = _register_or_404(request, pk)
    book = refused_workbook(register, register.rows.refused().order_by("position").iterator())
    return _download(book, _("%s, errors") % register.name.rsplit(".", 1)[0])


def _check(request: Request) -> None:
    if not permissions.can_import_register(request.user):
        raise PermissionDenied


def _register_or_404(request: Request, pk: int) -> RegisterImport:
    _check(request)
    return get_object_or_404(RegisterImport.objects.visible_to(request.user).counted(), pk=pk)


def _changed(request: Request, register: RegisterImport) -> HttpResponse:
    if not request.htmx:
        return redirect(register)
    return _page(request, RegisterImport.objects.counted().get(pk=register.pk))


def _page(request: Request, register: RegisterImport, *, status: int = 200, **context: Any) -> HttpResponse:
    context = {"register": register, "failure": _failure(register), **context}
    if register.status == RegisterImport.Status.READY:
        context.setdefault("mapping_form", MappingForm(register=register))
        context.setdefault("start_form", StartForm(register=register, user=request.user))
        near = register.rows.exclude(near={}).order_by("position")[:MOST_PAIRS]
        context |= {
            "questions": question_cards(register),
            "answered": list(answered_questions(register)),
            "totals": total_rows(register),
            "pairs": pairs(near),
            "currencies": CURRENCIES,
        }
    if not register.is_at_work:
        context |= _table(request, register)
    part = "_import.html" if request.htmx else "detail.html"
    return render(request, f"register/{part}", context, status=status)


def _table(request: Request, register: RegisterImport) -> dict[str, Any]:
    show = request.GET.get("show", "")
    show = show if show in TABS else "all"
    found = register.rows.order_by("position")
    if TABS[show]:
        found = found.filter(verdict__in=TABS[show])
    after = request.GET.get("after", "")
    if after.isdecimal() and after.isascii():
        found = found.filter(position__gt=int(after[:9]))
    page = list(found[: PAGE + 1])
    return {
        "register": register,
        "show": show,
        "rows": preview(register, page[:PAGE]),
        "next_rows": f"?show={show}&after={page[PAGE - 1].position}" if len(page) > PAGE else "",
    }


def _failure(register: RegisterImport) -> str:
    return (
        str(issue_text.describe_file_error(register.failure["reason"], register.failure["facts"]))
        if register.failure
        else ""
    )


def _download(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})
