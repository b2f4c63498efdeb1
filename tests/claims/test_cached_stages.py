"""The kinds of stages: cached by each process for a few seconds, and loaded again as soon as it changes one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from claims.models import Claim, Stage

from ..factories import ClaimFactory
from ..process_caches import load_all

pytestmark = pytest.mark.django_db


def test_claims_in_work_are_found_without_asking_for_the_stages_each_time(django_assert_num_queries):
    claim = ClaimFactory()
    assert list(Claim.objects.in_work()) == [claim]
    with django_assert_num_queries(1):
        assert list(Claim.objects.in_work()) == [claim]


def test_a_claim_whose_stage_becomes_final_is_not_in_work_from_then_on():
    claim = ClaimFactory()
    assert Claim.objects.in_work().exists()
    claim.stage.kind = Stage.Kind.REJECTED
    claim.stage.save()
    assert not Claim.objects.in_work().exists()


def test_a_stage_that_is_created_or_deleted_is_seen_immediately():
    claim = ClaimFactory()
    before = Stage.of_kinds(Stage.Kind.OPEN)
    added = Stage.objects.create(pipeline=claim.pipeline, kind=Stage.Kind.OPEN, name_ru="Осмотр", name_en="Inspection")
    assert Stage.of_kinds(Stage.Kind.OPEN) == [*before, added.pk]
    added.delete()
    assert Stage.of_kinds(Stage.Kind.OPEN) == before


def test_bulk_changes_are_seen_immediately():
    claim = ClaimFactory()
    load_all()
    Stage.objects.filter(pk=claim.stage_id).update(kind=Stage.Kind.REJECTED)
    assert claim.stage_id in Stage.of_kinds(Stage.Kind.REJECTED)
    [added] = Stage.objects.bulk_create([Stage(pipeline=claim.pipeline, kind=Stage.Kind.OPEN, name_ru="Осмотр")])
    assert added.pk in Stage.of_kinds(Stage.Kind.OPEN)
    Stage.objects.filter(pk=added.pk).delete()
    assert added.pk not in Stage.of_kinds(Stage.Kind.OPEN)


@pytest.mark.django_db(transaction=True)
def test_what_another_thread_cached_before_the_commit_is_loaded_again_after_it():
    stage = ClaimFactory().stage
    with transaction.atomic():
        Stage.objects.filter(pk=stage.pk).update(kind=Stage.Kind.REJECTED)
        with ThreadPoolExecutor(1) as other:
            other.submit(_load_elsewhere).result()
    assert stage.pk in Stage.of_kinds(Stage.Kind.REJECTED)


def _load_elsewhere() -> None:
    Stage.cached()
    connection.close()


def test_the_kind_of_a_locked_claims_stage_needs_no_query(django_assert_num_queries):
    claim = Claim.objects.lock(ClaimFactory().pk)
    load_all()
    with django_assert_num_queries(0):
        assert (claim.stage_kind, claim.is_final) == (Stage.Kind.OPEN, False)


def test_a_stage_that_another_process_has_just_created_is_found():
    claim = ClaimFactory()
    Stage.cached().pop(claim.stage_id)
    assert claim.stage_kind == Stage.Kind.OPEN
