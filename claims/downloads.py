"""The bytes of a claim's files: handed out, or shown within our own pages, with nothing they may load or run."""

from django.core.files import File
from django.http import FileResponse, Http404

from .models import Attachment

SANDBOX = "default-src 'none'; sandbox"
# A PDF is not put into a sandbox: there browsers do not show it.
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def handed_out(attachment: Attachment) -> FileResponse:
    """Hand out a file as an attachment, never to be shown as a page of ours."""
    return _response(attachment, policy=SANDBOX, as_attachment=True)


def shown(attachment: Attachment) -> FileResponse:
    """Show a picture or a PDF, as what its name says it is."""
    return _response(attachment, policy=FRAMED if attachment.preview == "pdf" else SANDBOX, as_attachment=False)


def opened(attachment: Attachment) -> File:
    """Return its content, to be read. Raises Http404 where the bytes are gone."""
    try:
        return attachment.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None


def _response(attachment: Attachment, *, policy: str, as_attachment: bool) -> FileResponse:
    response = FileResponse(opened(attachment), as_attachment=as_attachment, filename=attachment.name)
    response["Content-Type"] = attachment.content_type or "application/octet-stream"
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
