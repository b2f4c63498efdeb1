"""Preallocated frames: `claims_crm.web.frame_preallocation`."""

import resource
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from claims_crm.web.frame_preallocation import with_preallocated_frames

CALLS = 500

needed = pytest.mark.skipif(sys.version_info >= (3, 13), reason="Python keeps a chunk itself")


def count_page_faults(depth: int) -> int:
    """Call a function again and again from `depth` calls deep; return how often memory was taken from the system."""
    if depth:
        return count_page_faults(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        do_nothing()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def do_nothing() -> None:
    pass


# Larger than a frame of `count_page_faults`, so that at some depth it crosses the end of a chunk.
do_nothing.__code__ = do_nothing.__code__.replace(co_stacksize=100)


def worst_of_all_depths(call) -> int:
    """Return the most page faults of any depth, in a thread, whose stack begins empty."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: max(call(depth) for depth in range(300))).result()


@needed
def test_without_preallocation_every_call_at_some_depth_allocates():
    assert worst_of_all_depths(count_page_faults) >= CALLS


@needed
def test_with_preallocation_no_depth_allocates_at_every_call():
    assert worst_of_all_depths(with_preallocated_frames(count_page_faults)) < CALLS // 10


def test_the_callable_keeps_its_name_arguments_and_result():
    assert with_preallocated_frames(count_page_faults).__name__ == "count_page_faults"
    assert with_preallocated_frames(divmod)(7, 2) == (3, 1)


def test_later_versions_of_python_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 13))
    assert with_preallocated_frames(count_page_faults) is count_page_faults
