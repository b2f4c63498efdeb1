"""What administrators are told when the mirror stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.wording import Words, trouble

if TYPE_CHECKING:
    from notifications.models import Notice


@trouble("bitrix24_stopped")
def stopped(notice: Notice) -> Words:
    text = _("Nothing goes to Bitrix24: what is done here waits and will be sent.")
    return Words(text, notice.data["error"], reverse("bitrix24:status"))
