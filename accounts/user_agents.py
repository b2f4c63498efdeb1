"""Names of a browser and its system, from the User-Agent header.

Browsers pretend to be one another: Edge says it is Chrome, which says it is Safari. So the order counts, the
most specific first. An unknown one is no error.
"""

from django.utils.translation import gettext as _

BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("Edg", "Edge"),  # Edg/, EdgA/, EdgiOS/
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
HANDHELD = {"iPhone", "iPad", "Android"}


def device_name(user_agent: str) -> str:
    """Return «Firefox, Windows», or as much of it as is known."""
    known = filter(None, (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)))
    return ", ".join(known) or _("Unknown browser")


def is_handheld(user_agent: str) -> bool:
    return _first(SYSTEMS, user_agent) in HANDHELD


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
