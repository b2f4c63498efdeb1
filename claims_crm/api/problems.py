"""Errors of the API as RFC 9457 problem documents."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from ..db.server import is_busy
from ..errors import BusinessRuleError, InvalidInput

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# Of an error that belongs to no field of its own.
NO_FIELD = "non_field_errors"

Errors = dict[str, list[str]]


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(_("It has been changed since you read it. Read it again."))


class KeyReused(exceptions.APIException):
    status_code = 422
    default_code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was sent before with another request."))


class StillRunning(exceptions.APIException):
    status_code = 409
    default_code = "still_running"
    wait = 1

    def __init__(self) -> None:
        super().__init__(_("The first request with this Idempotency-Key is still running. Try again in a moment."))


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(_("The request is larger than this address takes."))


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    wait = 5

    def __init__(self) -> None:
        super().__init__(_("The database does not answer right now. Nothing was saved by half; try again in a minute."))


class Busy(exceptions.APIException):
    status_code = 409
    default_code = "claim_busy"
    wait = 1

    def __init__(self) -> None:
        super().__init__(_("Someone is changing this claim right now. Try again in a moment."))


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an error of a view; None for an unexpected one, which becomes a logged 500."""
    request: HttpRequest = context["request"]._request  # noqa: SLF001  DRF's own way to Django's
    refusal = _as_refusal(error)
    if refusal is None:
        return None
    response = Response(_document_of(request, refusal), status=refusal.status_code, content_type=MEDIA_TYPE)
    if auth_header := getattr(refusal, "auth_header", None):
        response["WWW-Authenticate"] = auth_header
    if (wait := getattr(refusal, "wait", None)) is not None:
        response["Retry-After"] = str(math.ceil(wait))
    return response


def problem_of_item(request: HttpRequest, error: Exception) -> dict[str, Any]:
    """Return the problem document of one item of many; an error that concerns all of them is raised again."""
    refusal = _as_refusal(error)
    if refusal is None or refusal.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    return _document_of(request, refusal)


def answer(request: HttpRequest, refusal: exceptions.APIException) -> HttpResponse:
    """Return the answer where no view of the API was reached: from a middleware, or for an unknown address."""
    content = document(request, refusal.status_code, str(refusal.detail), code=_code(refusal))
    return HttpResponse(JSONRenderer().render(content), status=refusal.status_code, content_type=MEDIA_TYPE)


def answer_failure(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Return the answer to an error raised outside any view of the API, or an unexpected one."""
    refusal = _as_refusal(error) if isinstance(error, Exception) else None
    return answer(request, refusal or exceptions.APIException(_("Something went wrong here, and nothing was changed.")))


def document(
    request: HttpRequest, status: int, detail: str, *, code: str = "", errors: Errors | None = None
) -> dict[str, Any]:
    """Return the problem document: `code` is stable, for programs; `detail` is for people."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    if errors:
        content["errors"] = errors
    return content | {"request_id": getattr(request, "id", "")}


def _document_of(request: HttpRequest, refusal: Any) -> dict[str, Any]:
    detail = str(_detail(refusal))
    return document(request, refusal.status_code, detail, code=_code(refusal), errors=_errors(refusal))


class _Conflict(exceptions.APIException):
    """A rule of the business refuses what was asked, as things stand."""

    status_code = 409

    def __init__(self, error: BusinessRuleError) -> None:
        super().__init__(str(error), code=error.code)
        if error.field:
            self.errors = {error.field: [str(error)]}
        if error.code == Busy.default_code:
            self.wait = Busy.wait


def _invalid_input(error: InvalidInput) -> exceptions.APIException:
    refusal: Any = exceptions.ValidationError({error.field or NO_FIELD: [str(error)]})
    refusal.code = error.code
    return refusal


def _invalid(error: DjangoValidationError) -> exceptions.APIException:
    return exceptions.ValidationError(
        error.message_dict if hasattr(error, "error_dict") else {NO_FIELD: error.messages}
    )


def _no_database(error: OperationalError) -> exceptions.APIException:
    if is_busy(error):
        return Busy()
    logger.error("The database does not answer.", exc_info=error)
    return Unavailable()


# The one place that says which error of ours is which refusal; the first that fits counts.
KNOWN: tuple[tuple[type[Exception], Callable[[Any], exceptions.APIException]], ...] = (
    (exceptions.APIException, lambda error: error),
    (InvalidInput, _invalid_input),
    (BusinessRuleError, _Conflict),
    (DjangoValidationError, _invalid),
    (Http404, lambda _error: exceptions.NotFound(_("There is no such thing, or you may not see it."))),
    (PermissionDenied, lambda error: exceptions.PermissionDenied(str(error) or _("You may not do this."))),
    (RequestDataTooBig, lambda _error: TooLarge()),
    (SuspiciousOperation, lambda _error: exceptions.ParseError(_("The request makes no sense."))),
    (OperationalError, _no_database),
)


def _as_refusal(error: Exception) -> Any:
    return next((refuse(error) for kind, refuse in KNOWN if isinstance(error, kind)), None)


def _code(refusal: exceptions.APIException) -> str:
    if code := getattr(refusal, "code", None):
        return code
    codes = refusal.get_codes()
    return codes if isinstance(codes, str) else refusal.default_code


def _detail(refusal: exceptions.APIException) -> str:
    if isinstance(refusal.detail, str):
        return refusal.detail
    errors = _errors(refusal) or {}
    return errors[NO_FIELD][0] if NO_FIELD in errors else _("Some of what was sent does not hold.")


def _errors(refusal: exceptions.APIException) -> Errors | None:
    """Return {field: what is wrong with it}; a field inside another is named "checklist.0.done"."""
    if isinstance(refusal.detail, str):
        return getattr(refusal, "errors", None)
    errors: Errors = {}
    for name, text in _flat(refusal.detail):
        errors.setdefault(name or NO_FIELD, []).append(text)
    return errors


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    match detail:
        case dict():
            for name, inner in detail.items():
                # What is wrong with a thing as a whole stands under the thing's own name.
                yield from _flat(inner, path if path and name == NO_FIELD else f"{path}.{name}".lstrip("."))
        case list() if any(isinstance(inner, (dict, list)) for inner in detail):
            for number, inner in enumerate(detail):
                yield from _flat(inner, f"{path}.{number}".lstrip("."))
        case list():
            for text in detail:
                yield path, str(text)
        case _:
            yield path, str(detail)
