"""Where sessions are kept: Django's own engine for the database, whose rows also say whose device it is.

A request costs what it did before, one query for the session. When someone was last seen is written every few
minutes at most.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from .ip import ip_of
from .models import Session
from .models.sessions import SEEN_EVERY

FACTS = "device"


class SessionStore(DatabaseStore):
    """Imported by Django from the module that SESSION_ENGINE names."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row: Session | None = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        now = timezone.now()
        if row.user_id and now - row.seen_at >= SEEN_EVERY:
            # Not worth refusing a page for.
            with suppress(DatabaseError):
                Session.objects.filter(pk=row.pk).update(seen_at=now)
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        if SESSION_KEY in data and FACTS in data:
            facts = data[FACTS]
            row.user_id = int(data[SESSION_KEY])
            row.device = facts["id"]
            row.user_agent = facts["user_agent"]
            row.ip = facts["ip"]
            row.signed_in_at = datetime.fromisoformat(facts["signed_in_at"])
        return row


def note_device(request: HttpRequest) -> None:
    """Write into the session what device someone has just signed in on."""
    request.session[FACTS] = {
        "id": str(uuid.uuid4()),
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:400],
        "ip": ip_of(request),
        "signed_in_at": timezone.now().isoformat(),
    }
