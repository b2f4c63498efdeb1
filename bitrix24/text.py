"""Texts as the portal shows them: BBCode and HTML of people's own stay text, and ours can be told from others'."""

from __future__ import annotations

import html
import re

# Every object of ours there says so, where it has a field for it.
ORIGIN = "rigel"
SUMMARY_MARK = "— Ригель, сводка"
_MARK = re.compile(r"— Ригель, (?:сводка|№(\d+))\s*$")
_BBCODE = re.compile(r"\[/?[a-zA-Z*][^\[\]]*\]")
_TAG = re.compile(r"<[^<>]+>")


def escape(text: str) -> str:
    """Return people's text so that the portal shows it as it is."""
    return html.escape(text, quote=False).replace("[", "&#91;").replace("]", "&#93;")


def unescape(text: str) -> str:
    """Return the plain text of what was written there."""
    return html.unescape(_TAG.sub("", _BBCODE.sub("", text))).strip()


def comment_mark(pk: int) -> str:
    return f"— Ригель, №{pk}"


def is_ours(text: str) -> bool:
    """Tell whether the comment was sent from here: comments there have no field for a key of ours."""
    return _MARK.search(text) is not None
