from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class Request(HttpRequest):
    """What a view is given: someone has signed in (see SignInMiddleware), and it may want a part of a page."""

    user: User
    htmx: HtmxDetails
