from celery import shared_task

from . import engine

# An export of everything may take a while; less than the broker waits before it sends the message again.
TIME_LIMITS = {"soft_time_limit": 1500, "time_limit": 1600}


@shared_task(**TIME_LIMITS)
def continue_job(pk: int) -> None:
    """Run the job that has just been started."""
    engine.run(pk)


@shared_task(**TIME_LIMITS)
def continue_jobs() -> None:
    """Every minute: run the jobs whose message was lost or whose worker died."""
    engine.run_waiting()


@shared_task
def delete_old_jobs() -> None:
    """Every night: delete old results and drafts."""
    engine.delete_old()
