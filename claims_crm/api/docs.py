"""The API described: for programs, and as a page for whoever writes them."""

from functools import lru_cache

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer


@lru_cache(maxsize=1)
def schema_as_json() -> bytes:
    with translation.override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiJsonRenderer().render(schema)


@login_not_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(schema_as_json(), content_type="application/json")


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")
