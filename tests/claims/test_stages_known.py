"""Which stages are in work is known to each process for a few seconds, and anew as soon as it changes one."""

import pytest

from claims.models import Claim, Stage

from ..factories import ClaimFactory

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
