from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request as DrfRequest

from .models import ApiToken, User


class Request(HttpRequest):
    """What a view is given: someone has signed in (see SignInMiddleware), and it may want a part of a page."""

    user: User
    htmx: HtmxDetails


class ApiRequest(DrfRequest):
    """What an address of the API is given: someone is there, with a token or signed in."""

    user: User
    auth: ApiToken | None
