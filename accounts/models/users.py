from functools import cached_property
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from claims_crm.db.cached_model import CachedModel

from ..querysets import UserQuerySet
from ..roles import Role


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's manager with our questions."""


class User(CachedModel, AbstractUser):
    """A person who works here. What they may do comes from their groups; see `accounts/roles.py`."""

    class Language(models.TextChoices):
        BROWSER = "", _("as the browser says")
        RUSSIAN = "ru", "Русский"
        ENGLISH = "en", "English"

    class Theme(models.TextChoices):
        SYSTEM = "", _("as the system says")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language,
        blank=True,
        default=Language.BROWSER,
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, blank=True, default=Theme.SYSTEM)

    # The columns of tables as one likes them: {"claims:list": ["number", "client", …]}.
    columns = models.JSONField(default=dict, blank=True, editable=False)

    # The first steps stand on one's home page until all are made, or one has enough of them.
    sees_first_steps = models.BooleanField(default=True, editable=False)

    mail_tasks = models.BooleanField(_("mail: a task for me"), default=True)
    mail_overdue = models.BooleanField(_("mail: a payment is overdue"), default=True)
    mail_settled = models.BooleanField(_("mail: a claim is paid in full"), default=True)
    mail_mentions = models.BooleanField(_("mail: I am mentioned"), default=True)
    mail_digest = models.BooleanField(_("mail: morning digest"), default=True)

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def role(self) -> Role | None:
        """The role the user's home page and menu follow; the widest of their groups."""
        if self.is_superuser:
            return Role.ADMINISTRATOR
        return next(
            (role for role in (Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.SPECIALIST) if role in self.group_names),
            None,
        )

    @cached_property
    def group_names(self) -> list[str]:
        """Asked for once, as one's rights are."""
        return [group.name for group in self.groups.all()]

    @classmethod
    def inactive_ids(cls) -> list[int]:
        """Return the ids of those who work here no more, as known at most `CACHE_TTL` seconds ago.

        What was theirs falls to all of their role: other questions say so by these, and are answered the sooner.
        """
        return cls.cached()

    @classmethod
    def load(cls) -> list[int]:
        return list(cls.objects.switched_off().values_list("pk", flat=True))
