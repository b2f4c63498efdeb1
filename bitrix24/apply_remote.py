"""Applies changes made in the portal, by the same services and under the same rules as changes in Rigel.

A remote object is compared with what was last pushed and with what it should be now: a field that differs from both was
changed by a person. What the rules refuse is set back by the next push, and a comment gives the reason. If the last
push got no answer, only changes by others than ourselves count.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from claims.errors import ClaimBusy
from claims.models import Claim, Stage
from claims.permissions import can_comment, can_edit_claim, can_move
from claims.services import comment, edit_claim, move
from claims_crm.errors import BusinessRuleError
from claims_crm.models import Company
from notifications.models import Task
from notifications.permissions import can_complete
from notifications.services import complete, tick
from payments.models import Payment, Settlement
from payments.permissions import can_reschedule, can_settle
from payments.services import reschedule, settle

from .entities import done_flag
from .marking import mark_claims
from .models import Mirrored, Person
from .plan import Plan
from .snapshot import MAX_CHECKLIST_ITEMS, build_snapshots
from .text import is_ours, unescape

log = logging.getLogger(__name__)

Remote = Mapping[str, Any]
MAX_COMMENT = 9_000


class NotAllowed(BusinessRuleError):
    code = "bitrix24_not_allowed"


@dataclass(frozen=True, slots=True)
class Change:
    """A remote object with the fields that a person has changed in the portal (`changed`: {name: value})."""

    link: Mirrored
    remote: Remote
    desired: Mapping[str, Any]
    changed: Mapping[str, str]

    @property
    def changed_only_there(self) -> Mapping[str, str]:
        """The changed fields without those that were changed in Rigel as well: there ours wins."""
        return {
            name: value
            for name, value in self.changed.items()
            if is_same_value(self.desired.get(name), self.last_pushed(name))
        }

    def last_pushed(self, name: str) -> Any:
        """Return the value of the field as last pushed."""
        return self.link.pushed.get(name)

    def by(self, name: str) -> Any:
        """Return the id of the employee who has changed the field."""
        return _actor(self.link.kind, name, self.remote)


@dataclass(slots=True)
class ChangeApplier:
    """Applies changes to a claim and collects what the rules refuse."""

    claim: Claim
    refused: list[str] = field(default_factory=list)

    def user(self, employee: int | str | None) -> User:
        """Return the user of the employee. Raises NotAllowed if there is none, or they may not see the claim."""
        user = user_of_employee(employee)
        if not Claim.objects.visible_to(user).filter(pk=self.claim.pk).exists():
            raise NotAllowed(_("%(user)s may not see this claim.") % {"user": user.name})
        return user

    def attempt(self, what: str, by: Any, action: Callable[[User], Any], *, allowed: Callable[[User], bool]) -> None:
        """Run the action as the user of the employee `by`; collect it as refused if the rules forbid it."""
        try:
            with transaction.atomic():
                user = self.user(by)
                if not allowed(user):
                    raise NotAllowed(_("%(user)s may not do this.") % {"user": user.name})
                action(user)
        except ClaimBusy:
            raise
        except BusinessRuleError as error:
            self.refuse(what, str(error))

    def refuse(self, what: str, why: str) -> None:
        """Collect a refused change with its reason."""
        self.refused.append(_("%(what)s: %(why)s") % {"what": what, "why": why})

    def comment_refused(self) -> None:
        """Comment in the claim's timeline, and so in the deal's, what was refused."""
        if self.refused:
            text = _("Not accepted from Bitrix24.") + "\n" + "\n".join(self.refused)
            comment(self.claim, by=None, text=text)


def user_of_employee(employee: int | str | None) -> User:
    """Return the user of the employee. Raises NotAllowed if there is no active one."""
    number = int(employee or 0)
    person = Person.objects.select_related("user").filter(remote_id=number).first()
    if person is None or not person.user.is_active:
        raise NotAllowed(_("employee %(number)s of Bitrix24 has no user in Rigel.") % {"number": number})
    return person.user


def apply_remote_change(kind: str, remote_id: str, remote: Remote | None, plan: Plan) -> None:
    """Apply the changes of one remote object (None: deleted). Raises BusinessRuleError to try again later."""
    with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
        link = Mirrored.objects.filter(kind=kind, remote_id=remote_id).first()
        if kind == Mirrored.Kind.COMMENT and link is None and remote:
            _comment(remote, plan)
        elif link is not None and link.claim_id is not None:
            if link.unsure:
                raise NotAllowed(_("It is not known yet how it stands there."))
            _apply(link, remote, plan)


def _apply(link: Mirrored, remote: Remote | None, plan: Plan) -> None:
    claim = Claim.objects.filter(pk=link.claim_id or 0).first()
    if claim is None:
        return
    if remote is None:
        # It is created again: deleting an object in the portal deletes nothing in Rigel.
        Mirrored.objects.filter(pk=link.pk).update(remote_id="", pushed={})
        mark_claims([claim.pk])
        return
    if not (changes := differing_fields(link, remote)):
        return
    desired = _desired_fields(link, plan)
    changed = {
        name: value
        for name, value in changes.items()
        if not (is_same_value(desired.get(name), value) or _is_ours(link, name, remote, plan))
    }
    if changed:
        applier = ChangeApplier(claim)
        APPLIERS[link.kind](Change(link, remote, desired, changed), applier, plan)
        applier.comment_refused()
    # The remote state is known now; whatever differs from ours is set back by the next push.
    Mirrored.objects.filter(pk=link.pk).update(pushed={**link.pushed, **changes})
    mark_claims([claim.pk])


def differing_fields(link: Mirrored, remote: Remote) -> dict[str, str]:
    """Return the fields of the remote object that differ from what was last pushed."""
    known = TRACKED_FIELDS[link.kind](remote) if link.kind in TRACKED_FIELDS else {}
    return {name: value for name, value in known.items() if not is_same_value(link.pushed.get(name), value)}


def _desired_fields(link: Mirrored, plan: Plan) -> Mapping[str, Any]:
    """Return the fields of the object as they should be in the portal."""
    image = build_snapshots([link.claim_id or 0], plan).get(link.claim_id or 0, [])
    return next((desired.fields for desired in image if desired.key == (link.kind, link.local_id)), {})


def _is_ours(link: Mirrored, name: str, remote: Remote, plan: Plan) -> bool:
    """Return whether we have sent this ourselves in a call that got no answer."""
    return name not in link.pushed and str(_actor(link.kind, name, remote)) == str(plan.owner)


def _actor(kind: str, name: str, remote: Remote) -> Any:
    return remote.get(ACTORS.get((kind, name)) or ACTORS[kind, ""])


def is_same_value(one: Any, other: Any) -> bool:
    """Return whether the values are equal as text, as numbers or as moments."""
    if str(one) == str(other):
        return True
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        pass
    try:
        return datetime.fromisoformat(str(one)) == datetime.fromisoformat(str(other))
    except (ValueError, TypeError):  # not moments, or one without an offset
        return False


# deals


def _deal_fields(remote: Remote) -> dict[str, str]:
    names = ("categoryId", "stageId", "opportunity", "assignedById")
    return {name: str(remote[name]) for name in names if remote.get(name) is not None}


def _deal(change: Change, applier: ChangeApplier, plan: Plan) -> None:
    if "opportunity" in change.changed:
        applier.refuse(_("The sum"), _("it is changed in Rigel only."))
    if "assignedById" in change.changed_only_there:
        _hand_over(change, applier)
    if "categoryId" in change.changed:
        applier.refuse(_("The funnel"), _("it is changed in Rigel only."))
    elif "stageId" in change.changed_only_there:
        _move(change, applier, plan)


def _hand_over(change: Change, applier: ChangeApplier) -> None:
    claim = applier.claim

    def hand_over(user: User) -> None:
        specialist = user_of_employee(change.changed["assignedById"])
        if not User.objects.specialists().filter(pk=specialist.pk).exists():
            raise NotAllowed(_("%(user)s is no specialist.") % {"user": specialist.name})
        edit_claim(claim, by=user, specialist=specialist)

    applier.attempt(
        _("The responsible"), change.by("assignedById"), hand_over, allowed=lambda user: can_edit_claim(user, claim)
    )


def _move(change: Change, applier: ChangeApplier, plan: Plan) -> None:
    claim = applier.claim
    ours = {remote: pk for pk, remote in plan.stages.items()}
    stage = Stage.objects.filter(pk=ours.get(change.changed["stageId"], 0)).first()
    if stage is None:
        applier.refuse(_("The stage"), _("Rigel has no such stage."))
        return
    applier.attempt(
        _("The stage “%s”") % stage.name,
        change.by("stageId"),
        lambda user: move(claim, stage, by=user),
        allowed=lambda user: can_move(user, claim, stage),
    )


# payments


def _payment_fields(remote: Remote) -> dict[str, str]:
    known = {name: str(remote[name]) for name in ("stageId", "opportunity") if remote.get(name) is not None}
    # A day comes as a moment in the portal's zone.
    return known | {"closedate": str(remote.get("closedate") or "")[:10]}


def _payment(change: Change, applier: ChangeApplier, plan: Plan) -> None:
    payment = Payment.objects.filter(pk=change.link.local_id).first()
    if payment is None:
        return
    if day := change.changed_only_there.get("closedate"):
        _move_deadline(payment, date.fromisoformat(day), change.by("closedate"), applier)
    if "opportunity" in change.changed:
        applier.refuse(_("The sum of a payment"), _("it is changed in Rigel only."))
    stage = change.changed.get("stageId")
    if stage == plan.statuses[Payment.Status.PAID]:
        applier.attempt(
            _("A payment as paid"),
            change.by("stageId"),
            lambda user: settle(payment, by=user, way=Settlement.Way.MIRROR),
            allowed=lambda user: can_settle(user, payment),
        )
    elif stage:
        applier.refuse(_("The stage of a payment"), _("reopen or cancel it in Rigel, and say why."))


def _move_deadline(payment: Payment, day: date, by: Any, applier: ChangeApplier) -> None:
    applier.attempt(
        _("The deadline of a payment"),
        by,
        lambda user: reschedule(payment, by=user, due_on=day),
        allowed=lambda user: can_reschedule(user, payment),
    )


# tasks


def _task_fields(remote: Remote) -> dict[str, str]:
    return {"DONE": done_flag(remote), "DEADLINE": str(remote.get("deadline") or "")}


def _task(change: Change, applier: ChangeApplier, plan: Plan) -> None:
    task = Task.objects.with_related().filter(pk=change.link.local_id).first()
    if task is None:
        return
    if "DEADLINE" in change.changed:
        _deadline(task, change, applier)
    match change.changed.get("DONE"):
        case "Y":
            applier.attempt(
                _("A task as done"),
                change.by("DONE"),
                lambda user: complete(task, by=user),
                allowed=lambda user: can_complete(user, task),
            )
        case "N":
            applier.refuse(_("A task reopened"), _("it is reopened in Rigel only."))


def _deadline(task: Task, change: Change, applier: ChangeApplier) -> None:
    last_pushed = change.changed["DEADLINE"]
    day = datetime.fromisoformat(last_pushed).astimezone(Company.current().zone).date() if last_pushed else None
    if day == task.due_on:
        return
    if task.payment is None or day is None:
        applier.refuse(_("The deadline of a task"), _("it is set in Rigel only."))
    elif "DEADLINE" in change.changed_only_there:
        _move_deadline(task.payment, day, change.by("DEADLINE"), applier)


def _check_fields(remote: Remote) -> dict[str, str]:
    return {"IS_COMPLETE": str(remote["IS_COMPLETE"])}


def _check(change: Change, applier: ChangeApplier, plan: Plan) -> None:
    pk, position = divmod(change.link.local_id, MAX_CHECKLIST_ITEMS)
    task = Task.objects.with_related().filter(pk=pk).first()
    if task is not None and task.is_open and position < len(task.checklist):
        applier.attempt(
            _("An item of a checklist"),
            change.by("IS_COMPLETE"),
            lambda user: tick(task, by=user, position=position, done=change.changed["IS_COMPLETE"] == "Y"),
            allowed=lambda user: can_complete(user, task),
        )


# comments


def _comment(remote: Remote, plan: Plan) -> None:
    """Add a comment written in the portal, by the user of its author if there is one."""
    if remote["ENTITY_TYPE"] != "deal" or is_ours(remote["COMMENT"]):
        return
    deal = Mirrored.objects.claims().filter(remote_id=str(remote["ENTITY_ID"])).first()
    if deal is None:
        if Mirrored.objects.claims().filter(unsure=True).exists():
            raise NotAllowed(_("It is not known yet how it stands there."))  # it may be one of our deals
        return
    claim, text = Claim.objects.filter(pk=deal.local_id).first(), unescape(remote["COMMENT"])[:MAX_COMMENT]
    if claim is None or not text:
        return
    try:
        by: User | None = ChangeApplier(claim).user(remote["AUTHOR_ID"])
    except NotAllowed:
        by = None
    if by is None or not can_comment(by, claim):
        by, text = None, _("Employee %(number)s of Bitrix24: %(text)s") % {"number": remote["AUTHOR_ID"], "text": text}
    entry = comment(claim, by=by, text=text)
    Mirrored.objects.create(
        kind=Mirrored.Kind.COMMENT,
        local_id=entry.pk,
        claim_id=claim.pk,
        remote_id=str(remote["ID"]),
        pushed={"theirs": True},
    )


# {(kind, field): field with the employee who changed it}; "" is the default of the kind.
ACTORS: dict[tuple[str, str], str] = {
    (Mirrored.Kind.CLAIM, ""): "updatedBy",
    (Mirrored.Kind.CLAIM, "stageId"): "movedBy",
    (Mirrored.Kind.PAYMENT, ""): "updatedBy",
    (Mirrored.Kind.PAYMENT, "stageId"): "movedBy",
    (Mirrored.Kind.TASK, ""): "changedBy",
    (Mirrored.Kind.TASK, "DONE"): "closedBy",
    (Mirrored.Kind.CHECK, ""): "TOGGLED_BY",
}
TRACKED_FIELDS: dict[str, Callable[[Remote], dict[str, str]]] = {
    Mirrored.Kind.CLAIM: _deal_fields,
    Mirrored.Kind.PAYMENT: _payment_fields,
    Mirrored.Kind.TASK: _task_fields,
    Mirrored.Kind.CHECK: _check_fields,
}
APPLIERS: dict[str, Callable[[Change, ChangeApplier, Plan], None]] = {
    Mirrored.Kind.CLAIM: _deal,
    Mirrored.Kind.PAYMENT: _payment,
    Mirrored.Kind.TASK: _task,
    Mirrored.Kind.CHECK: _check,
}
