"""Base views of the API: rights and scopes, strict parameters, `Idempotency-Key`, `ETag` and `If-Match`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import mixins
from rest_framework.exceptions import MethodNotAllowed, NotFound, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView as DrfView
from rest_framework.viewsets import GenericViewSet

from . import exports
from .filters import FilterSet
from .idempotency import once
from .pagination import KeysetPagination
from .problems import PreconditionFailed, answer
from .token_context import acting_with_token


class ApiView(DrfView):
    """An address of the API.

    `may_enter` asks the user's right to be here at all, `scopes` names what a token needs for an action (one of these)
    where it is not the usual "read" or "write".
    """

    http_method_names = ["get", "head", "post", "patch", "delete"]
    may_enter: ClassVar[Callable[[Any], bool]]
    scopes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    action: str = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        name = (request.method or "").lower()
        handler = getattr(self, name, None)
        if handler is None or name not in self.http_method_names:
            raise MethodNotAllowed(request.method or "")
        if not type(self).may_enter(request.user):
            raise PermissionDenied
        self._check_query(request)
        if request.method not in SAFE_METHODS:
            if request.method != "DELETE":
                # Read to its end before anything is locked.
                request.data  # noqa: B018
            handler = transaction.atomic(handler)
            handler = once(handler) if request.method == "POST" else handler
            token: Any = request.auth
            setattr(self, name, acting_with_token(token.name)(handler) if token else handler)

    def required_scopes(self) -> tuple[str, ...]:
        """Return the scopes of which a token needs one."""
        usual = "read" if self.request.method in SAFE_METHODS else "write"
        return self.scopes.get(self.action, (usual,))

    def parameters(self) -> set[str]:
        """Return the names that the address may have after its question mark."""
        return set()

    def _check_query(self, request: Request) -> None:
        known, errors = self.parameters(), {}
        for name, values in request.query_params.lists():
            if name not in known:
                errors[name] = [_("There is no such filter.")]
            elif len(values) > 1:
                errors[name] = [_("Given more than once.")]
            elif not values[0] or "\0" in values[0]:
                errors[name] = [_("This makes no sense here.")]
        if errors:
            raise ValidationError(errors)


class ViewSet(ApiView, GenericViewSet):
    """Rows of a kind, those the user may see. What is read is `rows()`, with all that is told of them."""

    lookup_value_converter = "int"
    pagination_class: Any = KeysetPagination
    # The first is the usual one; each may be had the other way round, with or without "-".
    orderings: ClassVar[tuple[str, ...]] = ("-id",)
    filterset_class: type[FilterSet] | None = None
    # Which of its actions answer with a page of rows.
    lists: ClassVar[tuple[str, ...]] = ("list",)

    def rows(self) -> Any:
        """Return the rows with what is told of them, whoever asks."""
        raise NotImplementedError

    def get_queryset(self) -> Any:
        return self.rows().visible_to(self.request.user)

    def get_object(self) -> Any:
        """Return the row of the address. With `If-Match` it is locked, and refused if it has changed."""
        row = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        wanted = self.request.headers.get("If-Match", "")
        if wanted and self.request.method not in SAFE_METHODS:
            self.lock(row)
            row = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
            if wanted.strip() != "*" and etag_of(self.told(row)) not in parse_etags(wanted):
                raise PreconditionFailed
        return row

    def lock(self, row: Any) -> None:
        """Lock the row until the transaction ends."""
        raise NotImplementedError

    def told(self, row: Model) -> Any:
        return self.get_serializer_class()(row, context=self.get_serializer_context()).data

    def sent(self, serializer: type[BaseSerializer], **options: Any) -> dict[str, Any]:
        """Return what was sent, as `serializer` reads it. Raises ValidationError."""
        reader = serializer(data=self.request.data, context=self.get_serializer_context(), **options)
        reader.is_valid(raise_exception=True)
        return reader.validated_data

    def answer(self, row: Model, *, status: int = 200, **more: Any) -> Response:
        """Answer with the row as it is now, and `more` that is of this answer alone."""
        content = self.told(self.rows().get(pk=row.pk))
        headers = {"ETag": etag_of(content)}
        if status == 201:
            headers["Location"] = self.reverse_action("detail", args=[row.pk])
        return Response({**content, **more}, status=status, headers=headers)

    def parameters(self) -> set[str]:
        if self.action not in self.lists:
            return set()
        filters = set(self.filterset_class.base_filters) if self.filterset_class else set()
        if self.action != "list" or not isinstance(self, ListMixin):
            return filters | KeysetPagination.params
        if exports.asked(self.request):
            return filters | {exports.FORMAT, exports.AFTER}
        own = {"ordering"} if len(self.orderings) > 1 else set()
        return own | filters | KeysetPagination.params | {exports.FORMAT}

    def requested_ordering(self) -> str:
        """Return the field that the list is ordered by, "-" before it for the other way round."""
        if "ordering" not in self.parameters():
            return self.orderings[0] if self.action == "list" else "-id"
        asked = self.request.query_params.get("ordering", self.orderings[0])
        if asked.removeprefix("-") not in {name.removeprefix("-") for name in self.orderings}:
            raise ValidationError({"ordering": [_("The list has no such order.")]})
        return asked


class RetrieveMixin(mixins.RetrieveModelMixin):
    """One row; whoever has it already, by its `ETag`, is told no more than that."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        content = self.told(self.get_object())
        etag = etag_of(content)
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": etag})
        return Response(content, headers={"ETag": etag})


class ListMixin(mixins.ListModelMixin):
    """All rows, by pages; or as a stream for whoever wants them all, see `exports`."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if not exports.asked(request):
            return super().list(request, *args, **kwargs)
        rows = self.filter_queryset(self.get_queryset())
        return exports.stream(rows, self.get_serializer_class(), request, self.get_serializer_context())


def etag_of(content: Any) -> str:
    """Return the mark of a state: of all that is told of a row, so that whatever changes in it changes the mark."""
    return f'"{hashlib.sha256(JSONRenderer().render(content)).hexdigest()[:32]}"'


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`."""
    if not allowed:
        raise PermissionDenied


@csrf_exempt
@login_not_required
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer 404 for an unknown URL of the API."""
    return answer(request, NotFound(_("There is no such address.")))
