from django.contrib.auth.views import LogoutView
from django.urls import include, path

from .views import devices, password, people, profile, saved_views, sign_in, tokens, two_factor

own = (
    [
        path("", profile.ProfileView.as_view(), name="profile"),
        path("language/", profile.language, name="language"),
        path("theme/", profile.theme, name="theme"),
        path("mail/", profile.mail, name="mail"),
        path("password/", password.PasswordView.as_view(), name="password"),
        path("two-factor/", two_factor.SwitchOnView.as_view(), name="two_factor_on"),
        path("two-factor/off/", two_factor.SwitchOffView.as_view(), name="two_factor_off"),
        path("two-factor/codes/", two_factor.RecoveryCodesView.as_view(), name="recovery_codes"),
        path("tokens/new/", tokens.NewTokenView.as_view(), name="new_token"),
        path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
        path("devices/sign-out/", devices.sign_out_others, name="sign_out_others"),
        path("devices/<uuid:device>/sign-out/", devices.sign_out, name="sign_out"),
    ],
    "accounts",
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
    path("login/code/", sign_in.CodeView.as_view(), name="sign_in_code"),
    path("login/password/", password.ForgottenView.as_view(), name="password_forgotten"),
    path("login/password/sent/", password.SentView.as_view(), name="password_sent"),
    path("login/password/done/", password.DoneView.as_view(), name="password_done"),
    path("login/password/<uidb64>/<token>/", password.NewPasswordView.as_view(), name="password_new"),
    path("admin/login/", sign_in.AdminSignInView.as_view()),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", include(own)),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:pk>/invite/", people.invite_again, name="invite_again"),
    path("views/", include(views)),
]
