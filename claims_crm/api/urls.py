"""Every address under /api/. An app's own stand in its `api`."""

from django.apps import apps
from django.urls import include, path, re_path

from . import docs
from .root import Root
from .views import not_found

APPS = ("accounts", "claims", "payments", "penalties", "register", "banking", "reports", "notifications", "webhooks")

app_name = "api"

urlpatterns = [
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.docs, name="docs"),
    path("v1/", Root.as_view(), name="root"),
    *(path("v1/", include(f"{app}.api")) for app in APPS if apps.is_installed(app)),
    # Also what an address lacks its last slash: a redirect would lose what was posted.
    re_path("", not_found),
]
