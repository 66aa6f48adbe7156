"""Every configuration that a study had is kept; undo and redo walk through them, and nobody overwrites anybody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studyapp.errors import ConfigError, InvalidAction, RevisionConflict
from studyapp.models import AuditEntry, StimulusSet, Study, StudyRevision
from studyapp.services.study_create import change_study, create_study
from studyapp.services.study_edit import redo, reset_setting, restore, set_setting, undo
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CONFIG = {"slug": "s", "title": "T", "stimulus_set": "sounds"}


@pytest.fixture
def author():
    return make_user("author")


@pytest.fixture
def study(author):
    StimulusSet.objects.create(slug="sounds")
    return create_study(config=CONFIG, owner=author)


def plays(study, value, author):
    study.refresh_from_db()
    saved = set_setting(study=study, path="task.plays", value=value, user=author, base=study.revision)
    # As if a minute had passed: the next change is a revision of its own.
    StudyRevision.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    return saved


def now(study):
    study.refresh_from_db()
    return study.config.get("task", {}).get("plays", 1)


def test_undo_and_redo_go_back_and_forth_and_a_new_change_ends_what_could_be_done_again(study, author):
    for value in (2, 3, 4):
        plays(study, value, author)
    seen = []
    for act in (undo, undo, undo, redo, redo, undo):
        act(study=study, user=author, base=None)
        seen.append(now(study))
    assert seen == [3, 2, 1, 2, 3, 2]
    plays(study, 9, author)
    with pytest.raises(InvalidAction, match="nothing to redo"):
        redo(study=study, user=author, base=None)
    for expected in (2, 1):
        undo(study=study, user=author, base=None)
        assert now(study) == expected
    with pytest.raises(InvalidAction, match="nothing to undo"):
        undo(study=study, user=author, base=None)
    redo(study=study, user=author, base=None)
    redo(study=study, user=author, base=None)
    assert now(study) == 9


def test_what_one_author_types_in_one_setting_within_a_minute_is_one_revision(study, author):
    for title in ("A", "Ab", "Abc"):
        study = set_setting(study=study, path="title", value=title, user=author, base=study.revision)
    assert study.revisions.count() == 2
    assert (study.revision, study.title) == (4, "Abc")
    other = set_setting(study=study, path="title", value="Abcd", user=make_user("other"), base=4)
    other = set_setting(study=other, path="task.plays", value=2, user=author, base=5)
    assert other.revisions.count() == 4
    assert other.revisions.first().changed == ["task.plays"]


def test_who_saves_over_a_newer_revision_is_told_who_made_it(study, author):
    set_setting(study=study, path="title", value="Theirs", user=make_user("ada"), base=1)
    with pytest.raises(RevisionConflict, match="ada changed this study"):
        set_setting(study=study, path="task.plays", value=2, user=author, base=1)
    study.refresh_from_db()
    assert (study.title, now(study)) == ("Theirs", 1)


def test_an_invalid_value_is_told_and_not_stored(study, author):
    for path, value in (
        ("task.plays", 0),
        ("task.colour", 1),
        ("task", {}),
        ("stimulus_set", "nowhere"),
        ("slug", "t"),
    ):
        with pytest.raises(ConfigError) as caught:
            set_setting(study=study, path=path, value=value, user=author, base=1)
        assert [each for each, _ in caught.value.problems] == [path]
    study.refresh_from_db()
    assert (study.config, study.revision) == (CONFIG, 1)


def test_back_to_default_and_a_change_of_nothing(study, author):
    plays(study, 3, author)
    reset_setting(study=study, path="task.plays", user=author, base=2)
    study.refresh_from_db()
    assert (study.config, study.revision) == (CONFIG, 3)
    change_study(study=study, config=CONFIG, user=author)
    assert Study.objects.get().revision == 3


def test_a_restored_revision_can_be_undone_and_is_written_into_the_log(study, author):
    plays(study, 3, author)
    first = study.revisions.get(number=1)
    restore(study=study, revision=first, user=author, base=2)
    assert now(study) == 1
    undo(study=study, user=author, base=3)
    assert now(study) == 3
    entry = AuditEntry.objects.filter(action="change_study").latest("pk")
    assert (entry.actor, entry.detail) == (author, {"revision": 4, "changed": ["task.plays"]})


def test_the_first_change_of_a_study_from_before_revisions_can_be_undone(study, author):
    study.revisions.all().delete()
    Study.objects.update(revision=0)
    study.refresh_from_db()
    set_setting(study=study, path="task.plays", value=2, user=author, base=0)
    undo(study=study, user=author, base=2)
    assert now(study) == 1
