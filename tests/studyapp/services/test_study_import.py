"""A study comes back from its bundle: the same analysis, the same tables, and it runs."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from studyapp.errors import BundleRefused
from studyapp.exports.bundle import ExportFailed, export_study
from studyapp.models import (
    FrozenStimulus,
    MachineScore,
    RecruiterIdentity,
    Session,
    Stimulus,
    StimulusSet,
    Study,
)
from studyapp.services import media
from studyapp.services.bundle_rows import LEFT_OUT, TAKEN
from studyapp.services.launch import launch_study
from studyapp.services.study_import import import_study
from tests.factories import make_user
from tests.studyapp.bundles import export, files_below, make_study
from tests.studyapp.launched import Walker

TABLES = ("data/", "documentation/", "results/", "materials/rows/", "materials/sounds/", "materials/bundle.json")


def empty(tmp_path: Path, settings: Any) -> None:
    call_command("flush", interactive=False, verbosity=0)
    settings.MEDIA_ROOT = tmp_path / "media-elsewhere"


@pytest.mark.parametrize("model", TAKEN, ids=lambda model: model.__name__)
def test_every_column_is_taken_or_left_out_on_purpose(model):
    columns = {field.name for field in model._meta.concrete_fields} - {"id"}
    taken, left_out = set(TAKEN[model]), set(LEFT_OUT.get(model, ()))
    assert taken | left_out == columns
    assert not taken & left_out


@pytest.mark.django_db(transaction=True)
def test_a_study_is_restored_on_an_empty_installation(tmp_path, settings):
    study = make_study()
    secrets = {*Session.objects.values_list("token", flat=True)}
    secrets |= {
        code for session in Session.objects.all() for code in (session.completion_code, session.withdrawal_code)
    }
    names = {frozen.copy_sha256 for frozen in FrozenStimulus.objects.filter(version=study.versions.last())}
    bundle = export(study, tmp_path / "bundle")
    before = files_below(bundle)
    text = b"".join(content for name, content in before.items() if not name.startswith("materials/sounds/")).decode()
    for secret in ["CANARYPID", "CANARYWORDS", *(secrets - {"", None})]:
        assert secret not in text
    # Of fewer than five people neither age nor gender is told.
    assert '"answer":"suppressed"' in text and '"answer":"33"' not in text and '"answer":"25-34"' not in text

    empty(tmp_path, settings)
    assert not Study.objects.exists()
    made = import_study(folder=bundle, owner=make_user("ann"))
    study = made.study
    assert (study.slug, study.state, study.owner.username) == ("heard", "live", "ann")

    after = files_below(export(study, tmp_path / "again"))
    compared = {name for name in before if name.startswith(TABLES)}
    assert compared == {name for name in after if name.startswith(TABLES)}
    assert {name for name in compared if before[name] != after[name] and "stimulus_set.jsonl" not in name} == set()
    assert json.loads(before["results/analysis.json"])["flow"]["completed"] == 3

    launched = study.versions.count()
    assert launch_study(study=study).number == launched == 2  # nothing has changed, to the last byte of the copies
    walker = Walker(study, seed=77)
    state = walker.to("trials")
    heard = set()
    while state["step"] == "trials":
        if state["trial"]["phase"] == "play":
            heard |= {hashlib.sha256(walker.sound(each).content).hexdigest() for each in state["trial"]["sounds"]}
        state = walker.trial(state)
    assert walker.finish(state)["end"]["outcome"] == "completed"
    assert heard & names
    client = Client()
    client.force_login(study.owner)
    for page in ("study", "study_analysis", "study_edit"):
        assert client.get(reverse(page, args=["heard"])).status_code == 200, page
    assert client.get(reverse("stimulus_set", args=[study.stimulus_set.slug])).status_code == 200


@pytest.mark.django_db
def test_beside_the_original_sets_are_used_and_numbers_are_new(tmp_path):
    study = make_study()
    bundle = export(study, tmp_path / "bundle")
    with pytest.raises(BundleRefused, match="--as heard-2"):
        import_study(folder=bundle)
    n_sets, n_stimuli, n_scores = StimulusSet.objects.count(), Stimulus.objects.count(), MachineScore.objects.count()
    made = import_study(folder=bundle, slug="heard-2")
    assert (n_sets, n_stimuli, n_scores) == (
        StimulusSet.objects.count(),
        Stimulus.objects.count(),
        MachineScore.objects.count(),
    )
    assert any("is here already" in line for line in made.said)
    assert made.study.stimulus_set == study.stimulus_set
    ours = Session.objects.filter(version__study=made.study)
    assert ours.count() == Session.objects.filter(version__study=study).count()
    old, new = (files_below(export(each, tmp_path / each.slug)) for each in (study, made.study))
    analyses = [json.loads(files["results/analysis.json"]) for files in (old, new)]
    for analysis in analyses:
        del analysis["study"]["slug"]
    assert analyses[0] == analyses[1]
    recruiters = RecruiterIdentity.objects.filter(participant__study=made.study)
    assert [(each.recruiter, each.external_id, each.study) for each in recruiters] == [("prolific", "", None)]
    walker = Walker(made.study, seed=8)
    end = walker.to("ended")["end"]
    assert end["withdrawal_url"] == reverse("participant_withdraw", args=["heard-2"])


@pytest.mark.django_db
def test_a_set_of_that_name_with_other_sounds_is_left_alone(tmp_path, settings):
    bundle = export(make_study(), tmp_path / "bundle")
    StimulusSet.objects.filter(slug="heard-sounds").update(title="Another")
    made = import_study(folder=bundle, slug="copy")
    assert made.study.stimulus_set.slug == made.study.config["stimulus_set"] == "heard-sounds-2"
    assert any("imported as heard-sounds-2" in line for line in made.said)
    assert any("imported as ear-2" in line for line in made.said)
    assert made.study.config["practice"]["stimulus_set"] == "warm-up"


@pytest.mark.django_db
def test_a_set_of_somebody_else_is_not_used(tmp_path):
    bundle = export(make_study(), tmp_path / "bundle")
    StimulusSet.objects.update(owner=make_user("bob"))
    made = import_study(folder=bundle, slug="copy", owner=make_user("ann"))
    assert made.study.stimulus_set.slug == "heard-sounds-2"
    assert made.study.stimulus_set.owner.username == "ann"


@pytest.mark.django_db
def test_the_commands_say_what_they_did(tmp_path, capsys):
    make_study()
    make_user("ann")
    call_command("export_study", "heard", "--out", str(tmp_path / "out"), "--with-sounds")
    assert "it is for experimenters" in capsys.readouterr().out
    call_command("import_study", str(tmp_path / "out"), "--as", "other", "--owner", "ann")
    said = capsys.readouterr().out
    assert "Imported the study other: 2 versions, 6 sessions" in said
    assert "The study is live here" in said
    with pytest.raises(CommandError, match="there is a study other here already"):
        call_command("import_study", str(tmp_path / "out"), "--as", "other")
    with pytest.raises(CommandError, match="no user"):
        call_command("import_study", str(tmp_path / "out"), "--owner", "nobody")


@pytest.mark.django_db
def test_a_default_export_says_that_it_restores_nothing(tmp_path):
    version = make_study().versions.last()
    export_study(study=version.study, folder=tmp_path / "plain")
    assert not (tmp_path / "plain/materials/rows").exists()
    with pytest.raises(BundleRefused, match="export_study --with-sounds"):
        import_study(folder=tmp_path / "plain", slug="x")


@pytest.mark.django_db
def test_a_damaged_sound_is_not_exported(tmp_path):
    study = make_study()
    stored = Stimulus.objects.filter(home_set=study.stimulus_set).first()
    path = Path(media.default_storage.path(stored.audio_path))
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"xx")
    try:
        with pytest.raises(ExportFailed, match="is damaged"):
            export(study, tmp_path / "bundle")
    finally:
        path.write_bytes(content)
