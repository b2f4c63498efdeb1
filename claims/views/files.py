"""The files of a claim: upload, preview, download, removal."""

from __future__ import annotations

import codecs

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request
from claims_crm.errors import BusinessRuleError

from .. import permissions
from ..attachments import download_response, inline_response, open_attachment
from ..models import Attachment, Claim
from ..pages import claim_or_404, claim_page_context, respond_claim_changed
from ..services import attach, remove_attachment

# Bytes of a text file shown in its preview.
PREVIEW_SIZE = 200_000


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: Request, pk: int) -> HttpResponse:
    """Show the files of the claim; posted ones are added one by one, so that a refused file stops no other."""
    claim = claim_or_404(request, pk)
    errors = _attach_uploads(request, claim) if request.method == "POST" else []
    if request.method == "POST" and not errors:
        return respond_claim_changed(request, claim)
    attachments = claim.attachments.select_related("uploaded_by").order_by("-pk")
    context = {
        **claim_page_context(request, claim, tab="files"),
        "attachments": [(file, permissions.can_remove_attachment(request.user, file)) for file in attachments],
        "attachments_limit": Attachment.MAX_SIZE,
        "errors": errors,
    }
    return render(request, "claims/files.html", context, status=422 if errors else 200)


def _attach_uploads(request: Request, claim: Claim) -> list[str]:
    """Attach the uploaded files; return the errors of those refused."""
    if not permissions.can_attach(request.user, claim):
        raise PermissionDenied
    errors = []
    for file in request.FILES.getlist("files"):
        try:
            attach(claim, by=request.user, file=file)
        except BusinessRuleError as error:
            errors.append(str(error))
    return errors if request.FILES else [_("Choose a file.")]


@require_safe
def download(request: Request, pk: int, file: int) -> FileResponse:
    return download_response(_attachment_or_404(request, pk, file))


@xframe_options_sameorigin
@require_safe
def show_file(request: Request, pk: int, file: int) -> FileResponse:
    attachment = _attachment_or_404(request, pk, file)
    if attachment.preview not in ("image", "pdf"):
        raise Http404
    return inline_response(attachment)


@require_safe
def preview(request: Request, pk: int, file: int) -> HttpResponse:
    """Show a file in a dialog, with links to the next and the previous one."""
    attachment = _attachment_or_404(request, pk, file)
    if not request.htmx:
        return redirect("claims:files", pk)
    others = attachment.claim.attachments
    context = {
        "claim": attachment.claim,
        "attachment": attachment,
        "text": _text_of(attachment) if attachment.preview == "text" else "",
        "is_cut": attachment.size > PREVIEW_SIZE,
        "previous": others.filter(pk__gt=file).order_by("pk").first(),
        "next": others.filter(pk__lt=file).order_by("-pk").first(),
    }
    return render(request, "claims/_preview.html", context)


def _text_of(attachment: Attachment) -> str:
    """Return the beginning of a text file in UTF-8 or, failing that, in the Windows encoding cp1251."""
    with open_attachment(attachment) as content:
        start = content.read(PREVIEW_SIZE)
    # The cut may fall within a character: an incremental decoder ignores the incomplete one.
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(start)
    except UnicodeDecodeError:
        return start.decode("cp1251", errors="replace")


@require_POST
def remove_file(request: Request, pk: int, file: int) -> HttpResponse:
    attachment = _attachment_or_404(request, pk, file)
    if not permissions.can_remove_attachment(request.user, attachment):
        raise PermissionDenied
    remove_attachment(attachment, by=request.user)
    return respond_claim_changed(request, attachment.claim)


def _attachment_or_404(request: Request, pk: int, file: int) -> Attachment:
    claims = Claim.objects.visible_to(request.user).filter(pk=pk)
    return get_object_or_404(Attachment.objects.select_related("claim"), claim__in=claims, pk=file)
