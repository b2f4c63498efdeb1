"""Tokens of the API: one's own, made and revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView
from django_htmx.http import trigger_client_event

from ..forms import TokenForm
from ..models import ApiToken
from ..requests import Request
from ..tokens import create_token


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class NewTokenView(FormView):
    """A new token, shown this once: an answer that is kept nowhere."""

    form_class = TokenForm
    template_name = "accounts/tokens/new.html"
    request: Request

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        facts = {name: form.cleaned_data[name] for name in ("name", "scopes", "days")}
        token, text = create_token(self.request.user, **facts)
        return render(self.request, "accounts/tokens/made.html", {"token": token, "text": text})

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    get_object_or_404(ApiToken.objects.of(request.user), pk=pk).delete()
    text = _("The token is revoked")
    if not request.htmx:
        messages.success(request, text)
        return redirect("accounts:profile")
    page = render(request, "accounts/tokens/_tokens.html", {"tokens": ApiToken.objects.of(request.user)})
    return trigger_client_event(page, "toast", {"text": text})
