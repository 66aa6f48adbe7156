"""Selections as they are stored: what was eligible, where each score comes from, and what cannot be selected from."""

from dataclasses import replace

import numpy as np
import pytest

from detector.fold_tables import read_table, table_bytes
from detector.ml.checkpoint import digest
from detector.ml.selection import Bucket
from detector.ml.splits import EVALUATION, TRAIN, UNUSED, VALIDATION
from detector.models import Fold, Selection, Training
from detector.services.selection import select_misclassified
from studyapp.errors import InvalidAction
from studyapp.models import Stimulus, StimulusSet
from studyapp.services import media
from studyapp.vocab import Label
from tests.detector.material import give_vectors, make_set, make_training

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus() -> StimulusSet:
    made = make_set("corpus", n=60)
    give_vectors(made, shift=0.05)
    return made


def assign(fold: Fold, codes: np.ndarray, scores: np.ndarray) -> None:
    """Put other splits and scores into a fold's table."""
    table = replace(
        read_table(fold), assignment=codes.astype(np.int8), fake_scores=np.tile(scores, (3, 1)).astype(np.float32)
    )
    content = table_bytes(table)
    fold.table_name, fold.table_sha256 = media.store(media.name_for("folds", content, ".st"), content), digest(content)
    fold.save()


def add_fold(training: Training) -> Fold:
    """Give the training a second fold with runs of its own."""
    fold = training.folds.get()
    runs = list(fold.runs.all())
    fold.pk, fold.number = None, 1
    fold.save()
    for run in runs:
        run.pk, run.fold, run.checkpoint_sha256 = None, fold, f"{run.number}" * 64
        run.save()
    return fold


