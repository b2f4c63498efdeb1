from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..querysets import ApiTokenQuerySet
from .users import User


class ApiToken(models.Model):
    """With it a program does what its owner may, within the token's scopes. Only a digest of it is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("write")
        SETTLE = "settle", _("marking as paid")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # What it begins with, to tell it from others.
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    scopes = models.JSONField(_("what it may"), default=list)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]
        default_permissions = ("view", "add", "delete")
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="api_token_has_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_names(self) -> list[str]:
        return [str(label) for scope, label in self.Scope.choices if scope in self.scopes]

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
