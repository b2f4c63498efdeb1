from celery import shared_task

from . import services


@shared_task
def continue_import(pk: int) -> None:
    """Read, write or undo the import that the bell rang for."""
    services.carry_on(pk)


@shared_task
def continue_imports() -> None:
    """Every quarter of a minute: go on with the imports that the bell missed or whose worker died."""
    services.carry_on_all()