def test_unused_clips_and_those_of_training_and_validation_are_never_eligible(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    fold = training.folds.get()
    codes = np.resize([TRAIN, VALIDATION, EVALUATION, UNUSED], 60)
    table = read_table(fold)
    assign(fold, codes, 1.0 - table.is_fake)  # all wrong, and as confident as can be
    selection = select_misclassified(training=training, per_class=60, into="errors")
    chosen = {member.stimulus_id for member in selection.stimulus_set.members.all()}
    assert chosen == {pk for pk, code in zip(table.stimulus_ids, codes, strict=True) if code == EVALUATION}


def test_a_selected_clip_says_what_it_was_for_and_the_rule_what_was_asked_for(corpus: StimulusSet) -> None:
    selection = select_misclassified(training=make_training(corpus), split="held-out", into="errors")
    details = [member.detail for member in selection.stimulus_set.members.all()]
    assert {detail["split"] for detail in details + selection.provenance["clips"]} == {"evaluation"}
    assert (selection.split, selection.provenance["rule"]["split"]) == ("held-out", "held-out")


def test_each_clip_is_judged_by_the_fold_that_held_it_out(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    table = read_table(training.folds.get())
    second = add_fold(training)
    first = training.folds.get(number=0)
    is_first = np.arange(60) < 30
    wrong = 1.0 - table.is_fake
    assign(first, np.where(is_first, EVALUATION, TRAIN), np.where(is_first, np.abs(wrong - 0.1), 0.5))
    assign(second, np.where(is_first, UNUSED, EVALUATION), np.where(is_first, 0.5, np.abs(wrong - 0.2)))
    selection = select_misclassified(training=training, run_choice="2", per_class=60, into="errors")
    places = {pk: place for place, pk in enumerate(table.stimulus_ids)}
    assert selection.stimulus_set.members.count() == 60
    for member in selection.stimulus_set.members.all():
        fold = 0 if is_first[places[member.stimulus_id]] else 1
        off = abs(member.detail["fake_score"] - wrong[places[member.stimulus_id]])
        assert (member.detail["fold"], member.detail["run"]) == (fold, 2)
        assert off == pytest.approx((0.1, 0.2)[fold])
    assert [(run["fold"], run["run"]) for run in selection.provenance["runs"]] == [(0, 2), (1, 2)]
    assert selection.provenance["runs"][1]["checkpoint"] == "2" * 64


def test_controls_are_stored_with_their_error_and_the_difference_of_level(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    table = read_table(training.folds.get())
    for place, pk in enumerate(table.stimulus_ids):
        Stimulus.objects.filter(pk=pk).update(level_dbfs=-20.0 - place)
    is_wrong = np.arange(60) % 6 == 0
    assign(training.folds.get(), np.full(60, EVALUATION), np.where(is_wrong, 1.0 - table.is_fake, table.is_fake))
    selection = select_misclassified(training=training, n_controls=1, into="errors")
    stimuli = Stimulus.objects.in_bulk()
    members = list(selection.stimulus_set.members.all())
    controls = [member for member in members if member.detail["bucket"] == "control"]
    assert len(controls) == len(members) - len(controls) == 10
    for member in controls:
        control, error = stimuli[member.stimulus_id], stimuli[member.detail["control_of"]]
        assert (control.label, control.category) == (error.label, error.category)
        assert member.detail["level_difference_db"] == pytest.approx(control.level_dbfs - error.level_dbfs)
    rule = selection.provenance["rule"]
    assert rule["n_taken"]["control"] == 10 and rule["n_controls_missing"] == 0
    assert selection.stimulus_set.caution.startswith("Every clip was chosen by what one detector says of it.")
    assert "Controls (for each error 1 " in selection.stimulus_set.description


def test_controls_that_are_not_there_are_counted_in_words(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    wrong = 1.0 - read_table(training.folds.get()).is_fake
    assign(training.folds.get(), np.full(60, EVALUATION), wrong)
    selection = select_misclassified(training=training, n_controls=2, per_class=1, into="errors")
    assert "0 of 8. For 8 no clip was left that the detector got right." in selection.stimulus_set.description


def test_a_cap_on_sources_says_how_many_clips_it_cannot_hold(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    table = read_table(training.folds.get())
    assign(training.folds.get(), np.full(60, EVALUATION), 1.0 - table.is_fake)
    selection = select_misclassified(training=training, per_class=3, per_source=1, into="errors")
    labels = [member.stimulus.label for member in selection.stimulus_set.members.select_related("stimulus")]
    assert (labels.count("fake"), labels.count("real")) == (2, 6)  # all fakes are of one generator
    assert "30 of the 60 clips have no known source and are not held to it." in selection.stimulus_set.description


def test_the_cap_counts_the_recordings_of_real_clips_and_the_generators_of_fakes(corpus: StimulusSet) -> None:
    labels = {label: list(corpus.own_stimuli.filter(label=label.value).order_by("pk")) for label in Label}
    for place, stimulus in enumerate(labels[Label.REAL]):
        stimulus.source_group, stimulus.generator = f"recording {place // 6}", f"made up {place}"
        stimulus.save()
    for place, stimulus in enumerate(labels[Label.FAKE]):
        stimulus.source_group, stimulus.generator = f"prompt {place}", f"system {place // 10}"
        stimulus.save()
    training = make_training(corpus)
    assign(training.folds.get(), np.full(60, EVALUATION), 1.0 - read_table(training.folds.get()).is_fake)
    selection = select_misclassified(training=training, per_class=15, per_source=1, into="errors")
    chosen = [member.stimulus for member in selection.stimulus_set.members.select_related("stimulus")]
    reals = sorted((clip.category, clip.source_group) for clip in chosen if clip.label == Label.REAL.value)
    fakes = sorted((clip.category, clip.generator) for clip in chosen if clip.label == Label.FAKE.value)
    both = ("dog_bark", "rain")
    assert reals == [(category, f"recording {number}") for category in both for number in range(5)]
    assert fakes == [(category, f"system {number}") for category in both for number in range(3)]
    assert selection.provenance["rule"]["n_without_source"] == 0


@pytest.mark.parametrize("asked", [{}, {"split": "evaluation"}], ids=["by default", "by name"])
def test_each_clip_of_a_selection_says_the_split_that_it_was_in(corpus: StimulusSet, asked: dict[str, str]) -> None:
    training = make_training(corpus)
    table = read_table(training.folds.get())
    assign(training.folds.get(), np.resize([TRAIN, VALIDATION, EVALUATION], 60), 1.0 - table.is_fake)
    selection = select_misclassified(training=training, into="errors", **asked)
    members = list(selection.stimulus_set.members.all())
    assert {member.detail["split"] for member in members} == {"evaluation"}
    assert {clip["split"] for clip in selection.provenance["clips"]} == {"evaluation"}


def test_other_buckets_have_a_rule_of_another_name_and_keep_their_parameter(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    table = read_table(training.folds.get())
    assign(training.folds.get(), np.full(60, EVALUATION), np.where(table.is_fake, 0.6, 0.1))
    chosen = select_misclassified(training=training, buckets=[Bucket.BARELY_CAUGHT], into="barely")
    assert chosen.rule == "by likelihood"
    assert chosen.provenance["rule"]["barely_caught_above"] == 0.48
    with pytest.raises(InvalidAction, match="no clip of the chosen kinds"):
        select_misclassified(training=training, buckets=[Bucket.BARELY_CAUGHT], barely_caught_above=0.99, into="none")


def test_nothing_is_selected_from_a_training_on_permuted_labels(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    training.config["permute_labels"] = True
    training.save()
    with pytest.raises(InvalidAction, match="negative control"):
        select_misclassified(training=training, into="errors")
    assert not Selection.objects.exists()
