"""Serving the files of claims: as downloads, or inline in our pages, where they may load and run nothing."""

from django.core.files import File
from django.http import FileResponse, Http404

from .models import Attachment

SANDBOX = "default-src 'none'; sandbox"
# Browsers show no PDF in a sandbox.
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def download_response(attachment: Attachment) -> FileResponse:
    """Return the file as a download, so that browsers never show it as a page of ours."""
    return _response(attachment, policy=SANDBOX, as_attachment=True)


def inline_response(attachment: Attachment) -> FileResponse:
    """Return an image or a PDF to be shown inline, with the content type of its file name."""
    return _response(attachment, policy=FRAMED if attachment.preview == "pdf" else SANDBOX, as_attachment=False)


def open_attachment(attachment: Attachment) -> File:
    """Return the open file. Raises Http404 if its content is missing from the storage."""
    try:
        return attachment.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None


def _response(attachment: Attachment, *, policy: str, as_attachment: bool) -> FileResponse:
    response = FileResponse(open_attachment(attachment), as_attachment=as_attachment, filename=attachment.name)
    response["Content-Type"] = attachment.content_type or "application/octet-stream"
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
