"""What is done with a statement: sent, read and matched, matched anew, looked through, posted, undone.

Reading, matching, posting and undoing are a worker's (`payments/jobs.py`): each goes on from where the rows say it is.
"""

from .choosing import agree, agree_all, choose, drop, set_aside
from .finding import find_again, find_again_steps, to_find_again
from .posting import post, post_steps, totals
from .reading import discard, read, read_steps, upload
from .undoing import undo, undo_steps

__all__ = [
    "agree",
    "agree_all",
    "choose",
    "discard",
    "drop",
    "find_again",
    "find_again_steps",
    "post",
    "post_steps",
    "read",
    "read_steps",
    "set_aside",
    "to_find_again",
    "totals",
    "undo",
    "undo_steps",
    "upload",
]
