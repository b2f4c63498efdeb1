from .claims import create_claim, edit_claim, edit_client, index, next_number
from .discussion import attach, comment, remove_attachment
from .stages import check_move, move, move_to_kind
from .timeline import record

__all__ = [
    "attach",
    "check_move",
    "comment",
    "create_claim",
    "edit_claim",
    "edit_client",
    "index",
    "move",
    "move_to_kind",
    "next_number",
    "record",
    "remove_attachment",
]
