"""In: what a person has done there is done here too, by the same services and under the same rules.

An object there is compared with what it was last told (`pushed`) and with what it should be now: what differs from
both, a person has changed. What the rules refuse is put right there by the next push, and a comment says why. Where it
is not known what it was last told (no answer came), only what others than ourselves have changed is a change.
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
from payments.models import Payment
from payments.permissions import can_reschedule, can_settle
from payments.services import reschedule, settle

from .image import CHECKS_A_TASK, images
from .kinds import done_of
from .models import Mirrored, Person
from .plan import Plan
from .receivers import mark
from .text import is_ours, unescape

log = logging.getLogger(__name__)

There = Mapping[str, Any]
MOST_OF_A_COMMENT = 9_000


class NotAllowed(BusinessRuleError):
    code = "bitrix24_not_allowed"


@dataclass(frozen=True, slots=True)
class Change:
    """What an object is there, and what of it a person has changed there (`changed`: {name: value})."""

    link: Mirrored
    there: There
    wanted: Mapping[str, Any]
    changed: Mapping[str, str]

    @property
    def only_theirs(self) -> Mapping[str, str]:
        """Return what was not changed here as well: where it was, ours stays."""
        return {name: value for name, value in self.changed.items() if same(self.wanted.get(name), self.told(name))}

    def told(self, name: str) -> Any:
        return self.link.pushed.get(name)

    def by(self, name: str) -> Any:
        """Return the employee who has changed it."""
        return _actor(self.link.kind, name, self.there)


@dataclass(slots=True)
class Judgement:
    """A claim with something of it changed there; what was refused, and why."""

    claim: Claim
    refused: list[str] = field(default_factory=list)

    def user(self, employee: int | str | None) -> User:
        """Return who the employee is here. Raises NotAllowed for whom we do not know, or who may not see the claim."""
        user = employed(employee)
        if not Claim.objects.visible_to(user).filter(pk=self.claim.pk).exists():
            raise NotAllowed(_("%(user)s may not see this claim.") % {"user": user.name})
        return user

    def attempt(self, what: str, by: Any, deed: Callable[[User], Any], *, allowed: Callable[[User], bool]) -> None:
        """Do it as the employee `by` who did it there; note what the rules refuse."""
        try:
            with transaction.atomic():
                user = self.user(by)
                if not allowed(user):
                    raise NotAllowed(_("%(user)s may not do this.") % {"user": user.name})
                deed(user)
        except ClaimBusy:
            raise
        except BusinessRuleError as error:
            self.refuse(what, str(error))

    def refuse(self, what: str, why: str) -> None:
        self.refused.append(_("%(what)s: %(why)s") % {"what": what, "why": why})

    def tell(self) -> None:
        """Say in the claim's timeline, and so in the deal's, what was not accepted."""
        if self.refused:
            text = _("Not accepted from Bitrix24.") + "\n" + "\n".join(self.refused)
            comment(self.claim, by=None, text=text)


def employed(employee: int | str | None) -> User:
    """Return who the employee is here. Raises NotAllowed for whom we do not know."""
    number = int(employee or 0)
    person = Person.objects.select_related("user").filter(remote_id=number).first()
    if person is None or not person.user.is_active:
        raise NotAllowed(_("employee %(number)s of Bitrix24 is nobody here.") % {"number": number})
    return person.user


def receive(kind: str, remote_id: str, there: There | None, plan: Plan) -> None:
    """Take over what has changed there of one object (None: it was deleted). Raises BusinessRuleError: not now."""
    with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
        link = Mirrored.objects.filter(kind=kind, remote_id=remote_id).first()
        if kind == Mirrored.Kind.COMMENT and link is None and there:
            _comment(there, plan)
        elif link is not None and link.claim_id is not None:
            if link.unsure:
                raise NotAllowed(_("It is not known yet how it stands there."))
            _changed(link, there, plan)


def _changed(link: Mirrored, there: There | None, plan: Plan) -> None:
    claim = Claim.objects.filter(pk=link.claim_id or 0).first()
    if claim is None:
        return
    if there is None:
        # It is made anew: what is done here is not undone by deleting it there.
        Mirrored.objects.filter(pk=link.pk).update(remote_id="", pushed={})
        mark([claim.pk])
        return
    if not (news := differing(link, there)):
        return
    wanted = _wanted(link, plan)
    changed = {
        name: value
        for name, value in news.items()
        if not (same(wanted.get(name), value) or _is_ours(link, name, there, plan))
    }
    if changed:
        judgement = Judgement(claim)
        JUDGES[link.kind](Change(link, there, wanted, changed), judgement, plan)
        judgement.tell()
    # Now we know how it stands there: whatever is otherwise here is told by the next push.
    Mirrored.objects.filter(pk=link.pk).update(pushed={**link.pushed, **news})
    mark([claim.pk])


def differing(link: Mirrored, there: There) -> dict[str, str]:
    """Return what of the object is not as it was last told."""
    known = KNOWN[link.kind](there) if link.kind in KNOWN else {}
    return {name: value for name, value in known.items() if not same(link.pushed.get(name), value)}


def _wanted(link: Mirrored, plan: Plan) -> Mapping[str, Any]:
    """Return the object as it should stand there."""
    image = images([link.claim_id or 0], plan).get(link.claim_id or 0, [])
    return next((wanted.fields for wanted in image if wanted.key == (link.kind, link.local_id)), {})


def _is_ours(link: Mirrored, name: str, there: There, plan: Plan) -> bool:
    """Tell whether it is what we have sent ourselves, with no answer that said so."""
    return name not in link.pushed and str(_actor(link.kind, name, there)) == str(plan.owner)


def _actor(kind: str, name: str, there: There) -> Any:
    return there.get(ACTORS.get((kind, name)) or ACTORS[kind, ""])


def same(one: Any, other: Any) -> bool:
    if str(one) == str(other):
        return True
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        pass
    try:
        return datetime.fromisoformat(str(one)) == datetime.fromisoformat(str(other))
    except (ValueError, TypeError):  # no moments, or one without an offset
        return False


# deals


def _deal_known(there: There) -> dict[str, str]:
    names = ("categoryId", "stageId", "opportunity", "assignedById")
    return {name: str(there[name]) for name in names if there.get(name) is not None}


def _deal(change: Change, judgement: Judgement, plan: Plan) -> None:
    if "opportunity" in change.changed:
        judgement.refuse(_("The sum"), _("it is changed in Rigel only."))
    if "assignedById" in change.only_theirs:
        _hand_over(change, judgement)
    if "categoryId" in change.changed:
        judgement.refuse(_("The funnel"), _("it is changed in Rigel only."))
    elif "stageId" in change.only_theirs:
        _move(change, judgement, plan)


def _hand_over(change: Change, judgement: Judgement) -> None:
    claim = judgement.claim

    def hand_over(user: User) -> None:
        specialist = employed(change.changed["assignedById"])
        if not User.objects.specialists().filter(pk=specialist.pk).exists():
            raise NotAllowed(_("%(user)s is no specialist.") % {"user": specialist.name})
        edit_claim(claim, by=user, specialist=specialist)

    judgement.attempt(
        _("The responsible"), change.by("assignedById"), hand_over, allowed=lambda user: can_edit_claim(user, claim)
    )


def _move(change: Change, judgement: Judgement, plan: Plan) -> None:
    claim = judgement.claim
    ours = {remote: pk for pk, remote in plan.stages.items()}
    stage = Stage.objects.filter(pk=ours.get(change.changed["stageId"], 0)).first()
    if stage is None:
        judgement.refuse(_("The stage"), _("Rigel has no such stage."))
        return
    judgement.attempt(
        _("The stage “%s”") % stage.name,
        change.by("stageId"),
        lambda user: move(claim, stage, by=user),
        allowed=lambda user: can_move(user, claim, stage),
    )


# payments


def _payment_known(there: There) -> dict[str, str]:
    known = {name: str(there[name]) for name in ("stageId", "opportunity") if there.get(name) is not None}
    # A day comes as a moment of the portal's own zone.
    return known | {"closedate": str(there.get("closedate") or "")[:10]}


def _payment(change: Change, judgement: Judgement, plan: Plan) -> None:
    payment = Payment.objects.filter(pk=change.link.local_id).first()
    if payment is None:
        return
    if day := change.only_theirs.get("closedate"):
        _move_deadline(payment, date.fromisoformat(day), change.by("closedate"), judgement)
    if "opportunity" in change.changed:
        judgement.refuse(_("The sum of a payment"), _("it is changed in Rigel only."))
    stage = change.changed.get("stageId")
    if stage == plan.statuses[Payment.Status.PAID]:
        judgement.attempt(
            _("A payment as paid"),
            change.by("stageId"),
            lambda user: settle(payment, by=user),
            allowed=lambda user: can_settle(user, payment),
        )
    elif stage:
        judgement.refuse(_("The stage of a payment"), _("reopen or cancel it in Rigel, and say why."))


def _move_deadline(payment: Payment, day: date, by: Any, judgement: Judgement) -> None:
    judgement.attempt(
        _("The deadline of a payment"),
        by,
        lambda user: reschedule(payment, by=user, due_on=day),
        allowed=lambda user: can_reschedule(user, payment),
    )


# tasks


def _task_known(there: There) -> dict[str, str]:
    return {"DONE": done_of(there), "DEADLINE": str(there.get("deadline") or "")}


def _task(change: Change, judgement: Judgement, plan: Plan) -> None:
    task = Task.objects.with_related().filter(pk=change.link.local_id).first()
    if task is None:
        return
    if "DEADLINE" in change.changed:
        _deadline(task, change, judgement)
    match change.changed.get("DONE"):
        case "Y":
            judgement.attempt(
                _("A task as done"),
                change.by("DONE"),
                lambda user: complete(task, by=user),
                allowed=lambda user: can_complete(user, task),
            )
        case "N":
            judgement.refuse(_("A task reopened"), _("it is reopened in Rigel only."))


def _deadline(task: Task, change: Change, judgement: Judgement) -> None:
    told = change.changed["DEADLINE"]
    day = datetime.fromisoformat(told).astimezone(Company.current().zone).date() if told else None
    if day == task.due_on:
        return
    if task.payment is None or day is None:
        judgement.refuse(_("The deadline of a task"), _("it is set in Rigel only."))
    elif "DEADLINE" in change.only_theirs:
        _move_deadline(task.payment, day, change.by("DEADLINE"), judgement)


def _check_known(there: There) -> dict[str, str]:
    return {"IS_COMPLETE": str(there["IS_COMPLETE"])}


def _check(change: Change, judgement: Judgement, plan: Plan) -> None:
    pk, position = divmod(change.link.local_id, CHECKS_A_TASK)
    task = Task.objects.with_related().filter(pk=pk).first()
    if task is not None and task.is_open and position < len(task.checklist):
        judgement.attempt(
            _("An item of a checklist"),
            change.by("IS_COMPLETE"),
            lambda user: tick(task, by=user, position=position, done=change.changed["IS_COMPLETE"] == "Y"),
            allowed=lambda user: can_complete(user, task),
        )


# comments


def _comment(there: There, plan: Plan) -> None:
    """Take over a comment that was written there; its author is who wrote it, if we know them."""
    if there["ENTITY_TYPE"] != "deal" or is_ours(there["COMMENT"]):
        return
    deal = Mirrored.objects.claims().filter(remote_id=str(there["ENTITY_ID"])).first()
    if deal is None:
        if Mirrored.objects.claims().filter(unsure=True).exists():
            raise NotAllowed(_("It is not known yet how it stands there."))  # it may be a deal of ours
        return
    claim, text = Claim.objects.filter(pk=deal.local_id).first(), unescape(there["COMMENT"])[:MOST_OF_A_COMMENT]
    if claim is None or not text:
        return
    try:
        by: User | None = Judgement(claim).user(there["AUTHOR_ID"])
    except NotAllowed:
        by = None
    if by is None or not can_comment(by, claim):
        by, text = None, _("Employee %(number)s of Bitrix24: %(text)s") % {"number": there["AUTHOR_ID"], "text": text}
    entry = comment(claim, by=by, text=text)
    Mirrored.objects.create(
        kind=Mirrored.Kind.COMMENT,
        local_id=entry.pk,
        claim_id=claim.pk,
        remote_id=str(there["ID"]),
        pushed={"theirs": True},
    )


# {(kind, field): where it stands who has changed it}; for the others of a kind under no name.
ACTORS: dict[tuple[str, str], str] = {
    (Mirrored.Kind.CLAIM, ""): "updatedBy",
    (Mirrored.Kind.CLAIM, "stageId"): "movedBy",
    (Mirrored.Kind.PAYMENT, ""): "updatedBy",
    (Mirrored.Kind.PAYMENT, "stageId"): "movedBy",
    (Mirrored.Kind.TASK, ""): "changedBy",
    (Mirrored.Kind.TASK, "DONE"): "closedBy",
    (Mirrored.Kind.CHECK, ""): "TOGGLED_BY",
}
KNOWN: dict[str, Callable[[There], dict[str, str]]] = {
    Mirrored.Kind.CLAIM: _deal_known,
    Mirrored.Kind.PAYMENT: _payment_known,
    Mirrored.Kind.TASK: _task_known,
    Mirrored.Kind.CHECK: _check_known,
}
JUDGES: dict[str, Callable[[Change, Judgement, Plan], None]] = {
    Mirrored.Kind.CLAIM: _deal,
    Mirrored.Kind.PAYMENT: _payment,
    Mirrored.Kind.TASK: _task,
    Mirrored.Kind.CHECK: _check,
}
