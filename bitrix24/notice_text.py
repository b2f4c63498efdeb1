"""The notice to administrators that the mirror has stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.notice_text import NoticeText, describes_trouble

if TYPE_CHECKING:
    from notifications.models import Notice


@describes_trouble("bitrix24_stopped")
def stopped(notice: Notice) -> NoticeText:
    """Return the text of the notice."""
    text = _("The mirror to Bitrix24 has stopped: changes wait and will be sent.")
    return NoticeText(text, notice.data["error"], reverse("bitrix24:status"))
