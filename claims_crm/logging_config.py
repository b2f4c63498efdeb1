"""What is logged, and how: one line a record, to the console."""

from __future__ import annotations

from typing import Any


def logging_config(*, level: str) -> dict[str, Any]:
    """Return the setting LOGGING; `level` holds for everything but what would be noise or tell a secret."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "filters": {
            # A probe that asks every second would write as often that it was told of an illness.
            "no_probes": {
                "()": "django.utils.log.CallbackFilter",
                "callback": lambda record: not record.getMessage().endswith("/readyz"),
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_probes"]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # Said once at its start, with the broker's address.
            "kombu": {"level": "WARNING"},
            # They would write each address they call, and in it the secret of a webhook.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
