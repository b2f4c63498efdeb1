"""The first steps in an empty installation: what has to be set up, who may do it, and what is done already."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.permissions import can_invite
from claims.models import Claim
from claims.permissions import BACKEND, can_create_claim
from claims_crm.models import Company


@dataclass(frozen=True, slots=True)
class Step:
    """A step with its `key`: `claims`, `accountant` or `company`.

    `is_mine`: the user may do it; otherwise `others` are a few people who may.
    """

    key: str
    is_done: bool
    is_mine: bool
    others: list[User]


def visible_steps(user: User) -> list[Step]:
    """Return the steps with their state; none once all are done or the user has hidden them."""
    if not user.sees_first_steps or user.role is None:
        return []
    steps = [
        _step("claims", "claims.add_claim", is_done=Claim.objects.exists(), is_mine=can_create_claim(user)),
        _step("accountant", "accounts.add_user", is_done=User.objects.accountants().exists(), is_mine=can_invite(user)),
        _step("company", CHANGE_COMPANY, is_done=bool(Company.current().name), is_mine=_can_set_company(user)),
    ]
    if all(step.is_done for step in steps):
        hide(user)
        return []
    return steps


def hide(user: User) -> None:
    """Hide the first steps from the user for good."""
    User.objects.filter(pk=user.pk).update(sees_first_steps=False)


CHANGE_COMPANY = "claims_crm.change_company"


def _can_set_company(user: User) -> bool:
    return user.is_staff and user.has_perm(CHANGE_COMPANY)


def _step(key: str, right: str, *, is_done: bool, is_mine: bool) -> Step:
    others = [] if is_done or is_mine else list(User.objects.with_perm(right, backend=BACKEND).by_name()[:3])
    return Step(key, is_done, is_mine, others)
