from django.http import FileResponse, Http404

from .models import Attachment


def handed_out(attachment: Attachment) -> FileResponse:
    """Hand out a file as an attachment, never to be shown as a page of ours."""
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=attachment.name)
    response["Content-Type"] = attachment.content_type or "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
