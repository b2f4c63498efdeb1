from django.apps import apps
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("claims.urls")),
    path("", include("register.urls")),
    path("", include("payments.urls")),
    path("", include("jobs.urls")),
    path("", include("reports.urls")),
    path("", include("banking.statements.urls")),
    path("", include("banking.orders.urls")),
    path("", include("notifications.urls")),
    path("", include("dashboard.urls")),
    path("api/", include("claims_crm.api.urls")),
    path("admin/", admin.site.urls),
]

if apps.is_installed("bitrix24"):
    urlpatterns.append(path("", include("bitrix24.urls")))

handler400 = "claims_crm.api.error_handlers.bad_request"
handler500 = "claims_crm.api.error_handlers.server_error"
