from django.contrib.auth.views import LogoutView
from django.urls import include, path

from .views import jobs, profile, saved_views, sign_in

own = (
    [
        path("", profile.ProfileView.as_view(), name="profile"),
        path("password/", profile.PasswordView.as_view(), name="password"),
        path("theme/", profile.theme, name="theme"),
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
