from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsCrmConfig(AppConfig):
    """The ground floor: the company's settings and what every floor shares."""

    name = "claims_crm"
    # The other one here is of another app.
    default = True
    verbose_name = _("Company")
    default_auto_field = "django.db.models.BigAutoField"


class SignInProtection(AxesConfig):
    """django-axes under a name that administrators understand: its lists stand in the admin."""

    verbose_name = _("Sign-in attempts")
