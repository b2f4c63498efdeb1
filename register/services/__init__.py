"""What is done with a register: sent, read, written, undone.

The reading, writing and undoing are a worker's. `running.carry_on` goes on with an import from where its rows say
it is, as often as it is called, by any number at once.
"""

from .importing import start
from .reading import answer, change_mapping, decide, discard, read, upload
from .running import carry_on, carry_on_all
from .undoing import touched, undo

__all__ = [
    "answer",
    "carry_on",
    "carry_on_all",
    "change_mapping",
    "decide",
    "discard",
    "read",
    "start",
    "touched",
    "undo",
    "upload",
]
