"""How tasks and notices follow a change of claims."""

from __future__ import annotations

from claims.changes import Change
from claims.events import ClaimEdited, ClaimImported, ClaimMoved, CommentWritten
from claims.models import Claim, Stage
from claims_crm import days
from payments.events import (
    ClaimSettled,
    PaymentCancelled,
    PaymentChanged,
    PaymentReopened,
    PaymentScheduled,
    PaymentSettled,
)

from .automatic_tasks import (
    assign_open_tasks,
    close_claim_tasks,
    complete_pay_tasks,
    raise_imported_claim_tasks,
    raise_stage_tasks,
    reopen_tasks,
    settled_notice,
    sync_claim_tasks,
    withdraw_pay_tasks,
)
from .notices import notify_mentioned
from .sweep import raise_pay_tasks, sync_due_dates


def follow_change(change: Change) -> None:
    """Close, withdraw, reopen, move and raise tasks as the change calls for, and write the notices of it.

    A constant number of queries per funnel, however many claims and payments.
    """
    _follow_payments(change)
    _follow_claims(change)
    for comment in change.of(CommentWritten):
        if comment.mentioned:
            notify_mentioned(comment.entry, comment.mentioned)
    if imported := change.of(ClaimImported):
        raise_imported_claim_tasks([change.claims[event.claim] for event in imported])


def _follow_payments(change: Change) -> None:
    if settled := change.of(PaymentSettled):
        complete_pay_tasks([event.payment for event in settled], by=change.by)
    if cancelled := change.of(PaymentCancelled):
        withdraw_pay_tasks([event.payment for event in cancelled], by=change.by)
    if reopened := change.of(PaymentReopened):
        reopen_tasks(reopened, change.claims)
    changed = _claims_of(change, PaymentChanged)
    if changed:
        sync_due_dates(changed)
    if new_deadlines := changed | _claims_of(change, PaymentScheduled):
        raise_pay_tasks(today=days.today(), claims=new_deadlines)


def _follow_claims(change: Change) -> None:
    """Follow the claims' stages, people and balances."""
    moves = change.of(ClaimMoved)
    for move in moves:
        claim = change.claims[move.claim]
        raise_stage_tasks([claim], claim.stage)
        if claim.is_final:
            close_claim_tasks(claim, by=change.by)
    by_hand = [change.claims[move.claim] for move in moves if not move.automatic]
    working = [claim for claim in by_hand if not claim.is_final]
    settled = [change.claims[event.claim] for event in change.of(ClaimSettled)]
    completing = {claim for claim in working if claim.is_settled and claim.stage_kind == Stage.Kind.COMPLETING}
    if claims := {*change.recounted, *working}:
        sync_claim_tasks(
            sorted(claims, key=lambda claim: claim.pk),
            by=change.by,
            completing={*settled, *completing},
            notices=settled_notice(settled),
        )
    for edit in change.of(ClaimEdited):
        if edit.changes.keys() & {"accountant", "specialist"}:
            assign_open_tasks(change.claims[edit.claim], by=change.by)


def _claims_of(change: Change, kind: type[PaymentChanged] | type[PaymentScheduled]) -> set[Claim]:
    return {change.claims[event.claim] for event in change.of(kind)}
