from .claims import create_claim, create_client, edit_claim, edit_client, next_number
from .discussion import attach, comment, edit_comment, remove_attachment
from .pipelines import create_default_stages
from .search import index_claims, index_clients
from .stages import advance, check_move, close_imported, move
from .timeline import record

__all__ = [
    "advance",
    "attach",
    "check_move",
    "close_imported",
    "comment",
    "create_claim",
    "create_client",
    "create_default_stages",
    "edit_claim",
    "edit_client",
    "edit_comment",
    "index_claims",
    "index_clients",
    "move",
    "next_number",
    "record",
    "remove_attachment",
]
