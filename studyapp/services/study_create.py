"""Create a study from its configuration, and change the draft of one."""

from typing import Any

from django.db import transaction

from studyapp.design.config import StudyConfig
from studyapp.design.config_change import differences
from studyapp.design.config_reading import read_config
from studyapp.design.config_yaml import read_yaml
from studyapp.errors import ConfigError
from studyapp.models import AuditEntry, StimulusSet, Study, User
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.services.study_revisions import is_sent_again, refuse_conflict, store_first_revision, store_revision


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
        store_revision(study=study, author=owner, changed=[])
        AuditEntry.objects.create(actor=owner, action="create_study", object_type="study", object_id=study.slug)
    return study


def create_study_from_yaml(*, text: str, owner: User | None) -> Study:
    """Store a draft study from a YAML file. Raises ConfigError with each problem's line; then nothing is stored."""
    source = read_yaml(text)
    problems = find_problems(config=source.config, user=owner)
    if problems or source.problems:
        raise source.error(problems)
    return create_study(config=source.config, owner=owner)


def change_study(
    *,
    study: Study,
    config: dict[str, Any],
    user: User | None,
    base: int | None = None,
    restores: int | None = None,
    path: str = "",
) -> Study:
    """Replace the study's configuration. Versions that were launched stay as they are; the next launch makes a new one.

    `base` is the revision that the change was made to; without it, no matter which. `restores`: see StudyRevision.
    `path` names the one setting that is changed; a change that is stored already and sent again is known by it.
    Raises ConfigError with every problem, RevisionConflict when the study is at another revision; then nothing changes.
    """
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if config == locked.config and is_sent_again(study=locked, path=path, user=user, base=base):
            return locked
        refuse_conflict(study=locked, base=base)
        checked, stimulus_set = _checked(config, user=user, changed=locked)
        if config == locked.config:
            return locked
        changed = [each.path for each in differences(locked.config, config)]
        store_first_revision(study=locked)
        locked.stimulus_set, locked.title, locked.config = stimulus_set, checked.title, config
        locked.save(update_fields=["stimulus_set", "title", "config", "updated_at"])
        store_revision(study=locked, author=user, changed=changed, restores=restores)
        AuditEntry.objects.create(
            actor=user,
            action="change_study",
            object_type="study",
            object_id=locked.slug,
            detail={"revision": locked.revision, "changed": changed},
        )
    return locked


def change_study_from_yaml(*, study: Study, text: str, user: User | None, base: int | None = None) -> Study:
    """Replace the configuration by a YAML file's. Raises as `change_study` does, each problem with its line."""
    source = read_yaml(text)
    problems = find_problems(config=source.config, user=user, changed=study)
    if problems or source.problems:
        raise source.error(problems)
    return change_study(study=study, config=source.config, user=user, base=base)


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
    practice = config.get("practice")
    named = practice.get("stimulus_set") if isinstance(practice, dict) else None
    kept = ((changed.config.get("practice") or {}) if changed is not None else {}).get("stimulus_set")
    # Its sounds are played with their labels told: only a set that the user may see.
    if isinstance(named, str) and named and "practice.stimulus_set" not in wrong and named != kept:
        found = _set_problems(named, user, None)
        problems = problems + [("practice.stimulus_set", message) for _, message in found]
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
