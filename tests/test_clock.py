"""The day of a run is the same for every process that takes part in it."""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from claims_crm import days

TELL_THE_TIME = """
import django
django.setup()
from django.utils import timezone
print(timezone.now().isoformat())
"""


def time_in_a_process(environment: dict[str, str]) -> datetime:
    """Return what another process with these variables takes for the time."""
    command = [sys.executable, "-c", TELL_THE_TIME]
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return datetime.fromisoformat(told.strip())


@pytest.mark.django_db
def test_today_is_the_day_that_was_asked_for():
    assert days.today() == date.fromisoformat(os.environ["TEST_TODAY"])


def test_a_process_that_a_test_starts_has_the_time_of_the_test():
    before = timezone.now()
    told = time_in_a_process(dict(os.environ))
    assert before < told < timezone.now()


def test_a_run_begins_at_noon_of_its_day():
    environment = {name: value for name, value in os.environ.items() if name != "TEST_BEGAN"}
    told = time_in_a_process(environment | {"TEST_TODAY": "2028-02-29"})
    assert timedelta(0) <= told - datetime.fromisoformat("2028-02-29T12:00+03:00") < timedelta(minutes=1)
