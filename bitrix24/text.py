"""Texts for the portal: user text is escaped (HTML and BBCode), and our comments are marked as ours."""

from __future__ import annotations

import html
import re

# The origin of our objects in the portal, where they have a field for it.
ORIGIN = "rigel"
SUMMARY_MARK = "— Ригель, сводка"
_MARK = re.compile(r"— Ригель, (?:сводка|№(\d+))\s*$")
_BBCODE = re.compile(r"\[/?[a-zA-Z*][^\[\]]*\]")
_TAG = re.compile(r"<[^<>]+>")


def escape(text: str) -> str:
    """Return user text escaped, so that the portal shows it as it is."""
    return html.escape(text, quote=False).replace("[", "&#91;").replace("]", "&#93;")


def unescape(text: str) -> str:
    """Return the plain text of a comment written in the portal."""
    return html.unescape(_TAG.sub("", _BBCODE.sub("", text))).strip()


def comment_mark(pk: int) -> str:
    """Return the last line of our comment, which marks it as ours."""
    return f"— Ригель, №{pk}"


def is_ours(text: str) -> bool:
    """Return whether the comment was sent by us: comments have no field for our key."""
    return _MARK.search(text) is not None
