"""How the Django admin looks: the product's name, icon and accent colour."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

ADMIN_THEME = {
    "SITE_TITLE": _("Rigel"),
    "SITE_HEADER": _("Rigel"),
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("icons/rigel.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_SYMBOL": "roofing",
    "SIDEBAR": {"navigation": "claims_crm.admin.navigation"},
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272)",
            "100": "oklch(93% .034 272)",
            "200": "oklch(87% .065 272)",
            "300": "oklch(78.5% .11 272)",
            "400": "oklch(67.3% .16 271)",
            "500": "oklch(58% .19 270)",
            "600": "oklch(48% .2 269)",
            "700": "oklch(43% .18 269)",
            "800": "oklch(38% .15 270)",
            "900": "oklch(34% .12 271)",
            "950": "oklch(26% .09 272)",
        }
    },
}
