"""How a deadline on a day off is told."""

from datetime import date

from django import template
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from claims_crm import days

register = template.Library()


def until_weekday(day: date) -> str:
    """«понедельника», as it stands after «до»."""
    return (
        pgettext("until", "Monday"),
        pgettext("until", "Tuesday"),
        pgettext("until", "Wednesday"),
        pgettext("until", "Thursday"),
        pgettext("until", "Friday"),
        pgettext("until", "Saturday"),
        pgettext("until", "Sunday"),
    )[day.weekday()]


@register.filter
def is_day_off(day: date | None) -> bool:
    return day is not None and not days.is_working_day(day)


@register.filter
def better_by(day: date | None) -> str:
    """«лучше до пятницы 29 мая» of a deadline on a day off, while that day is not behind."""
    if day is None or days.is_working_day(day):
        return ""
    better = days.previous_working_day(day)
    if better < days.today():
        return ""
    return _("better by %(weekday)s %(day)s") % {
        "weekday": until_weekday(better),
        "day": dateformat.format(better, "j E"),
    }
