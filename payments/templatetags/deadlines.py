"""Template filters for deadlines on days off."""

from datetime import date

from django import template
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from claims_crm import days

register = template.Library()


def until_weekday(day: date) -> str:
    """Return the weekday's name as used after "by": «понедельника» after «до»."""
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
    """Return whether `day` is a day off by the official calendar."""
    return day is not None and not days.is_working_day(day)


@register.filter
def better_by(day: date | None) -> str:
    """Return "better by Friday 29 May" for a deadline on a day off, "" if that working day is past."""
    if day is None or days.is_working_day(day):
        return ""
    better = days.previous_working_day(day)
    if better < days.today():
        return ""
    return _("better by %(weekday)s %(day)s") % {
        "weekday": until_weekday(better),
        "day": dateformat.format(better, "j E"),
    }
