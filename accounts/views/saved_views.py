"""Views people keep of a list: saved from its page, removed there too."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from claims_crm.web.urls import current_page

from ..forms import SavedViewForm
from ..models import SavedView
from ..requests import Request
from ..templatetags.views import menu


@require_POST
def save(request: Request) -> HttpResponse:
    """Save the address of the list as it is now under a name; a view of that name is replaced."""
    query = SavedViewForm.kept(current_page(request)[1])
    form = SavedViewForm({**request.POST.dict(), "query": query})
    if form.is_valid():
        facts = form.cleaned_data
        key = {"owner": request.user, "page": facts["page"], "name": facts["name"]}
        SavedView.objects.update_or_create(**key, defaults={name: facts[name] for name in ("query", "is_shared")})
        form_again = None
    elif "page" in form.errors:
        return HttpResponse(status=400)
    else:
        form_again = form
    return _menu(request, form.cleaned_data["page"], query, form_again)


@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    view.delete()
    return _menu(request, view.page, SavedViewForm.kept(current_page(request)[1]))


def _menu(request: Request, page: str, query: str, form: SavedViewForm | None = None) -> HttpResponse:
    if not request.htmx:
        return redirect(SavedView(page=page, query=query))
    context = menu(request.user, page=page, query=query, form=form)
    return render(request, "accounts/saved_views/_menu.html", context, status=422 if form else 200)
