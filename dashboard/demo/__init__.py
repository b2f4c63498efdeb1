"""Demo data: three people and claims in every stage, lived through the services day by day up to today."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import translation

from accounts.models import User
from accounts.roles import Role
from claims.models import Claim
from claims_crm import days
from claims_crm.models import Company
from notifications.models import Notice
from notifications.services import sweep

from .lives import Cast, live
from .stories import Story, tell

PASSWORD = "demo"  # noqa: S105


@transaction.atomic
def make() -> int:
    """Make what of the demo is not there yet; return how many claims that was."""
    with translation.override("ru"):
        cast = Cast(
            specialist=_person("specialist", "Ольга", "Демидова", role=Role.SPECIALIST),
            accountant=_person("accountant", "Марина", "Белова", role=Role.ACCOUNTANT),
            admin=_person("admin", "Игорь", "Савин", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True),
        )
        company = Company.current()
        if not company.name:
            company.name = "Фахверк-Дом"
            company.save()
        today = days.today()
        stories = [story for story in tell(today) if not _is_told(story)]
        if stories:
            live(stories, cast, today)
            # The demo tells of the past; only what comes from now on is worth a letter.
            Notice.objects.filter(user__in=(cast.specialist, cast.accountant, cast.admin)).update(mail=Notice.Mail.NONE)
        sweep()
    return len(stories)


def _person(username: str, first_name: str, last_name: str, *, role: Role, **rights: bool) -> User:
    user, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{username}@rigel.example",
            **rights,
        },
    )
    if is_new:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        user.groups.add(Group.objects.get(name=role))
    return user


def _is_told(story: Story) -> bool:
    return Claim.objects.filter(contract_number=story.contract).exists()
