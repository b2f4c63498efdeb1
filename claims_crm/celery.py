"""The queue: Redis with many workers, or a folder and one worker. Only the environment differs."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "claims_crm.settings")

app = Celery("claims_crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def be_patient(**kwargs: Any) -> None:
    """Let the worker and the scheduler wait for a slow broker longer than a person's request may."""
    from django.conf import settings

    app.conf.broker_transport_options = settings.CELERY_WORKER_TRANSPORT_OPTIONS


@worker_init.connect
def keep_what_is_loaded(**kwargs: Any) -> None:
    """Look no more through what is loaded by now for what is not needed: as gunicorn.conf.py does."""
    gc.freeze()


@worker_ready.connect
def catch_up(**kwargs: Any) -> None:
    """Do at the start what the time of silence may have left undone."""
    for name in ("heartbeat", "sweep"):
        app.send_task(app.conf.beat_schedule[name]["task"])
