from django.urls import path

from . import views

app_name = "bitrix24"

urlpatterns = [
    path("bitrix24/", views.status, name="status"),
    path("bitrix24/<int:pk>/again/", views.again, name="again"),
    path("bitrix24/events/", views.events, name="events"),
]
