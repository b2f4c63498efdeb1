from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .db.cached_model import CachedModel
from .money import MoneyField


def default_time_zone() -> str:
    return settings.TIME_ZONE


class Company(CachedModel):
    """The one company this installation works for: a single row, made by a migration."""

    class Sees(models.TextChoices):
        ALL = "all", _("all claims")
        OWN = "own", _("only the claims where they are the specialist")

    class TwoFactor(models.TextChoices):
        NO_ONE = "none", _("no one")
        ADMINISTRATORS = "admins", _("those who may enter the admin")
        EVERYONE = "all", _("everyone")

    name = models.CharField(_("name"), max_length=200, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=default_time_zone)
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    calendar = models.CharField(
        _("calendar"),
        max_length=2,
        default="RU",
        help_text=_("Country of the official calendar of days off."),
    )
    specialists_see = models.CharField(_("specialists see"), max_length=3, choices=Sees, default=Sees.ALL)

    two_factor = models.CharField(
        _("two-factor sign-in is required of"),
        max_length=6,
        choices=TwoFactor,
        default=TwoFactor.NO_ONE,
        help_text=_("Who has not switched it on yet is led there at once."),
    )

    quiet_days = models.PositiveSmallIntegerField(
        _("days without movement"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("After so many, a claim that nothing else asks for stands on its specialist's home page."),
    )

    approval_above = MoneyField(
        _("a second person approves payment orders above"),
        null=True,
        blank=True,
        help_text=_("The sum of a file for the bank. Empty: not needed. Who made it cannot approve it."),
    )

    class Meta:
        verbose_name = _("company settings")
        verbose_name_plural = _("company settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one")]

    def __str__(self) -> str:
        return self.name or str(_("company settings"))

    @classmethod
    def current(cls) -> Company:
        """Return the company's settings, at most `CACHE_TTL` seconds old, without a query each time."""
        return cls.cached()

    @classmethod
    def load(cls) -> Company:
        return cls.objects.get_or_create(pk=1)[0]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def clean(self) -> None:
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": _("There is no such time zone. For example: Europe/Moscow.")})
        if self.calendar not in holidays.list_supported_countries():
            raise ValidationError({"calendar": _("There is no calendar for this country. For example: RU.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)


class DayOff(CachedModel):
    """The company's own exception to the official calendar: a day off, or a day worked."""

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(_("worked"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("own day off")
        verbose_name_plural = _("own days off")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y}"

    @classmethod
    def exceptions(cls) -> dict[date, bool]:
        """Return {day: is it worked}, at most `CACHE_TTL` seconds old."""
        return cls.cached()

    @classmethod
    def load(cls) -> dict[date, bool]:
        return dict(cls.objects.values_list("day", "is_working"))


class IdempotencyKey(models.Model):
    """A request that a program may send again, and the answer to it; see `claims_crm/api/idempotency.py`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # Of the request: the same key with another one is a mistake.
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    # As it was sent, to the letter.
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_old")]

    def __str__(self) -> str:
        return self.key
