from django.urls import include, path

from . import views

actions = (
    [
        path("first-steps/hide/", views.hide_first_steps, name="hide_first_steps"),
        path("claims/<int:pk>/answered/", views.answered, name="answered"),
        path("payments/<int:pk>/remind/", views.remind, name="remind"),
    ],
    "dashboard",
)

urlpatterns = [
    path("", views.show, name="home"),
    path("", include(actions)),
]
