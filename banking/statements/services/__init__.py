"""Services of bank statements: upload, read and match, rematch, decide, post, undo.

Reading, matching, posting and undoing run as jobs (`banking/jobs.py`); each resumes from what its rows say.
"""

from .decisions import agree, agree_all, choose, confirm_same, drop, ignore
from .posting import post, post_steps, totals
from .reading import discard, read, read_steps, upload
from .rematch import lines_to_rematch, rematch, rematch_steps
from .returns import accept_return, return_reason
from .undoing import undo, undo_line, undo_steps

__all__ = [
    "accept_return",
    "agree",
    "agree_all",
    "choose",
    "confirm_same",
    "discard",
    "drop",
    "ignore",
    "lines_to_rematch",
    "post",
    "post_steps",
    "read",
    "read_steps",
    "rematch",
    "rematch_steps",
    "return_reason",
    "totals",
    "undo",
    "undo_line",
    "undo_steps",
    "upload",
]
