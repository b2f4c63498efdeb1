from django.apps import apps
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("claims.urls")),
    path("", include("claims.register.urls")),
    path("", include("payments.urls")),
    path("", include("payments.reports.urls")),
    path("", include("payments.statements.urls")),
    path("", include("payments.orders.urls")),
    path("", include("notifications.urls")),
    path("api/", include("claims_crm.api.urls")),
    path("admin/", admin.site.urls),
]

if apps.is_installed("bitrix24"):
    urlpatterns.append(path("", include("bitrix24.urls")))

handler400 = "claims_crm.middleware.bad_request"
handler500 = "claims_crm.middleware.server_error"
