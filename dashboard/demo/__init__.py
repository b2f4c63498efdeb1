"""Demo data: three users and claims in every stage, played through the services day by day up to today."""

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

from .play import DemoUsers, play
from .scenarios import Scenario, all_scenarios

PASSWORD = "demo"  # noqa: S105


@transaction.atomic
def make_demo() -> int:
    """Make the demo users and the claims that are missing; return the number of claims made."""
    with translation.override("ru"):
        users = DemoUsers(
            specialist=_person("specialist", "Ольга", "Демидова", role=Role.SPECIALIST),
            accountant=_person("accountant", "Марина", "Белова", role=Role.ACCOUNTANT),
            admin=_person("admin", "Игорь", "Савин", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True),
        )
        company = Company.current()
        if not company.name:
            company.name = "Фахверк-Дом"
            company.save()
        today = days.today()
        scenarios = [scenario for scenario in all_scenarios(today) if not _is_made(scenario)]
        if scenarios:
            play(scenarios, users, today)
            # These notices are about the past: no letters.
            Notice.objects.filter(user__in=(users.specialist, users.accountant, users.admin)).update(
                mail=Notice.Mail.NONE
            )
        sweep()
    return len(scenarios)


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


def _is_made(scenario: Scenario) -> bool:
    return Claim.objects.filter(contract_number=scenario.contract).exists()
