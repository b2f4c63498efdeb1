"""A number of queries that differs tells which ones."""

import pytest

from accounts.models import User
from claims.models import Client

from .queries import explain

pytestmark = pytest.mark.django_db


def test_what_differs_is_named_whatever_the_values_are(queries):
    few = queries(lambda: User.objects.filter(pk=1).first())
    many = queries(lambda: (User.objects.filter(pk=2).first(), Client.objects.count()))
    [line] = explain(few, many)
    assert line.startswith('1 × only on the right: SELECT COUNT(*) AS "__count" FROM "claims_client"')


def test_beside_a_number_all_are_named(queries):
    [line] = explain(queries(Client.objects.count), 3)
    assert "claims_client" in line
    assert explain(3, 4) is None
