"""How the product writes things: money, days, people, states. Loaded in every template.

`docs/components.md` shows each in use.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel.dates import format_date
from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .. import days
from ..money import format_money, format_number, symbol, to_kopecks
from ..web.linkify import linkify
from ..web.progress_bar import PaymentLike, build_segments
from ..web.urls import row_url

register = template.Library()

# --- Money and numbers ------------------------------------------------------------------------


@register.filter
def money(amount: Decimal | None, currency: str = "RUB") -> str:
    """«87 500,00 ₽»: for columns."""
    return "" if amount is None else format_money(amount, currency or "RUB")


@register.filter
def money_short(amount: Decimal | None, currency: str = "RUB") -> str:
    """«350 000 ₽», with kopecks only when there are any: for headlines."""
    return "" if amount is None else format_money(amount, currency or "RUB", kopecks=False)


@register.filter
def number_short(amount: Decimal | None) -> str:
    """«350 000», where the currency stands nearby: «160 000,00 ₽ из 240 000»."""
    return "" if amount is None else format_number(amount, kopecks=False)


@register.filter
def whole(number: int) -> str:
    """«54 000»: how many there are of something."""
    return format_number(Decimal(number), kopecks=False)


@register.filter
def kopecks(amount: Decimal | None) -> str:
    """Whole kopecks for scripts: `data-kopecks`. Digits only, whatever the language."""
    return "" if amount is None else str(to_kopecks(amount))


# The currency's sign, as in the sums: `data-symbol`.
register.filter(symbol)


# --- Days -------------------------------------------------------------------------------------


def is_english() -> bool:
    return (get_language() or "ru").startswith("en")


def as_day(value: date | datetime) -> date:
    """The day of a moment where the company is."""
    if not isinstance(value, datetime):
        return value
    return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()


@register.filter
def day(value: date | None) -> str:
    """«31.10.2026», "31 Oct 2026": for forms and columns."""
    if not value:
        return ""
    own = as_day(value)
    return _written(own, "j M Y") if is_english() else f"{own:%d.%m.%Y}"


@register.filter
def day_short(value: date | None) -> str:
    """«31 окт», with the year when it is another one: for lists."""
    if not value:
        return ""
    own = as_day(value)
    return day_of_row(own) + _written(own, _year(own))


@register.filter
def day_of_row(value: date) -> str:
    """«31 окт», always without the year: in a row of days, where it is plain."""
    own = as_day(value)
    if is_english():
        return _written(own, "j M")
    # Not shortened, «май» is declined as «мая» is.
    return _written(own, "j E" if own.month == 5 else "j b")


@register.filter
def day_long(value: date | None) -> str:
    """«31 октября», with the year when it is another one: for sentences."""
    if not value:
        return ""
    own = as_day(value)
    return _written(own, "j E" + _year(own))


@register.filter
def weekday(value: date | None) -> str:
    """«понедельник»."""
    return _weekday(as_day(value).weekday(), "EEEE", _locale()) if value else ""


@register.filter
def weekday_short(value: date | None) -> str:
    """«пн»."""
    return _weekday(as_day(value).weekday(), "EEE", _locale()) if value else ""


@register.simple_tag
def todays_date() -> str:
    """«Среда, 18 ноября»: beside a page's heading."""
    today = days.today()
    return f"{weekday(today).capitalize()}, {day_long(today)}"


@register.filter
def distance(value: date | None) -> str:
    """«сегодня», «завтра», «через 2 дн.», «18 дн. назад»."""
    if not value:
        return ""
    left = (as_day(value) - days.today()).days
    match left:
        case 0:
            return _("today")
        case 1:
            return _("tomorrow")
        case -1:
            return _("yesterday")
    if left > 0:
        return ngettext("in %(count)s day", "in %(count)s days", left) % {"count": left}
    return ngettext("%(count)s day ago", "%(count)s days ago", -left) % {"count": -left}


@register.filter
def overdue_by(value: date | None) -> str:
    """«просрочено 18 дн.»; nothing where it is in time."""
    late = (days.today() - as_day(value)).days if value else 0
    return ngettext("%(count)s day overdue", "%(count)s days overdue", late) % {"count": late} if late > 0 else ""


