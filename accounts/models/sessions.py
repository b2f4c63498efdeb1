from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..browsers import in_words, is_handheld
from .users import User

if TYPE_CHECKING:
    from ..sessions import SessionStore

# Sessions live for hours, so what is as new as this counts as now.
SEEN_EVERY = timedelta(minutes=5)


class SessionQuerySet(models.QuerySet):
    def of(self, user: User) -> SessionQuerySet:
        """The devices a person is signed in on, the one seen last first."""
        return self.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")

    def sign_out(self) -> int:
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
        from ..sessions import SessionStore

        return SessionStore

    @property
    def name(self) -> str:
        """«Firefox, Windows»."""
        return in_words(self.user_agent)

    @property
    def is_handheld(self) -> bool:
        return is_handheld(self.user_agent)

    @property
    def is_here_now(self) -> bool:
        return timezone.now() - self.seen_at < SEEN_EVERY
