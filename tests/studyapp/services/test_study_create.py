"""Studies are stored whole or not at all."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from studyapp.errors import ConfigError
from studyapp.models import AuditEntry, StimulusSet, Study
from studyapp.services.study_create import change_study, create_study, find_problems
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CONFIG = {"slug": "s", "title": "T", "stimulus_set": "sounds"}


@pytest.fixture
def sounds():
    return StimulusSet.objects.create(slug="sounds")


def test_a_draft_keeps_the_configuration_as_given(sounds):
    owner = make_user()
    study = create_study(config=CONFIG, owner=owner)
    assert (study.state, study.owner, study.stimulus_set, study.config) == ("draft", owner, sounds, CONFIG)
    assert AuditEntry.objects.get().action == "create_study"


def test_a_taken_name_and_an_unknown_set_are_both_told(sounds):
    create_study(config=CONFIG, owner=None)
    with pytest.raises(ConfigError) as caught:
        create_study(config=CONFIG | {"stimulus_set": "nowhere"}, owner=None)
    found = dict(caught.value.problems)
    assert "taken" in found["slug"]
    assert "sets that you may use: sounds" in found["stimulus_set"]
    assert Study.objects.count() == 1


def test_only_sets_that_the_owner_may_see_are_used_and_named(sounds):
    owner, other = make_user(), make_user()
    StimulusSet.objects.create(slug="mine", owner=owner)
    StimulusSet.objects.create(slug="theirs", owner=other)
    for name in ("theirs", "nowhere"):
        with pytest.raises(ConfigError, match=f"no set '{name}' that you may use; .*: mine, sounds$"):
            create_study(config=CONFIG | {"stimulus_set": name}, owner=owner)
    study = create_study(config=CONFIG | {"stimulus_set": "mine"}, owner=owner)
    with pytest.raises(ConfigError, match=r": mine, sounds$"):
        change_study(study=study, config=CONFIG | {"stimulus_set": "theirs"}, user=owner)
    with pytest.raises(ConfigError, match=r": mine, sounds, theirs$"):
        create_study(config=CONFIG | {"slug": "t", "stimulus_set": "nowhere"}, owner=None)


def test_a_study_keeps_its_set_when_somebody_changes_it_who_may_not_see_the_set():
    StimulusSet.objects.create(slug="theirs", owner=make_user())
    study = create_study(config=CONFIG | {"stimulus_set": "theirs"}, owner=None)
    config = CONFIG | {"stimulus_set": "theirs", "title": "Another"}
    assert change_study(study=study, config=config, user=make_user()).title == "Another"


def test_the_command_prints_the_addresses(sounds, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("slug: s\ntitle: T\nstimulus_set: sounds\n")
    out = StringIO()
    call_command("create_study", str(file), stdout=out)
    assert "/studies/s/" in out.getvalue()
    assert "/s/s/" in out.getvalue()
    assert Study.objects.get().owner is None


def test_the_command_lists_every_problem_and_stores_nothing(sounds, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("slug: s\nstimulus_set: sounds\ntask: {plays: 0}\ncolour: red\n")
    with pytest.raises(CommandError) as caught:
        call_command("create_study", str(file))
    for words in (
        "nothing was stored",
        "title: is required",
        "task.plays: must be at least 1",
        "colour: is not a setting",
    ):
        assert words in str(caught.value)
    assert Study.objects.count() == 0


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"slug: ["])
def test_the_command_says_what_is_wrong_with_a_file(tmp_path, content):
    file = tmp_path / "config.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=r"cannot read|not UTF-8|line 1"):
        call_command("create_study", str(file))


def test_the_schema_is_printed():
    out = StringIO()
    call_command("create_study", schema=True, stdout=out)
    assert '"stimulus_set"' in out.getvalue()


def test_a_practice_set_of_somebody_else_is_refused_as_one_that_does_not_exist():
    user, other = make_user("practises"), make_user("owns")
    mine = StimulusSet.objects.create(slug="mine-for-practice", owner=user)
    StimulusSet.objects.create(slug="theirs-for-practice", owner=other)
    given = {"slug": "practising", "title": "T", "stimulus_set": mine.slug}

    def problems(name: str) -> list[str]:
        found = find_problems(config={**given, "practice": {"stimulus_set": name}}, user=user)
        return [message.replace(name, "NAME") for path, message in found if path == "practice.stimulus_set"]

    assert problems("mine-for-practice") == []
    assert problems("theirs-for-practice") == problems("nowhere-at-all") != []
