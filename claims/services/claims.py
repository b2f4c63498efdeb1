from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from claims_crm import days
from claims_crm.db.bilingual import BilingualName

from .. import rules
from ..changes import changing
from ..errors import ChangedMeanwhile, FactsRefused, NumberTaken
from ..events import ClaimCreated, ClaimEdited
from ..facts import FACTS
from ..models import Claim, ClaimCounter, Client, Ground, Pipeline, Stage, TimelineEntry
from .search import index_claims
from .timeline import entry_fields, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User


@transaction.atomic
def create_claim(
    *,
    by: User | None,
    client: Client,
    ground: Ground,
    pipeline: Pipeline,
    stage: Stage | None = None,
    number: str = "",
    received_on: date | None = None,
    respond_by: date | None = None,
    agreed_amount: Decimal | None = None,
    **facts: Any,
) -> Claim:
    """Register a claim in the funnel's first stage, numbered by the system unless `number` is given.

    `respond_by` defaults to the funnel's days to answer, counted from receipt.
    Raises NumberTaken, ValidationError.
    """
    received_on = received_on or days.today()
    claim = Claim(
        number=number.strip() or next_number(pipeline, year=days.today().year),
        client=client,
        ground=ground,
        pipeline=pipeline,
        stage=stage or pipeline.first_stage(),
        currency=pipeline.currency,
        received_on=received_on,
        respond_by=respond_by or received_on + timedelta(days=pipeline.respond_within_days),
        agreed_amount=agreed_amount,
        created_by=by,
        **facts,
    )
    rules.check_facts(claim, {*facts, "number", "agreed_amount"})
    rules.check_days(claim.received_on, claim.respond_by)
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError as error:
        if Claim.objects.filter(number=claim.number).exists():
            raise NumberTaken(claim.number) from error
        raise
    index_claims([claim])
    TimelineEntry.objects.create(claim=claim, kind=TimelineEntry.Kind.SUMMARY, pinned=True)
    record(claim, TimelineEntry.Kind.CLAIM_CREATED, by=by)
    with changing([claim], by=by) as change:
        change.record(ClaimCreated(claim=claim.pk))
    return claim


def next_number(pipeline: Pipeline, *, year: int) -> str:
    """Return the next number of the funnel's sequence of the year: П-2026-0001.

    The counter's row stays locked until the transaction ends, so that no number is given twice. Numbers that were
    given by hand are skipped.
    """
    ClaimCounter.objects.get_or_create(pipeline=pipeline, year=year)
    counter = ClaimCounter.objects.select_for_update(no_key=True).get(pipeline=pipeline, year=year)
    while True:
        counter.last += 1
        number = f"{pipeline.number_prefix}-{year}-{counter.last:04}"
        if not Claim.objects.filter(number=number).exists():
            counter.save(update_fields=["last"])
            return number


@transaction.atomic
def edit_claim(claim: Claim, *, by: User | None, seen: Mapping[str, Any] | None = None, **facts: Any) -> Claim:
    """Change facts of the claim (see FACTS), record the old and new values, and return the current claim.

    The given instance stays as it was.

    Raises FactsRefused if the agreed sum would fall below what is paid; ChangedMeanwhile if a fact differs from its
    value in `seen`; ValidationError.
    """
    claim = Claim.objects.lock(claim.pk)
    changes = {}
    for name, after in facts.items():
        if name not in FACTS:
            raise TypeError(f"a claim's {name} is not edited")
        before = getattr(claim, name)
        if before != after:
            if seen and before != seen.get(name, before):
                raise ChangedMeanwhile(name, before)
            setattr(claim, name, after)
            changes[name] = [_snapshot(before), _snapshot(after)]
    if not changes:
        return claim
    rules.check_facts(claim, changes)
    if changes.keys() & {"received_on", "respond_by"}:
        rules.check_days(claim.received_on, claim.respond_by)
    if claim.agreed_amount is not None and claim.agreed_amount < claim.paid_amount:
        raise FactsRefused(_("More than this sum is already paid."), field="agreed_amount")
    claim.save(update_fields=[*changes, "contract_key", "updated_at"])
    index_claims([claim])
    record(claim, TimelineEntry.Kind.CLAIM_EDITED, by=by, changes=changes)
    with changing([claim], by=by) as change:
        change.record(ClaimEdited(claim=claim.pk, changes=changes))
    return claim


def create_client(**facts: Any) -> Client:
    """Create a client and return it. Raises ValidationError."""
    client = Client(**facts)
    rules.check_facts(client, facts)
    rules.check_details(vars(client), facts)
    client.save()
    return client


@transaction.atomic
def edit_client(client: Client, *, by: User | None, seen: Mapping[str, Any] | None = None, **facts: Any) -> Client:
    """Change the client's details, update the search index, record it in each claim; return the current client.

    Raises ChangedMeanwhile if a detail differs from its value in `seen`; ValidationError.
    """
    # Lock the claims first, as everywhere, so that the search index misses no concurrent edit of a claim.
    Claim.objects.filter(client=client).lock_rows()
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    changes = {name: [getattr(client, name), after] for name, after in facts.items() if getattr(client, name) != after}
    if not changes:
        return client
    for name, (before, _after) in changes.items():
        if seen and before != seen.get(name, before):
            raise ChangedMeanwhile(name, before)
    for name, after in facts.items():
        setattr(client, name, after)
    rules.check_facts(client, changes)
    rules.check_details(vars(client), changes)
    client.save()
    claims = list(client.claims.select_related("client"))
    index_claims(claims)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(**entry_fields(claim, TimelineEntry.Kind.CLAIM_EDITED, by=by, client=True, changes=changes))
        for claim in claims
    )
    return client


def _snapshot(value: Any) -> Any:
    """Return the value for the history: a related row by its name, in both languages if it has two, so that the
    history reads the same after the row is renamed.
    """
    if isinstance(value, BilingualName):
        return {"ru": value.name_ru, "en": value.name_en}
    return str(value) if hasattr(value, "pk") else value
