"""What people write is plain text: its web addresses become links, those it mentions stand out, nothing else."""

import re
from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

ADDRESS = r"(?:https?://|www\.)[^\s<>\"]+"
# All that a user name may have, an e-mail address too; a point after it ends the sentence.
MENTION = r"(?<![\w@/.])@[\w.@+-]*\w"
LINKS = re.compile(f"({ADDRESS})|({MENTION})", re.IGNORECASE)
AFTER_ADDRESS = ".,;:!?'»…*"


def mentioned_in(text: str) -> set[str]:
    """Return the user names that `text` mentions as @username."""
    return {match[2][1:] for match in LINKS.finditer(text) if match[2]}


def by_name(text: str, mentioned: Mapping[str, str]) -> str:
    """Plain text with those mentioned ({username: name}) by their names, for where nothing can stand out."""
    return LINKS.sub(lambda match: match[1] or f"@{mentioned.get(match[2][1:], match[2][1:])}", text)


def linkify(text: str, mentioned: Mapping[str, str] | None = None) -> SafeString:
    """Plain text with its web addresses clickable; `mentioned` ({username: name}) stand out by name.

    Everything is escaped; only http and https become links.
    """
    out, end = [], 0
    for match in LINKS.finditer(text):
        out.append(format_html("{}", text[end : match.start()]))
        out.append(_link(match[1]) if match[1] else _mention(match[2], mentioned or {}))
        end = match.end()
    out.append(format_html("{}", text[end:]))
    return format_html_join("", "{}", ((part,) for part in out))


def _link(found: str) -> SafeString:
    address = found.rstrip(AFTER_ADDRESS)
    if address.endswith(")") and "(" not in address:
        address = address.rstrip(")" + AFTER_ADDRESS)
    href = address if "://" in address else f"https://{address}"
    return format_html(
        '<a class="link" href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>{}',
        href,
        address,
        found[len(address) :],
    )


def _mention(found: str, mentioned: Mapping[str, str]) -> SafeString:
    name = mentioned.get(found[1:])
    return format_html('<span class="mention">@{}</span>', name) if name else format_html("{}", found)
