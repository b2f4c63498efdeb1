"""Room for calls, where Python itself makes too little of it.

Up to 3.12 it keeps the frames of calls in pieces of 16 KB: a loop that calls across the end of one has a piece taken
from the operating system and given back at every turn. Pages are drawn deep in the stack, and lost up to a third of
their time to it. See https://github.com/python/cpython/issues/142183, mended in later versions.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

# A frame of so many words (120 KB) is given a piece of 256 KB; what it calls has the rest.
WORDS = 15_400

Result = TypeVar("Result")


def with_preallocated_frames(do: Callable[..., Result]) -> Callable[..., Result]:
    """Return `do`, which calls a few hundred deep without reaching the end of a piece."""

    def call(*args: object, **kwargs: object) -> Result:
        return do(*args, **kwargs)

    call.__code__ = call.__code__.replace(co_stacksize=WORDS)
    return wraps(do)(call)
