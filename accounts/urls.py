from django.contrib.auth.views import LogoutView
from django.urls import include, path

from . import views

profile = (
    [
        path("", views.ProfileView.as_view(), name="profile"),
        path("password/", views.PasswordView.as_view(), name="password"),
        path("theme/", views.theme, name="theme"),
    ],
    "accounts",
)

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", include(profile)),
]
