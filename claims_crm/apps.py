from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsCrmConfig(AppConfig):
    """The ground floor: the company's settings and what every floor shares."""

    name = "claims_crm"
    verbose_name = _("Company")
    default_auto_field = "django.db.models.BigAutoField"
