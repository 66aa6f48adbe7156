#!/usr/bin/env python
"""Run an administrative command of Earwitness."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import BaseCommand, execute_from_command_line
    except ImportError as error:
        sys.exit(f"Django is missing in {sys.executable} ({error}): run 'make setup', then use .venv/bin/python.")
    # Django would load every page before each command, and with the pages all of statistics: seconds, and more memory
    # than most commands take. `make check` has looked, and the settings refuse bad values by themselves.
    BaseCommand.requires_system_checks = []
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings cannot be used: {error}")


if __name__ == "__main__":
    main()
