#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from claims_crm import __version__

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "claims_crm.settings")
    if sys.argv[1:] in (["version"], ["--version"]):
        # Django answers these two with its own version, before it looks for commands.
        sys.stdout.write(f"{__version__}\n")
    else:
        execute_from_command_line(sys.argv)
