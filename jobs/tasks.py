from celery import shared_task

from . import engine

# An export of everything may take a while; less than the broker waits before it sends the message again.
LONG = {"soft_time_limit": 1500, "time_limit": 1600}


@shared_task(**LONG)
def continue_job(pk: int) -> None:
    """Do the job that has just been started."""
    engine.carry_on(pk)


@shared_task(**LONG)
def continue_jobs() -> None:
    """Every minute: do the jobs whose message was lost or whose worker died."""
    engine.carry_on_all()


@shared_task
def forget_old_jobs() -> None:
    """Every night: remove results that are no longer needed."""
    engine.forget_old()
