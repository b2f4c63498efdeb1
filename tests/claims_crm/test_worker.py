import pytest
from django.core.cache import cache
from django.db import transaction

from claims_crm.dispatch import enqueue_on_commit
from claims_crm.tasks import heartbeat
from claims_crm.web.health import HEARTBEAT
from tests.conftest import wait_for


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_bell_is_heard_by_a_real_worker_through_a_real_broker(celery_worker):
    cache.delete(HEARTBEAT)

    with transaction.atomic():
        enqueue_on_commit(heartbeat)

    wait_for(lambda: cache.get(HEARTBEAT), "the worker's heartbeat")
