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
    checked = read_config(config)
    with transaction.atomic():
        stimulus_set = _stimulus_set(checked, user=owner)
        study = Study.objects.create(
            slug=checked.slug, title=checked.title, owner=owner, stimulus_set=stimulus_set, config=config
        )
        AuditEntry.objects.create(actor=owner, action="create_study", object_type="study", object_id=study.slug)
    return study


def change_study(*, study: Study, config: dict[str, Any], user: User | None) -> Study:
    """Replace the study's configuration. Versions that were launched stay as they are; the next launch makes a new one.

    Raises ConfigError with every problem; then nothing is changed.
    """
    checked = read_config(config)
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if checked.slug != locked.slug:
            raise ConfigError([("slug", f"is the study's address and stays {locked.slug!r}; make a new study instead")])
        locked.stimulus_set = _stimulus_set(checked, user=user, changed=locked)
        locked.title = checked.title
        locked.config = config
        locked.save(update_fields=["stimulus_set", "title", "config", "updated_at"])
        AuditEntry.objects.create(actor=user, action="change_study", object_type="study", object_id=locked.slug)
    return locked


def _stimulus_set(config: StudyConfig, *, user: User | None, changed: Study | None = None) -> StimulusSet:
    """Return the set that the configuration names, if the user may use it; a command without a user may use all.

    A set that the user may not see is refused in the words of one that does not exist. A study keeps the set it has.
    """
    problems: list[tuple[str, str]] = []
    if changed is None and Study.objects.filter(slug=config.slug).exists():
        problems.append(("slug", f"{config.slug!r} is taken by another study; choose another name"))
    if changed is not None and changed.stimulus_set.slug == config.stimulus_set:
        return changed.stimulus_set
    usable = list_sets(user) if user else StimulusSet.objects.all()
    stimulus_set = usable.filter(slug=config.stimulus_set).first()
    if stimulus_set is None:
        known = ", ".join(usable.order_by("slug").values_list("slug", flat=True)[:20]) or "none; import one first"
        problems.append(
            (
                "stimulus_set",
                f"there is no set {config.stimulus_set!r} that you may use; sets that you may use: {known}",
            )
        )
    if problems or stimulus_set is None:
        raise ConfigError(problems)
    return stimulus_set
