"""Create a study from a YAML file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from studyapp.design.config import StudyConfig
from studyapp.design.config_reference import write_reference
from studyapp.design.config_yaml import MAX_YAML_BYTES
from studyapp.errors import ConfigError, NotFound
from studyapp.selectors.accounts import user_by_name
from studyapp.services.study_create import create_study_from_yaml


class Command(BaseCommand):
    help = (
        "Create a study from CONFIG.yaml; docs/study_config.md lists every setting. Nothing is stored when it is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("config", nargs="?", metavar="CONFIG.yaml", help="the study's configuration")
        parser.add_argument("--owner", metavar="USER", help="the experimenter whose study it is")
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of the configuration and stop")

        parser.add_argument("--reference", action="store_true", help="print docs/study_config.md and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(StudyConfig.model_json_schema(), indent=2))
            return
        if options["reference"]:
            self.stdout.write(write_reference(), ending="")
            return
        if not options["config"]:
            raise CommandError("name the study's configuration: manage.py create_study CONFIG.yaml")
        try:
            owner = user_by_name(options["owner"]) if options["owner"] else None
            study = create_study_from_yaml(text=_read(Path(options["config"])), owner=owner)
        except ConfigError as error:
            lines = [f"  {words}" for words in error.words]
            raise CommandError(
                "\n".join([f"{options['config']} is not a study; nothing was stored:", *lines])
            ) from None
        except NotFound as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Created the study {study.slug} (draft): {reverse('study', args=[study.slug])}")
        self.stdout.write(f"Launch it with: manage.py launch_study {study.slug}")
        self.stdout.write(f"Participants' address, once launched: {reverse('participant_landing', args=[study.slug])}")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise CommandError(f"{path} is larger than {MAX_YAML_BYTES // 1024} KiB; that is no configuration")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text") from None
