"""Stages, funnels and grounds are known to each process for a few seconds, and anew as soon as it changes one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from claims.models import Claim, Ground, Pipeline, Stage

from ..factories import ClaimFactory
from ..process_caches import load_all

pytestmark = pytest.mark.django_db


def test_claims_in_work_are_found_without_asking_for_the_stages_each_time(django_assert_num_queries):
    claim = ClaimFactory()
    assert list(Claim.objects.in_work()) == [claim]
    with django_assert_num_queries(1):
        assert list(Claim.objects.in_work()) == [claim]


def test_a_stage_that_becomes_a_final_one_is_in_work_no_more_at_once():
    claim = ClaimFactory()
    assert Claim.objects.in_work().exists()
    claim.stage.kind = Stage.Kind.REJECTED
    claim.stage.save()
    assert not Claim.objects.in_work().exists()


def test_a_stage_that_is_made_or_deleted_is_known_at_once():
    claim = ClaimFactory()
    before = Stage.of_kinds(Stage.Kind.OPEN)
    made = Stage.objects.create(pipeline=claim.pipeline, kind=Stage.Kind.OPEN, name_ru="Осмотр", name_en="Inspection")
    assert Stage.of_kinds(Stage.Kind.OPEN) == [*before, made.pk]
    made.delete()
    assert Stage.of_kinds(Stage.Kind.OPEN) == before


def test_the_stage_the_funnel_and_the_ground_of_a_claim_need_no_query(django_assert_num_queries):
    claim = ClaimFactory()
    load_all()
    with django_assert_num_queries(1):
        found = Claim.objects.get(pk=claim.pk)
        assert (found.stage, found.stage.pipeline, found.ground) == (claim.stage, found.pipeline, claim.ground)


def test_what_is_written_past_the_rows_themselves_is_known_at_once():
    claim = ClaimFactory()
    load_all()
    Pipeline.objects.update(currency="KZT")
    assert Claim.objects.get(pk=claim.pk).pipeline.currency == "KZT"
    load_all()
    [made] = Ground.objects.bulk_create([Ground(code="fire", name_ru="Пожар")])
    assert made.pk in Ground.cached()
    Ground.objects.filter(pk=made.pk).delete()
    assert made.pk not in Ground.cached()


def test_a_row_that_another_process_has_just_made_is_asked_for(django_assert_num_queries):
    claim = ClaimFactory()
    Stage.cached().pop(claim.stage_id)
    with django_assert_num_queries(2):
        assert Claim.objects.get(pk=claim.pk).stage == claim.stage


def test_a_stage_tells_of_its_funnel_as_it_is_now():
    claim = Claim.objects.get(pk=ClaimFactory().pk)
    assert claim.stage.pipeline.currency == "RUB"
    Pipeline.objects.update(currency="KZT")
    assert Claim.objects.get(pk=claim.pk).stage.pipeline.currency == "KZT"


@pytest.mark.django_db(transaction=True)
def test_what_others_read_before_the_commit_is_forgotten_with_it():
    pipeline = ClaimFactory().pipeline
    with transaction.atomic():
        Pipeline.objects.update(currency="KZT")
        with ThreadPoolExecutor(1) as other:
            other.submit(_read_elsewhere).result()
    assert Pipeline.cached()[pipeline.pk].currency == "KZT"


def _read_elsewhere() -> None:
    Pipeline.cached()
    connection.close()
