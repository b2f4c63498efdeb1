from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    *(
        path("", include(f"{app}.urls"))
        for app in ("accounts", "claims", "payments", "notifications")
        if find_spec(f"{app}.urls")
    ),
    path("admin/", admin.site.urls),
]
