from django.urls import path

from . import views

app_name = "jobs"

urlpatterns = [
    path("jobs/<int:pk>/", views.detail, name="detail"),
    path("jobs/<int:pk>/file/", views.result, name="result"),
    path("jobs/<int:pk>/stop/", views.stop, name="stop"),
]
