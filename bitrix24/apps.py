from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class Bitrix24Config(AppConfig):
    name = "bitrix24"
    verbose_name = _("Bitrix24")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wording  # noqa: F401

        # Switched off, the mirror does not even listen: no change costs anything more.
        if settings.BITRIX24_WEBHOOK_URL:
            from . import receivers

            receivers.listen()
