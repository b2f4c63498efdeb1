"""Stack frames of a page allocated beforehand, where Python itself allocates them again and again.

Up to 3.12 Python keeps frames in chunks of 16 KB, takes a new chunk from the system when a call crosses the end of one,
and gives it back when that call returns: a loop that calls across the end does so at every turn. Templates are rendered
deep in the stack; on a page with many rows that costs 20 to 40 % of its time. Later versions keep a chunk for the next
call: https://github.com/python/cpython/issues/142183.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

# A frame of so many words (120 KB) is given a chunk of 256 KB; what it calls has the rest.
FRAME_WORDS = 15_400

Result = TypeVar("Result")


def with_preallocated_frames(call: Callable[..., Result]) -> Callable[..., Result]:
    """Return `call` with room for the frames of a few hundred nested calls; on Python 3.13 and later, `call` itself."""
    if sys.version_info >= (3, 13):
        return call

    def call_in_large_frame(*args: object, **kwargs: object) -> Result:
        return call(*args, **kwargs)

    call_in_large_frame.__code__ = call_in_large_frame.__code__.replace(co_stacksize=FRAME_WORDS)
    return wraps(call)(call_in_large_frame)
