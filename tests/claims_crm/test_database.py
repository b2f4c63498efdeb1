import pytest
from django.db import connection

from claims_crm.tasks import analyze

from ..factories import ClaimFactory

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "sqlite", reason="learns by itself")
def test_sqlite_learns_each_night_how_its_rows_are_spread():
    claims = [ClaimFactory() for _ in range(3)]
    analyze()
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'claims_claim' AND idx = 'claim_by_stage'")
        [(told,)] = cursor.fetchall()
    assert told.split()[0] == str(len(claims))


@pytest.mark.skipif(connection.vendor == "sqlite", reason="it has to be told")
def test_postgresql_is_left_to_itself(django_assert_num_queries):
    with django_assert_num_queries(0):
        analyze()
