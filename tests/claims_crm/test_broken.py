"""The page of what broke on our side needs nothing that may be broken."""

from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django.views.defaults import server_error


def test_it_needs_no_database_no_session_and_no_context(monkeypatch):
    monkeypatch.setattr(engines["django"].engine, "template_context_processors", ("broken on purpose",))
    with translation.override("ru"):
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Что-то сломалось у нас" in response.content.decode()
