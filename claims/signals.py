"""What the floors above may listen to. All are sent inside the transaction of the change;
a receiver that raises `BusinessRuleError` refuses it whole.
"""

from django.dispatch import Signal

# claim, by
claim_created = Signal()
# claim, changes: {field: [before, after]}, by
claim_edited = Signal()
# claims: of one funnel, after: the Stage they all stand in now, by, by_itself: the funnel's automation has moved them,
# and whoever had it do so tells the rest
claims_moved = Signal()
# entry: TimelineEntry, mentioned: list[User]; written, or written anew
comment_added = Signal()
# request, claim: the claim's page is about to be shown; return what the floor above adds to its context, with
# "cards": the templates of its cards beside the timeline
claim_page_requested = Signal()
# request, data: what the form of a new claim was sent with, or None; return the floor above's part of it, a `FormPart`
new_claim_requested = Signal()
