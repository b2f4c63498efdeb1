from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.db import models

from .roles import Role

if TYPE_CHECKING:
    from .models import User


class UserQuerySet(models.QuerySet):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def switched_off(self) -> UserQuerySet:
        """Filter those who no longer work here; what was theirs falls to all of their role."""
        return self.filter(is_active=False)

    def in_role(self, role: str | Role) -> UserQuerySet:
        return self.active().filter(groups__name=role)

    def specialists(self) -> UserQuerySet:
        return self.in_role(Role.SPECIALIST)

    def accountants(self) -> UserQuerySet:
        return self.in_role(Role.ACCOUNTANT)

    def administrators(self) -> UserQuerySet:
        """Filter the active administrators and superusers, who are notified of trouble."""
        return self.active().filter(models.Q(groups__name=Role.ADMINISTRATOR) | models.Q(is_superuser=True)).distinct()

    def by_name(self) -> UserQuerySet:
        return self.order_by("last_name", "first_name", "username")


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """Filter the user's own views and those that others share."""
        return self.filter(models.Q(owner=user) | models.Q(is_shared=True))


class ApiTokenQuerySet(models.QuerySet):
    def of(self, user: User) -> ApiTokenQuerySet:
        """Filter the user's own, the newest first."""
        return self.filter(user=user).order_by("-pk")


def permissions_named(*names: str) -> models.QuerySet[Permission]:
    """Return the permissions named "app_label.codename"."""
    wanted = models.Q(pk__in=[])
    for name in names:
        app_label, codename = name.split(".")
        wanted |= models.Q(content_type__app_label=app_label, codename=codename)
    return Permission.objects.filter(wanted)
