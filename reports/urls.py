from django.urls import path

from . import views

app_name = "reports"

urlpatterns = [
    path("reports/", views.page, name="page"),
    path("reports/excel/", views.excel_of_all, name="excel_of_all"),
    path("reports/<slug:key>/", views.report, name="report"),
    path("reports/<slug:key>/excel/", views.excel, name="excel"),
    path("reports/<slug:key>/rows/", views.rows, name="rows"),
    path("reports/<slug:key>/rows/excel/", views.excel_of_rows, name="excel_of_rows"),
]
