import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from claims_crm.web.frame_preallocation import with_preallocated_frames

CALLS = 500


def called(depth: int) -> int:
    """Call again and again from `depth` calls deep; return how often new memory was taken from the system for it."""
    if depth:
        return called(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        nothing()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def nothing() -> None:
    pass


# Larger than a frame of `called`: whatever stood before, one of its depths ends too near to the end of a piece.
nothing.__code__ = nothing.__code__.replace(co_stacksize=100)


def worst(call: Callable[[int], int]) -> int:
    return max(call(depth) for depth in range(300))


def in_a_thread(do: Callable[[], int]) -> int:
    """Do it on a stack of its own: the test itself is called with room."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(do).result()


def test_no_depth_takes_memory_anew_at_every_call() -> None:
    assert in_a_thread(lambda: worst(with_preallocated_frames(called))) < CALLS // 10


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="mended in Python")
def test_without_room_some_depth_does() -> None:
    assert in_a_thread(lambda: worst(called)) >= CALLS


def test_the_callable_keeps_its_name_and_what_it_is_given() -> None:
    assert with_preallocated_frames(called).__name__ == "called"
    assert with_preallocated_frames(divmod)(7, 2) == (3, 1)
