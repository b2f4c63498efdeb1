"""What each process knows for a while of small tables: see `claims_crm.remembered`."""

from django.apps import apps

from claims_crm.remembered import Remembered


def remembered() -> list[type[Remembered]]:
    return [model for model in apps.get_models() if issubclass(model, Remembered)]


def forget_all() -> None:
    for model in remembered():
        model.forget()


def know_all() -> None:
    """Ask now, so that what is measured need not."""
    for model in remembered():
        model.known()
