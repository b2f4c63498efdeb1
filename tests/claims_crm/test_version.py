"""The product's version: `claims_crm.__version__`."""

import subprocess
import sys

import pytest
from django.conf import settings

from claims_crm import __version__


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_manage_py_prints_the_version_of_the_product_not_of_django(argument):
    command = [sys.executable, settings.BASE_DIR / "manage.py", argument]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == f"{__version__}\n"


def test_the_changelog_begins_with_the_version():
    lines = (settings.BASE_DIR / "CHANGELOG.md").read_text().splitlines()
    newest = next(line for line in lines if line.startswith("## "))
    assert newest.split()[1] == __version__
