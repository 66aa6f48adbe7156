"""Training, scoring, selecting and reporting on stored vectors, with every refusal."""

from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from django.utils import timezone

from detector.fold_tables import read_table
from detector.ml.checkpoint import parse
from detector.ml.config import BadTraining
from detector.ml.splits import EVALUATION, SPLITS
from detector.models import DetectorRun, EmbeddingRun, Fold, Selection, Training
from detector.selectors.held_out import held_out_clips
from detector.selectors.report import confusion, training_report
from detector.selectors.report_text import report_lines
from detector.selectors.runs import chosen_runs
from detector.services import training_work
from detector.services.reconcile import reconcile_jobs
from detector.services.scoring import score_stimuli
from detector.services.selection import select_misclassified
from detector.services.training import cancel_training, plan_training
from detector.services.training_work import run_training, train_detectors
from detector.services.vectors import MissingVectors
from studyapp.errors import EarwitnessError, InvalidAction, NotFound
from studyapp.models import MachineScore, SetMember, Stimulus, StimulusSet
from studyapp.services import jobs, media
from studyapp.services.jobs import MAX_ATTEMPTS, LostClaim, claim
from studyapp.vocab import JobState, Label, Split
from tests.detector.material import TINY, give_vectors, make_set, make_training

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus() -> StimulusSet:
    made = make_set("corpus", n=60)
    give_vectors(made, shift=0.05)
    return made


def plan(corpus: StimulusSet, **changes: object) -> Training:
    return plan_training(**{"stimulus_set": corpus, "encoder": "aisfx", "n_runs": 2, "config": TINY, **changes})


