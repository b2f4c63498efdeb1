from .board import board, move_on_board
from .claim import edit, edit_client_of, history, move_claim, reason, timeline
from .discussion import add_comment, download, files, remove_file
from .listing import claim_list
from .registration import answer_by, client_fields, clients, create

__all__ = [
    "add_comment",
    "answer_by",
    "board",
    "claim_list",
    "client_fields",
    "clients",
    "create",
    "download",
    "edit",
    "edit_client_of",
    "files",
    "history",
    "move_claim",
    "move_on_board",
    "reason",
    "remove_file",
    "timeline",
]
