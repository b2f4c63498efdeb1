from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class Bitrix24Config(AppConfig):
    name = "bitrix24"
    verbose_name = _("Bitrix24")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import notice_text  # noqa: F401

        # Without an address no receiver is connected, so the mirror costs nothing.
        if settings.BITRIX24_WEBHOOK_URL:
            from . import receivers

            receivers.listen()
