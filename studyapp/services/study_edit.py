"""Change a draft setting by setting, and go back and forth between its revisions."""

from typing import Any

import yaml

from studyapp.design.config_change import leaf_settings, with_value, without_value
from studyapp.errors import ConfigError
from studyapp.models import Study, StudyRevision, User
from studyapp.services.study_create import change_study
from studyapp.services.study_revisions import revision_to_redo, revision_to_undo


def set_setting(*, study: Study, path: str, value: Any, user: User, base: int | None) -> Study:
    """Store one setting. Raises ConfigError with the problems that it makes, RevisionConflict; nothing changes then."""
    _refuse_unknown(path)
    if leaf_settings()[path].kind == "yaml" and isinstance(value, str):  # as the editor's page sends it
        value = _parsed(path, value)
    config = with_value(study.config, path, value)
    return change_study(study=study, config=config, user=user, base=_known(study, base), path=path)


def set_settings(*, study: Study, values: dict[str, Any], user: User, base: int | None) -> Study:
    """Store the settings of a section at once, by path. Raises as `set_setting` does."""
    config = study.config
    for path, value in values.items():
        _refuse_unknown(path)
        config = with_value(config, path, value)
    return change_study(study=study, config=config, user=user, base=_known(study, base))


def reset_setting(*, study: Study, path: str, user: User, base: int | None) -> Study:
    """Take one setting back to its default. Raises as `set_setting` does."""
    _refuse_unknown(path)
    config = without_value(study.config, path)
    return change_study(study=study, config=config, user=user, base=_known(study, base), path=path)


def undo(*, study: Study, user: User, base: int | None) -> Study:
    """Take the latest change back. Raises InvalidAction when there is none, RevisionConflict, ConfigError."""
    return _bring_back(study, revision_to_undo(study=study), user, base)


def redo(*, study: Study, user: User, base: int | None) -> Study:
    """Do again what was undone. Raises as `undo` does."""
    return _bring_back(study, revision_to_redo(study=study), user, base)


def restore(*, study: Study, revision: StudyRevision, user: User, base: int | None) -> Study:
    """Make the configuration of an earlier revision the current one, as a change that can be undone."""
    return change_study(study=study, config=revision.config, user=user, base=base)


def _bring_back(study: Study, revision: StudyRevision, user: User, base: int | None) -> Study:
    return change_study(study=study, config=revision.config, user=user, base=base, restores=revision.number)


def _known(study: Study, base: int | None) -> int:
    """Return the revision that the change is made to: the one that was read, where the page named none."""
    return study.revision if base is None else base


def _parsed(path: str, text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ConfigError([(path, "cannot be read as YAML")]) from None


def _refuse_unknown(path: str) -> None:
    if path not in leaf_settings():
        raise ConfigError([(path, "is not a setting that can be changed on its own")])
