"""Long work that people ask for: done once, whoever dies, and its result waits for them."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from claims_crm.errors import BusinessRuleError
from jobs import engine as jobs
from jobs.kinds import KINDS, Kind, Outcome
from jobs.models import Job
from notifications.models import Notice

from .. import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga():
    return factories.specialist(username="olga")


@pytest.fixture
def kind(monkeypatch):
    """Declare a kind of work for the test, by what it does."""

    def declare(work, allowed=lambda _: True):
        monkeypatch.setitem(KINDS, "test", Kind("A test", allowed, work))

    return declare


def three_steps(job):
    for done in range(1, 4):
        yield done, 3
    return Outcome(changed=3)


def asked(user, **arguments):
    return jobs.start("test", by=user, **arguments)


def done(job):
    jobs.carry_on(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_is_done_from_its_row(olga, kind):
    kind(three_steps)
    job = asked(olga)
    jobs.carry_on_all()
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.changed) == ("done", 3, 3, 3)


def test_it_is_done_once_however_often_it_is_rung_for(olga, kind):
    calls = []
    kind(lambda job: calls.append(job) or three_steps(job))
    job = asked(olga)
    for _ in range(3):
        jobs.carry_on(job.pk)
    assert len(calls) == 1


def test_while_one_worker_is_at_it_another_does_not_begin(olga, kind):
    seen = []

    def work(job):
        seen.append(job.pk)
        jobs.carry_on(job.pk)
        yield 1, 1
        return Outcome()

    kind(work)
    job = done(asked(olga))
    assert (seen, job.status) == ([job.pk], "done")


def test_a_job_whose_worker_died_is_begun_anew(olga, kind):
    kind(three_steps)
    job = asked(olga)
    died = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(attempts=1, not_before=died, done=2)
    assert done(job).status == "done"


@pytest.mark.logs_errors
def test_a_job_that_fails_time_and_again_is_given_up(olga, kind, caplog):
    def work(job):
        yield 1, 2
        raise ZeroDivisionError

    kind(work)
    job = asked(olga)
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        assert job.is_waiting
        Job.objects.update(not_before=timezone.now())
        done(job)
    assert job.status == "failed"
    assert job.failure


def test_what_a_rule_refuses_is_told(olga, kind):
    def work(job):
        raise BusinessRuleError("No such month")
        yield

    kind(work)
    job = done(asked(olga))
    assert (job.status, job.failure) == ("failed", "No such month")


def test_it_is_asked_for_only_by_who_may(olga, kind):
    kind(three_steps, allowed=lambda _: False)
    with pytest.raises(PermissionDenied):
        asked(olga)
    assert not Job.objects.exists()


def test_a_right_lost_meanwhile_counts(olga, kind):
    kind(three_steps, allowed=lambda user: user.first_name == "Анна")
    job = asked(olga)
    olga.first_name = "Ольга"
    olga.save()
    assert done(job).status == "failed"


def test_a_stopped_job_goes_no_further(olga, kind):
    def work(job):
        yield 1, 2
        jobs.stop(job)
        yield 2, 2
        pytest.fail("went on")

    kind(work)
    assert done(asked(olga)).status == "cancelled"


def test_texts_are_in_the_language_of_who_asked(olga, kind):
    def work(job):
        yield 1, 1
        return Outcome(refused=[("1", str(translation.get_language()))])

    kind(work)
    with translation.override("en"):
        job = asked(olga)
    assert done(job).refused == [["1", "en"]]


def a_file(job):
    yield 1, 1
    return Outcome(file=io.BytesIO(b"content"), file_name="Выплаты.xlsx")


def test_the_file_is_taken_away_under_its_name(olga, kind, client):
    kind(a_file)
    job = done(asked(olga))
    client.force_login(olga)
    answer = client.get(f"/jobs/{job.pk}/file/")
    assert b"".join(answer.streaming_content) == b"content"
    assert "attachment" in answer["Content-Disposition"]
    assert "%D0%92" in answer["Content-Disposition"]


def test_a_job_is_its_owners_alone(olga, kind, client):
    kind(a_file)
    job = done(asked(olga))
    client.force_login(factories.administrator())
    assert {client.get(f"/jobs/{job.pk}/{part}").status_code for part in ("", "file/")} == {404}
    assert client.post(f"/jobs/{job.pk}/stop/").status_code == 404


def test_the_page_asks_again_while_the_job_is_being_done(olga, kind, client):
    kind(three_steps)
    job = asked(olga)
    client.force_login(olga)
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert "every 1s" in part.content.decode()
    assert "HX-Trigger" not in part


def test_who_watched_it_gets_the_file_by_itself(olga, kind, client):
    kind(a_file)
    job = done(asked(olga))
    client.force_login(olga)
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert "every 1s" not in part.content.decode()
    assert f'"file": "/jobs/{job.pk}/file/"' in part["HX-Trigger"]


def test_the_result_waits_in_the_bell_until_it_is_seen(olga, kind, client):
    kind(three_steps)
    job = done(asked(olga))
    assert Notice.objects.unread_count(olga) == 1
    client.force_login(olga)
    assert "A test" in client.get("/notices/").content.decode()
    client.get(job.get_absolute_url())
    assert Notice.objects.unread_count(olga) == 0


def test_one_may_stop_it_on_its_page(olga, kind, client):
    kind(three_steps)
    job = asked(olga)
    client.force_login(olga)
    client.post(f"/jobs/{job.pk}/stop/")
    assert done(job).status == "cancelled"


def test_old_results_are_forgotten_with_their_files(olga, kind):
    kind(a_file)
    old, fresh = done(asked(olga)), done(asked(olga))
    Job.objects.filter(pk=old.pk).update(ended_at=timezone.now() - jobs.KEPT_FOR - timedelta(hours=1))
    assert jobs.forget_old() == 1
    assert not default_storage.exists(old.file.name)
    assert default_storage.exists(fresh.file.name)
    assert Job.objects.get() == fresh
