"""Create a study from its configuration, and change the draft of one."""

from typing import Any

from django.db import transaction

from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.errors import ConfigError
from studyapp.models import AuditEntry, StimulusSet, Study, User
from studyapp.selectors.stimulus_sets import list_sets


def create_study(*, config: dict[str, Any], owner: User | None) -> Study:
    """Store a draft study with the configuration as given.

    Raises ConfigError with every problem; then nothing is stored.
    """
    with transaction.atomic():
        checked, stimulus_set = _checked(config, user=owner)
        study, is_new = Study.objects.get_or_create(
            slug=checked.slug,
            defaults={"title": checked.title, "owner": owner, "stimulus_set": stimulus_set, "config": config},
        )
        if not is_new:  # somebody took the name since it was looked up
            raise ConfigError(_slug_problems(checked.slug, None))
        AuditEntry.objects.create(actor=owner, action="create_study", object_type="study", object_id=study.slug)
    return study


def change_study(*, study: Study, config: dict[str, Any], user: User | None) -> Study:
    """Replace the study's configuration. Versions that were launched stay as they are; the next launch makes a new one.

    Raises ConfigError with every problem; then nothing is changed.
    """
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        checked, locked.stimulus_set = _checked(config, user=user, changed=locked)
        locked.title = checked.title
        locked.config = config
        locked.save(update_fields=["stimulus_set", "title", "config", "updated_at"])
        AuditEntry.objects.create(actor=user, action="change_study", object_type="study", object_id=locked.slug)
    return locked


def find_problems(*, config: dict[str, Any], user: User | None, changed: Study | None = None) -> list[tuple[str, str]]:
    """Return everything that keeps the configuration from being stored, as (path, message) pairs; nothing is stored.

    `changed` is the study that it would replace the configuration of; without it, a new study is meant.
    """
    problems: list[tuple[str, str]] = []
    try:
        read_config(config)
    except ConfigError as error:
        problems = error.problems
    wrong = {path for path, _ in problems}
    # A name is looked up only where it has the form of one.
    if "slug" not in wrong:
        problems = problems + _slug_problems(config["slug"], changed)
    if "stimulus_set" not in wrong:
        problems = problems + _set_problems(config["stimulus_set"], user, changed)
    return problems


def _checked(
    config: dict[str, Any], *, user: User | None, changed: Study | None = None
) -> tuple[StudyConfig, StimulusSet]:
    problems = find_problems(config=config, user=user, changed=changed)
    if problems:
        raise ConfigError(problems)
    checked = read_config(config)
    return checked, StimulusSet.objects.get(slug=checked.stimulus_set)


def _slug_problems(slug: str, changed: Study | None) -> list[tuple[str, str]]:
    if changed is not None:
        stays = f"is the study's address and stays {changed.slug!r}; make a new study instead"
        return [("slug", stays)] if slug != changed.slug else []
    is_taken = Study.objects.filter(slug=slug).exists()
    return [("slug", f"{slug!r} is taken by another study; choose another name")] if is_taken else []


def _set_problems(slug: str, user: User | None, changed: Study | None) -> list[tuple[str, str]]:
    """Say that the user may not use the set; a command without a user may use all, and a study keeps the set it has.

    A set that the user may not see is refused in the words of one that does not exist.
    """
    usable = list_sets(user) if user else StimulusSet.objects.all()
    if (changed is not None and changed.stimulus_set.slug == slug) or usable.filter(slug=slug).exists():
        return []
    known = ", ".join(usable.order_by("slug").values_list("slug", flat=True)[:20]) or "none; import one first"
    return [("stimulus_set", f"there is no set {slug!r} that you may use; sets that you may use: {known}")]
