"""The main pages as the server makes them, each beside a page of the same server that shows nothing of its own."""

from __future__ import annotations

import gc
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import include, path

from accounts.models import User
from claims.models import Claim
from claims_crm.web.frame_preallocation import with_preallocated_frames

from . import clock, table
from .data import People

BARE = "bare/"


def bare(request: HttpRequest) -> HttpResponse:
    """Signed in, with the side bar and its counts."""
    return render(request, "base.html")


urlpatterns = [path(BARE, bare), path("", include("claims_crm.urls"))]


@override_settings(ROOT_URLCONF=__name__)
def measure(people: People) -> None:
    gc.freeze()  # as gunicorn.conf.py does
    specialist, accountant, administrator = people.specialists[0], people.accountants[0], people.administrator
    claim = Claim.objects.filter(next_due_on__isnull=False).order_by("pk")[1000]
    for user, name, address in (
        (specialist, "home of a specialist", "/"),
        (accountant, "home of an accountant", "/"),
        (administrator, "home of an administrator", "/"),
        (accountant, "worklist", "/payments/"),
        (accountant, "calendar", "/payments/calendar/"),
        (specialist, "claims", "/claims/"),
        (specialist, "claims by due date", "/claims/?sort=due"),
        (specialist, "claims by client", "/claims/?sort=client"),
        (specialist, "claims by what is left", "/claims/?sort=-remaining"),
        (specialist, "board", "/claims/board/"),
        (specialist, "a claim", f"/claims/{claim.pk}/"),
        (specialist, "a claim's payments", f"/claims/{claim.pk}/payments/"),
        (accountant, "tasks", "/tasks/"),
        (administrator, "reports", "/reports/"),
        (accountant, "search by a rare word", f"/search/?q=24-{claim.pk}"),
        (accountant, "search by common words", "/search/?q=орлов+дмитрий"),
    ):
        table.taken(
            name, clock.slowest(_asking(user, address)), clock.slowest(_asking(user, f"/{BARE}")), aim="below 2"
        )


def _asking(user: User, address: str) -> Callable[[], None]:
    client = Client(headers={"accept-language": "ru"})
    client.force_login(user)

    @with_preallocated_frames  # as `claims_crm.wsgi` is asked
    def ask() -> None:
        response = client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"

    return ask
