"""What goes over the wire compressed, and what does not."""

from io import BytesIO

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from claims_crm.web.middleware import CompressionMiddleware

LONG = b"claim " * 1000


def answered(response):
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING="gzip")
    return CompressionMiddleware(lambda _: response)(request)


def test_a_page_is_compressed():
    page = answered(HttpResponse(LONG))
    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < len(LONG) / 10


@pytest.mark.parametrize("response", [FileResponse(BytesIO(LONG)), StreamingHttpResponse([LONG])])
def test_a_file_and_a_stream_go_as_they_are(response):
    response = answered(response)
    assert "Content-Encoding" not in response
    assert b"".join(response.streaming_content) == LONG