def test_a_training_publishes_its_fold_and_runs(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    fold = training.folds.get()
    assert (fold.n_train, fold.n_validation, fold.n_evaluation) == (41, 6, 13)
    runs = list(training.runs.all())
    assert [run.number for run in runs] == [1, 2, 3]
    assert len({run.checkpoint_sha256 for run in runs}) == 3
    weights, facts = parse(media.read(runs[0].checkpoint_name), sha256=runs[0].checkpoint_sha256)
    assert weights["layers.0.weight"].shape == (16, 512)
    assert (facts["run"], facts["training"], facts["fingerprint"]) == (1, training.pk, training.fingerprint)
    table = read_table(fold)
    assert table.fake_scores.shape == (3, 60)
    assert table.shas == sorted(table.shas)
    assert training.unfinished_name == ""


def test_the_same_plan_gives_the_same_networks(corpus: StimulusSet) -> None:
    first, second = make_training(corpus), make_training(corpus)
    tables = [read_table(training.folds.get()).fake_scores for training in (first, second)]
    assert np.array_equal(*tables)


def test_clips_without_vectors_are_refused_with_the_command_that_helps() -> None:
    made = make_set("bare", n=20)
    with pytest.raises(MissingVectors, match=r"20 of 20 clips.*embed_stimuli --set bare"):
        plan(made)


def test_one_label_too_few_clips_and_wrong_numbers_are_refused(corpus: StimulusSet) -> None:
    with pytest.raises(BadTraining, match="Add real clips"):
        plan(make_set("fakes", n=20, n_fake=20))
    with pytest.raises(BadTraining, match="too few"):
        plan(make_set("few", n=6))
    with pytest.raises(BadTraining, match="0 runs"):
        plan(corpus, n_runs=0)
    with pytest.raises(BadTraining, match="seed"):
        plan(corpus, seed=-1)
    with pytest.raises(BadTraining, match="no protocol"):
        plan(corpus, protocol="nonsense")
    with pytest.raises(BadTraining, match="0 to 10"):
        plan(corpus, config={**TINY, "warm_up_epochs": 11})
    assert not Training.objects.exists()


def test_a_sound_with_both_labels_is_refused(corpus: StimulusSet) -> None:
    real = Stimulus.objects.filter(home_set=corpus, label=Label.REAL.value)[0]
    other = make_set("other", n=2)
    fake = other.own_stimuli.get(label=Label.FAKE.value)
    fake.sha256 = real.sha256
    fake.save()
    SetMember.objects.create(stimulus_set=corpus, stimulus=fake, position=999)
    with pytest.raises(BadTraining, match="labelled real and fake"):
        plan(corpus)


def test_clips_that_change_before_the_work_fail_it_and_publish_nothing(corpus: StimulusSet) -> None:
    training = plan(corpus)
    Stimulus.objects.filter(home_set=corpus).update(label=Label.FAKE.value)
    assert train_detectors(training_id=training.pk)
    training.refresh_from_db()
    assert training.state == JobState.FAILED.value
    assert "same label" in training.error
    assert not DetectorRun.objects.exists() and not Fold.objects.exists()
    with pytest.raises(EarwitnessError, match="failed"):
        run_training(training=training)


def test_a_cancelled_training_stops_and_publishes_nothing(corpus: StimulusSet) -> None:
    training = plan(corpus)
    assert train_detectors(training_id=training.pk, report=lambda line: cancel_training(training=training)) is False
    training.refresh_from_db()
    assert training.state == JobState.CANCELLED.value
    assert not DetectorRun.objects.exists()
    assert not train_detectors(training_id=training.pk)


def test_a_killed_training_goes_on_from_its_last_checkpoint_to_the_same_networks(corpus: StimulusSet) -> None:
    config = {**TINY, "n_epochs": 40}
    whole = run_training(training=plan(corpus, config=config))
    killed = plan(corpus, config=config)

    def die(line: str) -> None:
        if "epoch 30" in line:
            raise MemoryError("killed")

    with pytest.raises(MemoryError):
        train_detectors(training_id=killed.pk, report=die)
    killed.refresh_from_db()
    assert (killed.state, killed.attempts) == (JobState.QUEUED.value, 1)
    unfinished = killed.unfinished_name
    assert media.exists(unfinished)
    lines: list[str] = []
    run_training(training=killed, report=lines.append)
    assert "goes on after epoch 20" in lines[0]
    scores = [read_table(training.folds.get()).fake_scores for training in (whole, killed)]
    assert np.array_equal(*scores)
    killed.refresh_from_db()
    assert killed.unfinished_name == "" and not media.exists(unfinished)


def _die_at_epoch_20(line: str) -> None:
    if "epoch 20" in line:
        raise MemoryError("killed")


def _interrupted(corpus: StimulusSet) -> tuple[Training, str]:
    """Return a training that died in its first attempt, and the name of its saved state."""
    training = plan(corpus, config={**TINY, "n_epochs": 40})
    with pytest.raises(MemoryError):
        train_detectors(training_id=training.pk, report=_die_at_epoch_20)
    training.refresh_from_db()
    assert media.exists(training.unfinished_name)
    return training, training.unfinished_name


@pytest.mark.parametrize("end", ["cancelled", "failed", "given up"])
def test_the_saved_state_of_a_training_that_ended_without_success_is_deleted(
    corpus: StimulusSet, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    training, unfinished = _interrupted(corpus)
    if end == "cancelled":
        cancel_training(training=training)
    elif end == "failed":
        Stimulus.objects.filter(home_set=corpus).update(category="changed")
        train_detectors(training_id=training.pk)
    else:
        silent = {"state": JobState.RUNNING.value, "attempts": MAX_ATTEMPTS, "heartbeat_at": training.created_at}
        Training.objects.filter(pk=training.pk).update(**silent)
        monkeypatch.setattr(jobs, "DEAD_AFTER_S", 0.0)
        reconcile_jobs()
    training.refresh_from_db()
    assert training.state in (JobState.CANCELLED.value, JobState.FAILED.value)
    assert training.unfinished_name == "" and not media.exists(unfinished)


def test_a_worker_that_is_cancelled_while_it_saves_leaves_no_file(
    corpus: StimulusSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, stored = plan(corpus), []

    def store_late(folder: str, parts: Iterable[media.Part], suffix: str) -> str:
        stored.append(media.store_parts(folder, parts, suffix))
        cancel_training(training=training)
        return stored[0]

    monkeypatch.setattr(training_work, "media", SimpleNamespace(store_parts=store_late))
    assert not train_detectors(training_id=training.pk)
    assert stored and not media.exists(stored[0])


@pytest.mark.timeout(60)
def test_a_command_that_waits_for_a_dead_worker_takes_its_training_over(
    corpus: StimulusSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_work, "WAIT_S", 0.01)
    training = plan(corpus)
    assert claim(job=Training, pk=training.pk) is not None
    Training.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=jobs.DEAD_AFTER_S + 1))
    training.refresh_from_db()
    assert run_training(training=training).state == JobState.DONE.value


def test_a_scoring_says_that_it_is_alive_and_stores_nothing_once_its_claim_is_lost(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    shares: list[float] = []
    scored = score_stimuli(training=training, run_choice="1", stimulus_set=corpus, on_part=shares.append)
    assert shares == [0.0, 1.0]
    checkpoint = training.runs.get(number=1).checkpoint_sha256
    assert scored.machine.provenance["version"] == f"{training.code_version}+{checkpoint[:12]}"
    MachineScore.objects.all().delete()

    def lose(share: float) -> None:
        raise LostClaim

    with pytest.raises(LostClaim):
        score_stimuli(training=training, run_choice="1", stimulus_set=corpus, on_part=lose)
    assert not MachineScore.objects.exists()


def test_scores_carry_the_split_of_each_clip(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    scored = score_stimuli(training=training, run_choice="2", stimulus_set=corpus)
    assert scored.n_by_split == {"train": 41, "validation": 6, "evaluation": 13}
    table = read_table(training.folds.get())
    stored = {score.stimulus_id: score for score in MachineScore.objects.filter(machine=scored.machine)}
    for place, pk in enumerate(table.stimulus_ids):
        assert stored[pk].split == SPLITS[table.assignment[place]].value
        assert stored[pk].fake_score == pytest.approx(table.fake_scores[1, place], abs=1e-6)


def test_clips_that_the_detector_never_met_have_no_split_and_known_sounds_keep_theirs(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    other = make_set("elsewhere", n=4)
    trained_on = next(
        pk
        for pk, code in zip(*(lambda t: (t.stimulus_ids, t.assignment))(read_table(training.folds.get())), strict=True)
        if SPLITS[code] is Split.TRAIN
    )
    copy = other.own_stimuli.all()[0]
    copy.sha256 = Stimulus.objects.get(pk=trained_on).sha256
    copy.save()
    give_vectors(other)
    scored = score_stimuli(training=training, run_choice="best", stimulus_set=other)
    assert scored.n_by_split == {"": 3, "train": 1}
    assert MachineScore.objects.get(machine=scored.machine, stimulus=copy).split == "train"


def test_best_is_the_run_with_the_highest_validation_accuracy(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    for run, accuracy in zip(training.runs.all(), (0.5, 0.8, 0.8), strict=True):
        run.validation["accuracy"] = accuracy
        run.save()
    assert [run.number for run in chosen_runs(training, "best")] == [2]
    with pytest.raises(NotFound, match="no run 9"):
        chosen_runs(training, "9")
    with pytest.raises(InvalidAction, match="use best"):
        chosen_runs(training, "worst")
    for choice in ("²", "٣", "9" * 5000, "-1", ""):
        with pytest.raises(InvalidAction, match="use best"):
            chosen_runs(training, choice)


def test_a_selection_holds_only_held_out_errors_and_says_where_they_come_from(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    selection = select_misclassified(training=training, per_class=2, into="errors")
    table = read_table(training.folds.get())
    held = {pk for pk, code in zip(table.stimulus_ids, table.assignment, strict=True) if code == EVALUATION}
    members = list(selection.stimulus_set.members.select_related("stimulus"))
    assert members
    for member in members:
        assert member.stimulus_id in held
        is_fake = member.stimulus.label == Label.FAKE.value
        assert (member.detail["fake_score"] < 0.5) == is_fake
        assert member.detail["bucket"] == ("incorrect_negative" if is_fake else "incorrect_positive")
    assert selection.provenance["rule"]["n_eligible"] == len(held)
    assert [clip["stimulus"] for clip in selection.provenance["clips"]] == [member.stimulus_id for member in members]
    own, inherited = selection.stimulus_set.caution.splitlines()
    assert own.startswith("Every clip is an error of one detector.")
    assert inherited == "Of the set it was selected from (corpus): Too few to say anything."


def test_selecting_is_refused_from_training_data_into_an_old_name_or_without_errors(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    with pytest.raises(InvalidAction, match="never selected"):
        select_misclassified(training=training, split="train", into="a")
    with pytest.raises(InvalidAction, match="already"):
        select_misclassified(training=training, into="corpus")
    with pytest.raises(InvalidAction, match="at least 1"):
        select_misclassified(training=training, per_class=0, into="a")
    easy = make_set("easy", n=40)
    give_vectors(easy, shift=3.0)
    with pytest.raises(InvalidAction, match="no error on the 9 held-out clips"):
        select_misclassified(training=make_training(easy), into="a")
    assert not Selection.objects.exists()


def test_an_unfinished_training_has_no_detectors(corpus: StimulusSet) -> None:
    training = plan(corpus)
    for use in (
        lambda: score_stimuli(training=training, run_choice="best", stimulus_set=corpus),
        lambda: select_misclassified(training=training, into="a"),
        lambda: training_report(training),
    ):
        with pytest.raises(InvalidAction, match="is queued"):
            use()


def test_a_report_has_every_run_their_spread_and_matrices_that_add_up(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    report = training_report(training)
    accuracies = [run["evaluation"]["accuracy"] for run in report["runs"]]
    assert report["evaluation"]["accuracy"]["mean"] == pytest.approx(np.mean(accuracies))
    assert report["evaluation"]["accuracy"]["sd"] == pytest.approx(np.std(accuracies, ddof=1))
    for matrix in report["confusion"].values():
        assert sum(sum(row.values()) for row in matrix["of_set"].values()) == pytest.approx(1.0)
        assert matrix["n"] == 13
    best = report["confusion"]["best_on_evaluation"]
    assert best["counts"]["real"]["real"] + best["counts"]["fake"]["fake"] == pytest.approx(max(accuracies) * 13)
    text = "\n".join(report_lines(report))
    assert "Caution: Too few to say anything." in text and "chosen on the evaluation set" in text


def test_the_clips_of_an_averaged_matrix_are_a_whole_number() -> None:
    names = ("hits", "misses", "false_alarms", "correct_rejections")
    runs = [(2, 4, 4, 3), (0, 4, 5, 4), (0, 5, 4, 4)]  # (2, 13, 13, 11) / 3 add up to 13.000000000000002
    assert confusion([dict(zip(names, counts, strict=True)) for counts in runs])["n"] == 13


def test_held_out_clips_are_those_of_the_evaluation_split(corpus: StimulusSet) -> None:
    training = make_training(corpus)
    assert len(held_out_clips(chosen_runs(training, "1"))) == 13
    assert EmbeddingRun.objects.count() == 1
