"""What each process knows for a while of small tables: see `claims_crm.db.cached_model`."""

from django.apps import apps

from claims_crm.db.cached_model import CachedModel


def cached_models() -> list[type[CachedModel]]:
    return [model for model in apps.get_models() if issubclass(model, CachedModel)]


def invalidate_all() -> None:
    for model in cached_models():
        model.invalidate()


def load_all() -> None:
    """Ask now, so that what is measured need not."""
    for model in cached_models():
        model.cached()
