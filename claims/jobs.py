"""Background work on many claims."""

from __future__ import annotations

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from claims_crm.errors import BusinessRuleError
from jobs.engine import save_step
from jobs.exports import to_excel
from jobs.kinds import Outcome, Steps, job
from jobs.models import Job

from . import permissions
from .listing import Listing
from .models import Claim
from .services import edit_claim
from .table_columns import sheet_columns


@job("claims.export", title=gettext_lazy("Claims to Excel"), allowed=permissions.can_see_claims)
def export_claims(job: Job) -> Steps:
    """Write the whole table of the query string `query` to Excel."""
    listing = Listing.from_query(QueryDict(job.arguments["query"]), job.owner)
    columns = sheet_columns(listing.columns)
    return (yield from to_excel(_("Claims"), columns, listing.iterate(), total=listing.claims.count()))


@job("claims.reassign", title=gettext_lazy("Reassigning claims"), allowed=permissions.can_reassign, saves_steps=True)
def reassign(job: Job) -> Steps:
    """Reassign the confirmed `claims` (ids); `facts`: {"specialist": id, "accountant": id}, either or both.

    Claims that the owner may not see are left out.
    """
    facts = {name: User.objects.get(pk=pk) for name, pk in job.arguments["facts"].items()}
    outcome = Outcome.so_far(job)
    ids = job.arguments["claims"]
    for number, pk in enumerate(ids[job.done :], start=job.done + 1):
        with transaction.atomic():
            if claim := Claim.objects.visible_to(job.owner).filter(pk=pk).first():
                try:
                    outcome.changed += edit_claim(claim, by=job.owner, **facts).updated_at != claim.updated_at
                except BusinessRuleError as error:
                    outcome.refused.append((claim.number, str(error)))
            save_step(job, outcome, done=number, total=len(ids))
        yield number, len(ids)
    return outcome
