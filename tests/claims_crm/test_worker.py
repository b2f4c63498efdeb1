import pytest
from django.core.cache import cache
from django.db import transaction

from claims_crm.bell import ring
from claims_crm.health import HEARTBEAT
from claims_crm.tasks import heartbeat
from tests.conftest import wait_for


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_bell_is_heard_by_a_real_worker_through_a_real_broker(celery_worker):
    cache.delete(HEARTBEAT)

    with transaction.atomic():
        ring(heartbeat)

    wait_for(lambda: cache.get(HEARTBEAT), "the worker's heartbeat")
