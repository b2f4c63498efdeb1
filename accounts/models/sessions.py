from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from ..user_agents import device_name, is_handheld
from .users import User

if TYPE_CHECKING:
    from ..sessions import SessionStore

# How often the time a device was last seen is written.
SEEN_EVERY = timedelta(minutes=5)


class SessionQuerySet(models.QuerySet):
    def of(self, user: User) -> SessionQuerySet:
        """Filter the devices a person is signed in on, the one seen last first."""
        return self.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")

    def sign_out(self) -> int:
        """End these sessions; return how many there were."""
        return self.delete()[0]


class SessionManager(BaseSessionManager.from_queryset(SessionQuerySet)):  # type: ignore[misc]
    """Django's manager with our questions."""


class Session(AbstractBaseSession):
    """A browser's session; once someone has signed in there, one of their devices.

    `device` names it on pages, as its key is as good as a password. The facts of a device are written at
    sign-in and kept in the session's own data, from which every save fills these columns: see
    `accounts/sessions.py`.
    """

    device = models.UUIDField(default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions", verbose_name=_("user"))
    user_agent = models.CharField(_("browser"), max_length=400, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    signed_in_at = models.DateTimeField(_("signed in"), null=True)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    objects: ClassVar[Any] = SessionManager()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("device")  # type: ignore[assignment]
        verbose_name_plural = _("devices")  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        # By its path, as the store imports this model.
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")

    @property
    def name(self) -> str:
        """«Firefox, Windows»."""
        return device_name(self.user_agent)

    @property
    def is_handheld(self) -> bool:
        return is_handheld(self.user_agent)

    @property
    def is_here_now(self) -> bool:
        return timezone.now() - self.seen_at < SEEN_EVERY
