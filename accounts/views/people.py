"""People are invited: by an administrator, with a role, by mail."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from .. import invitations
from ..forms import InviteForm
from ..models import User
from ..permissions import can_invite
from ..requests import Request
from ..roles import Role


@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """Invite somebody; below stands who was let in and has not come yet."""
    _check(request)
    role = request.GET.get("role", Role.ACCOUNTANT)
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"role": role})
    if form.is_valid():
        return _written(
            request, form.cleaned_data["email"], lambda: invitations.invite(by=request.user, **form.cleaned_data)
        )
    context = {"form": form, "waiting": invitations.waiting().prefetch_related("groups")[:50]}
    return render(request, "accounts/invite.html", context, status=422 if form.is_bound else 200)


@require_POST
def invite_again(request: Request, pk: int) -> HttpResponse:
    _check(request)
    user = get_object_or_404(invitations.waiting(), pk=pk)
    return _written(request, user.email, lambda: invitations.invite_again(user, by=request.user))


def _check(request: Request) -> None:
    if not can_invite(request.user):
        raise PermissionDenied


def _written(request: Request, email: str, write: Callable[[], User | None]) -> HttpResponse:
    """Write the letter, and tell whether it went."""
    try:
        write()
    except OSError:
        text = _("The letter to %(email)s did not go: the mail server does not answer. Send it again in a while.")
        messages.error(request, text % {"email": email})
    else:
        messages.success(request, _("A letter with a link is on its way to %(email)s") % {"email": email})
    return redirect("invite")
