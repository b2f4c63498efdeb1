from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from claims import listing, table_columns
from claims.models import Claim
from claims_crm.web.pagination import NEWEST_FIRST
from claims_crm.web.spreadsheet import XLSX
from jobs import engine as jobs
from jobs.views import started
from payments import worklist

from .catalogue import CLAIM_COLUMNS, REPORTS, find_figure
from .forms import ReportFilter
from .permissions import can_see_reports
from .report import Figure, Report, format_sums
from .scope import Scope
from .sheets import build_workbook


@require_safe
def page(request: Request) -> HttpResponse:
    """Show all reports. Those that read a year of history are loaded after the page, each on its own."""
    scope = _scope(request)
    context = {
        "scope": scope,
        "form": ReportFilter(request.GET),
        "reports": [report(scope) for report in REPORTS.values()],
        "excel_url": scope.url("excel_of_all"),
    }
    return render(request, "reports/page.html", context)


@require_safe
def report(request: Request, key: str) -> HttpResponse:
    """Show one report: a fragment for htmx, otherwise a page of its own."""
    scope = _scope(request)
    context = {"scope": scope, "report": _report(key, scope)}
    return render(request, f"reports/{'_report' if request.htmx else 'report'}.html", context)


@require_safe
def excel_of_all(request: Request) -> HttpResponse:
    """Download all reports as a workbook."""
    scope = _scope(request)
    return _excel(_("Reports"), (report(scope) for report in REPORTS.values()))


@require_safe
def excel(request: Request, key: str) -> HttpResponse:
    """Download one report as a workbook."""
    report = _report(key, _scope(request))
    return _excel(str(report.name), [report])


@require_safe
def rows(request: Request, key: str) -> HttpResponse:
    """Show the payments or claims behind a figure, a page at a time."""
    figure = _figure(request, key)
    after = request.GET.get("after", "")
    context = {"figure": figure, "report": figure.report, **_page_of(figure, after)}
    if request.htmx and after:
        return render(request, context["more_template"], context)
    count, sums = figure.total()
    return render(request, "reports/rows.html", {**context, "count": count, "sums": format_sums(sums)})


@require_POST
def excel_of_rows(request: Request, key: str) -> HttpResponse:
    """Start a background export of the figure's rows to Excel."""
    figure = _figure(request, key)
    return started(request, jobs.start("reports.rows", by=request.user, key=key, query=figure.query))


def _page_of(figure: Figure, after: str) -> dict[str, Any]:
    """Return the context of the page of rows after the cursor `after`."""
    if figure.is_of_payments:
        payments, mark = worklist.page(figure.rows, after)  # type: ignore[arg-type]
        return {
            "payments": payments,
            "next_url": _rows_url(figure, mark),
            "more_template": "reports/_payments.html",
        }
    claims: Any = figure.rows
    # The ids first: otherwise the people of all claims of the figure are fetched for the fifty shown.
    page, cursor = NEWEST_FIRST.page(claims.only("pk"), after, size=listing.PAGE)
    ids = [claim.pk for claim in page]
    found = Claim.objects.filter(pk__in=ids).order_by("-pk").with_people().select_related("stage").with_payments()
    return {
        "columns": table_columns.visible_columns(CLAIM_COLUMNS),
        "claims": found,
        "next_url": _rows_url(figure, str(cursor or "")),
        "more_template": "claims/_rows.html",
    }


def _rows_url(figure: Figure, mark: str) -> str:
    return figure.url("rows", after=mark) if mark else ""


def _scope(request: Request) -> Scope:
    _require_reports(request)
    return Scope.from_query(request.GET, request.user)


def _require_reports(request: Request) -> None:
    if not can_see_reports(request.user):
        raise PermissionDenied


def _report(key: str, scope: Scope) -> Report:
    if key not in REPORTS:
        raise Http404
    return REPORTS[key](scope)


def _figure(request: Request, key: str) -> Figure:
    """Return the figure that the request names, or raise Http404."""
    _require_reports(request)
    try:
        return find_figure(key, request.GET, request.user)
    except LookupError as error:
        raise Http404 from error


def _excel(title: str, reports: Iterable[Report]) -> HttpResponse:
    response = HttpResponse(build_workbook(reports), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx")
    return response
