from django.contrib.auth.views import LogoutView
from django.urls import include, path

from .views import profile, sign_in

own = (
    [
        path("", profile.ProfileView.as_view(), name="profile"),
        path("password/", profile.PasswordView.as_view(), name="password"),
        path("theme/", profile.theme, name="theme"),
    ],
    "accounts",
)

urlpatterns = [
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", include(own)),
]
