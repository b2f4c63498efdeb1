"""Long work on many claims at once."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from claims_crm.errors import BusinessRuleError
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
    """Write the table as its address (`query`) shows it, all of it."""
    listing = Listing.from_query(QueryDict(job.arguments["query"]), job.owner)
    columns = sheet_columns(listing.columns)
    return (yield from to_excel(_("Claims"), columns, listing.iterate(), total=listing.claims.count()))


@job("claims.reassign", title=gettext_lazy("Reassigning claims"), allowed=permissions.can_reassign)
def reassign(job: Job) -> Steps:
    """Put other people into the chosen claims (`facts`: {"specialist": id, "accountant": id}, either or both):
    those of the ids `claims`, or all that the table shows at `query`.
    """
    facts = {name: User.objects.get(pk=pk) for name, pk in job.arguments["facts"].items()}
    outcome = Outcome()
    ids = chosen_ids(job)
    for number, pk in enumerate(ids, start=1):
        claim = Claim.objects.get(pk=pk)
        try:
            outcome.changed += edit_claim(claim, by=job.owner, **facts).updated_at != claim.updated_at
        except BusinessRuleError as error:
            outcome.refused.append((claim.number, str(error)))
        yield number, len(ids)
    return outcome


def chosen_ids(job: Job) -> list[int]:
    if "claims" in job.arguments:
        chosen = Claim.objects.visible_to(job.owner).filter(pk__in=job.arguments["claims"])
    else:
        chosen = Listing.from_query(QueryDict(job.arguments["query"]), job.owner).claims
    return list(chosen.order_by("pk").values_list("pk", flat=True))
