from .board import board, move_on_board
from .changes import changes
from .claim import edit, edit_client_of, history, move_claim, reason, timeline
from .discussion import add_comment, edit_comment_of
from .files import download, files, preview, remove_file, show_file
from .listing import claim_list, export, keep_columns, reassign
from .registration import answer_by, client_fields, clients, create

__all__ = [
    "add_comment",
    "answer_by",
    "board",
    "changes",
    "claim_list",
    "client_fields",
    "clients",
    "create",
    "download",
    "edit",
    "edit_client_of",
    "edit_comment_of",
    "export",
    "files",
    "history",
    "keep_columns",
    "move_claim",
    "move_on_board",
    "preview",
    "reason",
    "reassign",
    "remove_file",
    "show_file",
    "timeline",
]
