"""How a page is asked for, and what it says."""

import json
import re

from django.urls import reverse

WORKLIST = "/payments/"


def from_page(page: str, target: str = "") -> dict[str, str]:
    """Headers of a request that htmx sends from the page."""
    headers = {"HX-Request": "true", "X-Page": page}
    return headers | ({"HX-Target": target} if target else {})


def tab_of(claim) -> str:
    return reverse("payments:claim", args=[claim.pk])


def text_of(response) -> str:
    """What the page says, without markup and with plain spaces."""
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).replace("\u00a0", " ").split())


def toast_of(response) -> dict:
    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    return {**toast, "text": toast["text"].replace("\u00a0", " ")}
