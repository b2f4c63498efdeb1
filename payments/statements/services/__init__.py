"""What is done with a statement: sent, read and matched, looked through, posted, undone.

Reading, posting and undoing are a worker's (`payments/jobs.py`): each goes on from where the rows say it is.
"""

from .choosing import agree, agree_all, choose, drop, set_aside
from .posting import post, post_steps, totals
from .reading import discard, read, read_steps, upload
from .undoing import undo, undo_steps

__all__ = [
    "agree",
    "agree_all",
    "choose",
    "discard",
    "drop",
    "post",
    "post_steps",
    "read",
    "read_steps",
    "set_aside",
    "totals",
    "undo",
    "undo_steps",
    "upload",
]
