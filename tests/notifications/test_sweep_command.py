"""The deadline sweep by hand: `manage.py raise_deadline_tasks`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Task

pytestmark = pytest.mark.django_db


def run(*args):
    out = StringIO()
    call_command("raise_deadline_tasks", *args, stdout=out)
    return out.getvalue()


def test_the_tasks_of_the_day_given_are_raised_once_and_counted(claim):
    Task.objects.all().delete()
    assert "raised=2 " in run("--today", "2026-02-28")
    assert "raised=0 " in run("--today", "2026-02-28")
    assert "raised=1 " in run("--today=2026-03-31")


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "1999-12-31", "9999-12-31", ""])
def test_a_day_that_is_none_is_refused_and_nothing_is_raised(claim, day):
    Task.objects.all().delete()
    with pytest.raises(CommandError, match="day"):
        run("--today", day)
    assert not Task.objects.exists()
