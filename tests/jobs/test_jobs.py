"""Long work that people ask for: done once, whoever dies, and its result waits for them."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
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
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_is_done_from_its_row(olga, kind):
    kind(three_steps)
    job = asked(olga)
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.changed) == ("done", 3, 3, 3)


def test_it_is_done_once_however_often_it_is_rung_for(olga, kind):
    calls = []
    kind(lambda job: calls.append(job) or three_steps(job))
    job = asked(olga)
    for _ in range(3):
        jobs.run(job.pk)
    assert len(calls) == 1


def test_while_one_worker_is_at_it_another_does_not_begin(olga, kind):
    seen = []

    def work(job):
        seen.append(job.pk)
        jobs.run(job.pk)
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
    for _ in range(jobs.MAX_ATTEMPTS + 1):
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
    assert jobs.delete_old() == 1
    assert not default_storage.exists(old.file.name)
    assert default_storage.exists(fresh.file.name)
    assert Job.objects.get() == fresh


# what is confirmed


def test_a_draft_is_not_run_before_it_is_confirmed(olga, kind):
    kind(three_steps)
    draft = jobs.draft("test", by=olga, ids=[1, 2])
    jobs.run_waiting()
    draft.refresh_from_db()
    assert (draft.status, draft.attempts) == ("draft", 0)
    jobs.confirm("test", str(draft.pk), by=olga, paid_on="2026-05-31")
    assert done(draft).status == "done"
    assert draft.arguments == {"ids": [1, 2], "paid_on": "2026-05-31"}


def test_a_draft_confirmed_twice_is_one_job_as_it_was_confirmed_first(olga, kind):
    kind(three_steps)
    draft = jobs.draft("test", by=olga)
    first = jobs.confirm("test", str(draft.pk), by=olga, paid_on="2026-05-31")
    again = jobs.confirm("test", str(draft.pk), by=olga, paid_on="2026-06-30")
    assert again == first == Job.objects.get()
    assert again.arguments == {"paid_on": "2026-05-31"}


@pytest.mark.parametrize("pk", ["", "x", "²", "9" * 30, "999999"])
def test_what_is_no_draft_is_refused(olga, kind, pk):
    kind(three_steps)
    with pytest.raises(jobs.DraftLost):
        jobs.confirm("test", pk, by=olga)


def test_a_draft_is_its_owners_and_of_its_kind(olga, kind, monkeypatch, client):
    kind(three_steps)
    monkeypatch.setitem(KINDS, "other", Kind("Other", lambda _: True, three_steps))
    draft = jobs.draft("test", by=olga)
    with pytest.raises(jobs.DraftLost):
        jobs.confirm("test", str(draft.pk), by=factories.administrator())
    with pytest.raises(jobs.DraftLost):
        jobs.confirm("other", str(draft.pk), by=olga)
    client.force_login(olga)
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_drafts_are_deleted_the_next_day(olga, kind):
    kind(three_steps)
    old, fresh = jobs.draft("test", by=olga), jobs.draft("test", by=olga)
    Job.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    jobs.delete_old()
    assert Job.objects.get() == fresh


# steps that are saved


@pytest.fixture
def steps(monkeypatch):
    """Declare a kind of four saved steps, the second of which is refused; return the steps that were taken."""
    taken = []
    hooks = {}

    def work(job):
        outcome = Outcome.so_far(job)
        for number in range(job.done + 1, 5):
            with transaction.atomic():
                taken.append(number)
                if number == 2:
                    outcome.refused.append(("П-2", "Отменена"))
                else:
                    outcome.changed += 1
                if number in hooks:
                    hooks[number](job)
                jobs.save_step(job, outcome, done=number, total=4)
            yield number, 4
        return outcome

    monkeypatch.setitem(KINDS, "test", Kind("A test", lambda _: True, work, saves_steps=True))
    return taken, hooks


def fall(error):
    def hook(job):
        raise error

    return hook


@pytest.mark.logs_errors
def test_a_job_that_saves_its_steps_goes_on_where_it_failed(olga, steps):
    taken, hooks = steps
    hooks[3] = fall(ZeroDivisionError)
    job = done(asked(olga))
    assert (job.status, job.done, job.changed, job.last_error) == ("waiting", 2, 1, "ZeroDivisionError")
    hooks.clear()
    Job.objects.update(not_before=timezone.now())
    job = done(job)
    assert taken == [1, 2, 3, 3, 4]
    assert (job.status, job.done, job.changed) == ("done", 4, 3)
    assert job.refused == [["П-2", "Отменена"]]


@pytest.mark.logs_errors
def test_a_job_given_up_tells_the_true_reason_and_what_was_done(olga, steps, client):
    _taken, hooks = steps
    hooks[3] = fall(ZeroDivisionError)
    job = asked(olga)
    for _ in range(jobs.MAX_ATTEMPTS + 2):
        Job.objects.update(not_before=timezone.now())
        done(job)
    assert job.status == "failed"
    client.force_login(olga)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "ZeroDivisionError" in page
    assert "Обработано 2 из 4: изменена 1 строка." in page
    assert "2 строки не тронуты." in page
    assert "П-2" in page


@pytest.mark.logs_errors
def test_a_job_whose_worker_was_killed_each_time_says_so(olga, kind):
    kind(three_steps)
    job = asked(olga)
    Job.objects.update(attempts=jobs.MAX_ATTEMPTS)
    assert "прервалась 3 раза" in done(job).failure


def test_a_step_begun_after_the_stop_is_rolled_back(olga, monkeypatch, client):
    def work(job):
        outcome = Outcome.so_far(job)
        for number in (1, 2):
            if number == 2:
                jobs.stop(job)
            with transaction.atomic():
                outcome.changed += 1
                olga.first_name = f"step {number}"
                olga.save()
                jobs.save_step(job, outcome, done=number, total=2)
            yield number, 2
        return outcome

    monkeypatch.setitem(KINDS, "test", Kind("A test", lambda _: True, work, saves_steps=True))
    job = done(asked(olga))
    assert (job.status, job.done, job.changed) == ("cancelled", 1, 1)
    olga.refresh_from_db()
    assert olga.first_name == "step 1"
    client.force_login(olga)
    assert "Обработано 1 из 2: изменена 1 строка." in client.get(job.get_absolute_url()).content.decode()


def test_a_stopped_job_says_how_far_it_came(olga, kind, client):
    kind(three_steps)
    job = asked(olga)
    Job.objects.update(done=1, total=3)
    jobs.stop(job)
    client.force_login(olga)
    assert "Сделано 1 из 3" in client.get(job.get_absolute_url()).content.decode()