@register.filter
def urgency(value: date | None) -> str:
    """The class of a day: `overdue`, `due` (today), or nothing."""
    if not value:
        return ""
    own, today = as_day(value), days.today()
    return "overdue" if own < today else "due" if own == today else ""


# The same few days stand all over a page: each is put into words once.


def _written(value: date, pattern: str) -> str:
    return _written_in(get_language(), value, pattern)


@lru_cache(maxsize=4096)
def _written_in(_language: str | None, value: date, pattern: str) -> str:
    return date_format(value, pattern)


@cache
def _weekday(number: int, pattern: str, locale: str) -> str:
    # A Monday, and as many days on.
    return format_date(date(2026, 6, 1 + number), pattern, locale=locale)


def _year(value: date) -> str:
    return "" if value.year == days.today().year else " Y"


def _locale() -> str:
    return "en" if is_english() else "ru"


# --- Addresses --------------------------------------------------------------------------------

# `{{ payment.pk|at:"payments:settle" }}` is `{% url "payments:settle" payment.pk %}`, for rows of lists.
register.filter("at", lambda pk, name: row_url(name, pk))


# --- Icons and states -------------------------------------------------------------------------


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "check" %}`, `{% icon "check" "small" %}`. Beside a word, so hidden from screen readers."""
    style = f"icon {size}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', style, name)


@register.simple_tag
def chip(text: str, icon_name: str, style: str = "") -> SafeString:
    """`{% chip _("Error") "alert" "overdue" %}`; style: overdue, due, paid, accent or nothing."""
    return format_html('<span class="{}">{}<span>{}</span></span>', f"chip {style}".strip(), icon(icon_name), text)


@register.simple_tag
def payment_chip(payment: PaymentLike) -> SafeString:
    """The state of a payment in a word: paid, overdue, due today, planned, cancelled."""
    if payment.status == "paid":
        return chip(_("Paid"), "checkc", "paid")
    if payment.status == "cancelled":
        return chip(_("Cancelled"), "no")
    match urgency(payment.due_on):
        case "overdue":
            return chip(_("Overdue"), "alert", "overdue")
        case "due":
            return chip(_("Due today"), "clock", "due")
    return chip(_("Planned"), "plan")


STAGE_CHIPS = {
    "open": ("reply", ""),
    "paying": ("pay", "accent"),
    "completing": ("archive", "due"),
    "closed": ("checkc", "paid"),
    "rejected": ("no", ""),
}


@register.simple_tag
def stage_chip(stage: Any) -> SafeString:
    """The stage's name; the kind gives the icon and the colour."""
    return chip(stage.name, *STAGE_CHIPS.get(stage.kind, ("flag", "")))


@register.simple_tag
def due_chip(value: date | None, icon_name: str = "cal") -> SafeString:
    """A deadline with its distance: «31 окт, 18 дн. назад»."""
    if not value:
        return mark_safe("")
    style = urgency(value)
    text = f"{day_short(value)}, {distance(value)}"
    return chip(text, {"overdue": "alert", "due": "clock"}.get(style, icon_name), style)


@register.simple_tag
def progress_bar(payments: Iterable[PaymentLike], size: str = "", currency: str = "RUB") -> SafeString:
    """`{% progress_bar claim.payments.all %}`: a thin bar; with "large" a thick one, dates and sums under it."""
    segments = build_segments(payments, today=days.today())
    if not segments:
        return mark_safe("")
    total = sum((segment.payment.amount for segment in segments), Decimal(0))
    paid = [segment.payment.amount for segment in segments if segment.state == "paid"]
    label = _("Paid %(count)s of %(all)s, %(percent)s%%") % {
        "count": len(paid),
        "all": len(segments),
        "percent": int(100 * sum(paid) / total) if total else 0,
    }
    style = " ".join(filter(None, ("seg", size, "many" if len(segments) > 24 else "")))
    drawn = "".join(
        SEGMENT.format(segment.x, segment.width, segment.state, HATCH.get(segment.state, "")) for segment in segments
    )
    bar = format_html('<svg class="{}" role="img" aria-label="{}">{}</svg>', style, label, SafeString(drawn))
    if size != "large":
        return bar
    return bar + render_to_string("components/marks.html", {"segments": segments, "currency": currency})


# Of a bar; drawn here, as a page of a list has hundreds of them. All that stands in it is our own.
SEGMENT = '<svg x="{}" width="{}" height="100%"><rect class="{}"{}/></svg>'
HATCH = {"overdue": ' fill="url(#hatch)"'}


# --- People and what they write -----------------------------------------------------------------


@register.filter
def initials(name: str) -> str:
    """«МБ» of «Марина Белова»."""
    return "".join(word[0] for word in str(name).split()[:2]).upper()


@register.filter
def role_name(role: str | None) -> str:
    """«Бухгалтер»: what a person is here, for the people."""
    names = {
        "specialists": _("Claims specialist"),
        "accountants": _("Accountant"),
        "administrators": _("Administrator"),
    }
    return names.get(role or "", "")


TINTS = ("", "b", "c", "d")


@register.simple_tag
def avatar(user: Any, size: str = "") -> SafeString:
    """A round with the person's initials, always in the same tint. The name stands beside it."""
    if not user:
        return mark_safe("")
    style = " ".join(filter(None, ("avatar", TINTS[user.pk % len(TINTS)], size)))
    return format_html('<span class="{}" aria-hidden="true">{}</span>', style, initials(user.name))


register.filter(linkify)


# --- Parts of pages -----------------------------------------------------------------------------


@register.inclusion_tag("components/navitem.html", takes_context=True)
def navitem(
    context: Context,
    url_name: str,
    icon_name: str,
    text: str,
    *,
    style: str = "",
    key: str = "",
    but: str = "",
    **count: Any,
) -> dict[str, Any]:
    """One line of the side bar, current where the page's address is under its own, and not under that of `but`.

    `style`: "overdue" for a red count, "desk" for a line that a phone shows under «More». `count` needs an `id`,
    by which it is renewed out of band.
    """
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        # A part that is not installed has no line.
        return {"url": ""}
    path = context["request"].path
    current = path == url if url == "/" else path.startswith(url) and not (but and path.startswith(reverse(but)))
    return {"url": url, "icon": icon_name, "text": text, "style": style, "key": key, "current": current, **count}


@register.inclusion_tag("components/blank.html")
def blank(**parts: Any) -> dict[str, Any]:
    """An empty state: `art`, `heading`, `text`, ways on (`url`, `label`, `url2`, `label2`); `page`: it is all."""
    return parts


@register.inclusion_tag("components/more.html")
def more(url: str, text: str = "", target: str = "closest .morerow", trigger: str = "") -> dict[str, str]:
    """«Show more» under a list; the answer takes the place of `target`: the next rows and the next such row.

    With `trigger="intersect once, click"` it need only be scrolled to.
    """
    return {"url": url, "text": text, "target": target, "trigger": trigger}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: str = "", help_text: str = "", css: str = "", **attrs: Any) -> dict[str, Any]:
    """A form's field with its label, hint and error: `{% field form.amount css="num" placeholder="0,00" %}`.

    Other arguments become attributes of the input: `hx_get=url` is `hx-get`. A field that was refused takes the focus.
    """
    kind = bound.widget_type
    base = "check" if kind in {"checkbox", "radioselect", "checkboxselectmultiple"} else "input"
    own = {name.replace("_", "-"): value for name, value in attrs.items()}
    if bound.errors:
        own["autofocus"] = True
    own["class"] = " ".join(filter(None, (base, bound.field.widget.attrs.get("class", ""), css)))
    return {
        "field": bound,
        "kind": kind,
        "label": label or bound.label,
        "help": help_text or bound.help_text,
        "widget": bound.as_widget(attrs=own),
        "was": bound.as_hidden(only_initial=True) if bound.field.show_hidden_initial else "",
    }
