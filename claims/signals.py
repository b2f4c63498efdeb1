"""What the floors above may listen to. All are sent inside the transaction of the change;
a receiver that raises `RuleBroken` refuses it whole.
"""

from django.dispatch import Signal

# claim, by
claim_created = Signal()
# claim, changes: {field: [before, after]}, by
claim_edited = Signal()
# claim, before: Stage, after: Stage, by (None: by itself), reason
stage_moved = Signal()
# entry: TimelineEntry, mentioned: list[User]
comment_added = Signal()
# claims: {Claim: list[Part]} freshly written by a register import, by
claims_imported = Signal()
# claim_ids, about to be removed as their import is undone
import_undone = Signal()
