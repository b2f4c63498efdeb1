"""What the floors above may listen to."""

from django.dispatch import Signal

# change: Change (`claims/changes.py`), whose balances and stages are up to date. Sent once, inside the transaction of
# the change. Listens: notifications (tasks and notices); it may record more events.
claim_changes = Signal()
# change: Change with all its events; who listens only passes them on. Listen: webhooks, bitrix24.
claim_changes_final = Signal()
# request, claim: the claim's page is about to be shown; return what the floor above adds to its context, with
# "cards": the templates of its cards beside the timeline
claim_page_requested = Signal()
# request, data: what the form of a new claim was sent with, or None; return the floor above's part of it, a `FormPart`
new_claim_requested = Signal()
