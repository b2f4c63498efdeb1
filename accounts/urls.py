from django.contrib.auth.views import LogoutView
from django.urls import include, path

from .views import devices, jobs, password, profile, saved_views, sign_in

own = (
    [
        path("", profile.ProfileView.as_view(), name="profile"),
        path("language/", profile.language, name="language"),
        path("theme/", profile.theme, name="theme"),
        path("mail/", profile.mail, name="mail"),
        path("password/", password.PasswordView.as_view(), name="password"),
        path("devices/sign-out/", devices.sign_out_others, name="sign_out_others"),
        path("devices/<uuid:device>/sign-out/", devices.sign_out, name="sign_out"),
    ],
    "accounts",
)

long_work = (
    [
        path("<int:pk>/", jobs.detail, name="detail"),
        path("<int:pk>/file/", jobs.result, name="result"),
        path("<int:pk>/stop/", jobs.stop, name="stop"),
    ],
    "jobs",
)

views = (
    [
        path("", saved_views.save, name="save"),
        path("<int:pk>/remove/", saved_views.remove, name="remove"),
    ],
    "views",
)

urlpatterns = [
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", include(own)),
    path("jobs/", include(long_work)),
    path("views/", include(views)),
]
