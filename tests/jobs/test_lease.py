"""A lease on a row: one worker at a time, renewed while it works, free again when the worker dies."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from jobs.lease import LeaseLost, take, take_all
from jobs.models import Job

from .. import factories
from ..concurrency import at_once

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 5, 31, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    """The clock, which stands still unless it is shifted."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def job(clock, db):
    return Job.objects.create(kind="test", owner=factories.specialist(), language="ru")


def waiting():
    return Job.objects.filter(status=Job.Status.WAITING)


def take_it(job):
    return take(waiting(), job.pk, duration=MINUTE)


def test_a_taken_row_is_not_taken_again_before_its_time(job, clock):
    lease = take_it(job)
    assert lease.row == job
    assert lease.until == NOON + MINUTE
    clock.shift(59)
    assert take_it(job) is None


def test_the_row_of_a_worker_that_died_is_taken_when_its_time_is_over(job, clock):
    take_it(job)
    clock.shift(60)
    assert take_it(job).row.attempts == 2


def test_a_renewed_lease_lasts_from_now_on(job, clock):
    lease = take_it(job)
    clock.shift(59)
    lease.renew()
    clock.shift(59)
    assert take_it(job) is None
    clock.shift(1)
    assert take_it(job)


def test_values_are_written_with_the_lease(job):
    lease = take_it(job)
    assert lease.renew(done=3).done == 3
    job.refresh_from_db()
    assert (job.done, job.not_before) == (3, lease.until)


def test_who_was_away_too_long_writes_nothing_more(job, clock):
    late = take_it(job)
    clock.shift(61)
    take_it(job)
    with pytest.raises(LeaseLost):
        late.renew(done=9)
    with pytest.raises(LeaseLost):
        late.release(done=9)
    job.refresh_from_db()
    assert job.done == 0


def test_a_late_worker_goes_on_where_the_row_was_not_taken_by_another(job, clock):
    lease = take_it(job)
    clock.shift(61)
    assert lease.renew().pk == job.pk


def test_a_row_that_no_longer_fits_the_query_is_lost(job):
    lease = take_it(job)
    Job.objects.update(status=Job.Status.CANCELLED, ended_at=timezone.now())
    with pytest.raises(LeaseLost):
        lease.renew()


def test_a_renewal_that_is_rolled_back_does_not_lose_the_lease(job, clock):
    lease = take_it(job)
    for _ in range(3):
        clock.shift(1)
        with transaction.atomic():
            lease.renew(done=9)
            transaction.set_rollback(True)
    assert lease.renew().done == 0


def test_a_released_row_is_free_at_once(job, clock):
    take_it(job).release()
    assert take_it(job)


def test_a_released_row_may_be_delayed(job, clock):
    take_it(job).release(not_before=NOON + 5 * MINUTE)
    clock.shift(299)
    assert take_it(job) is None
    clock.shift(1)
    assert take_it(job)


def test_attempts_are_not_counted_where_they_are_not_wanted(job):
    assert take(waiting(), job.pk, duration=MINUTE, attempts=None).row.attempts == 0


def test_a_row_that_is_not_among_those_asked_for_is_not_taken(job):
    assert take(waiting().filter(kind="another"), job.pk, duration=MINUTE) is None
    assert take_it(job)


def test_of_several_rows_those_that_are_due_are_taken(job, clock):
    other = Job.objects.create(kind="test", owner=job.owner, language="ru", not_before=NOON + MINUTE)
    assert take_all(waiting(), duration=MINUTE) == [job]
    assert take_all(waiting(), duration=MINUTE) == []
    clock.shift(60)
    assert {row.pk: row.attempts for row in take_all(waiting(), duration=MINUTE)} == {job.pk: 2, other.pk: 1}


@pytest.mark.django_db(transaction=True)
def test_of_many_that_try_at_once_one_takes_it():
    job = Job.objects.create(kind="test", owner=factories.specialist(), language="ru")
    leases = at_once(*[lambda: take_it(job)] * 8)
    assert len([lease for lease in leases if lease is not None]) == 1
