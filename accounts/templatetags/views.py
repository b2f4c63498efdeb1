"""The views people keep of a list: a button on its page, with the saved ones and a place to save this one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from ..forms import SavedViewForm
from ..models import SavedView, User

register = template.Library()


@register.inclusion_tag("accounts/saved_views/button.html", takes_context=True)
def saved_views(context: Context) -> dict[str, Any]:
    """Put `{% saved_views %}` among the actions of a page whose address says what it shows. Costs a query."""
    request = context["request"]
    return menu(request.user, page=request.resolver_match.view_name, query=SavedViewForm.kept(request.GET))


def menu(user: User, *, page: str, query: str, form: SavedViewForm | None = None) -> dict[str, Any]:
    """Return what the menu shows: the user's views of the page and the shared ones, and which of them is on now."""
    views = list(SavedView.objects.visible_to(user).filter(page=page).select_related("owner"))
    return {
        "user": user,
        "views": views,
        "current": next((view for view in views if view.query == query), None),
        "page": page,
        "query": query,
        "form": form or SavedViewForm(),
    }
