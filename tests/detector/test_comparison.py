"""A comparison of trainings: what it computes, and its life as a job."""

import hashlib
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from detector.fold_tables import read_table
from detector.ml.bootstrap import holm, paired_difference
from detector.ml.splits import EVALUATION
from detector.models import ComparedTraining, Comparison, Training
from detector.selectors.comparisons import compared_keys, comparison_row, stored_comparison
from detector.selectors.full_report_text import comparison_lines
from detector.selectors.progress import comparison_progress
from detector.services.comparison import COMPARED, compare_trainings
from detector.services.comparison_plan import plan_comparison
from detector.services.comparison_work import compare_planned, run_comparison
from detector.services.reconcile import reconcile_jobs
from studyapp.errors import EarwitnessError, InvalidAction
from studyapp.models import SetMember, StimulusSet
from studyapp.services import jobs, media
from studyapp.services.jobs import DEAD_AFTER_S, MAX_ATTEMPTS, cancel, claim
from studyapp.vocab import JobState, Label
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus() -> StimulusSet:
    """240 clips: fakes of six systems, recordings cut from twelve sources."""
    made = make_set("corpus", n=240)
    for label, field, n in ((Label.FAKE, "generator", 6), (Label.REAL, "source_group", 12)):
        for place, stimulus in enumerate(made.own_stimuli.filter(label=label.value).order_by("pk")):
            setattr(stimulus, field, f"{field} {place % n}")
            # Scores are drawn in order of the content's hash: the same in whatever order tests run.
            stimulus.sha256 = hashlib.sha256(f"{label.value} {place}".encode()).hexdigest()
            stimulus.save()
    return made


def draw(corpus: StimulusSet, *seeds: int, **asked: Any) -> list[Training]:
    """Return trainings that held out every clip."""
    return [draw_training(corpus, n_folds=4, protocol="grouped", seed=seed, **asked) for seed in seeds]


def test_holm_is_over_the_pairs_within_each_measure(corpus: StimulusSet) -> None:
    found = compare_trainings(draw(corpus, 1, 2, 3, by_cluster=0.3), n_resamples=300)
    ps = [row["p"] for row in found["paired"]]
    assert len(ps) == 3 * len(COMPARED)
    for measure in COMPARED:
        rows = [row for row in found["paired"] if row["measure"] == measure]
        assert [row["p_holm"] for row in rows] == pytest.approx(holm([row["p"] for row in rows]))
    # Over all twelve at once the corrected values would be others.
    assert [row["p_holm"] for row in found["paired"]] != pytest.approx(holm(ps))


def test_whole_clusters_are_drawn_not_clips(corpus: StimulusSet) -> None:
    pair = draw(corpus, 1, 2, by_cluster=2.0)
    found = compare_trainings(pair, n_resamples=500, measures=["accuracy"])
    (row,) = found["paired"]
    assert (row["n_clips"], row["n_clusters_fake"], row["n_clusters_real"]) == (240, 6, 12)
    is_fake, scores = _held_out(pair)
    by_clip = paired_difference(
        is_fake,
        *scores,
        np.arange(is_fake.size),
        measure="accuracy",
        threshold=0.5,
        n_resamples=500,
        rng=np.random.default_rng(1),
    )
    assert row["difference"] == pytest.approx(by_clip.estimate)
    assert by_clip.low is not None and by_clip.high is not None
    assert row["high"] - row["low"] > 1.8 * (by_clip.high - by_clip.low)


def _held_out(pair: list[Training]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return truth and each training's scores of all clips, in one order, straight from the tables."""
    scores = []
    for training in pair:
        tables = [read_table(fold) for fold in training.folds.all()]
        all_scores = np.empty(tables[0].fake_scores.shape)
        for table in tables:
            held = table.assignment == EVALUATION
            all_scores[:, held] = table.fake_scores[:, held]
        scores.append(all_scores)
    return tables[0].is_fake, scores


def test_permuted_labels_are_compared_with_no_other_labels(corpus: StimulusSet) -> None:
    true, control, same = (
        *draw(corpus, 1),
        *draw(corpus, 2, permute_labels=True),
        *draw(corpus, 2, permute_labels=True, strength=0.1),
    )
    (other,) = draw(corpus, 3, permute_labels=True)
    found = compare_trainings([true, control, same, other], n_resamples=100, measures=["accuracy"])
    for kind in ("seed_variability", "paired"):
        assert [(row["a"], row["b"]) for row in found[kind]] == [(control.pk, same.pk)]
        reasons = [row["reason"] for row in found["left_out"] if row["kind"] == kind]
        assert len(reasons) == 5 and all("different labels" in reason for reason in reasons)
    controls = [row["negative_control"] for row in found["trainings"]]
    assert controls == [None, *["permuted_labels"] * 3]
    assert f"{control.pk} (aisfx, grouped, negative control)" in "\n".join(comparison_lines(found))


def test_clips_that_have_another_label_by_now_are_not_compared_over_runs_either(corpus: StimulusSet) -> None:
    (before,) = draw(corpus, 1)
    corpus.own_stimuli.filter(pk=corpus.own_stimuli.order_by("pk").first().pk).update(label=Label.REAL.value)
    (after,) = draw(corpus, 1)
    found = compare_trainings([before, after], n_resamples=100)
    assert (found["seed_variability"], found["paired"], len(found["left_out"])) == ([], [], 2)


def test_a_comparison_is_of_a_set_of_trainings_and_computed_once(corpus: StimulusSet) -> None:
    a, b = draw(corpus, 1, 2)
    planned = plan_comparison(trainings=[b, a, b], n_resamples=100)
    assert (planned.key, compared_keys(planned), planned.n_total) == (f"{a.pk},{b.pk}", [a.pk, b.pk], 4)
    assert plan_comparison(trainings=[a, b]).pk == planned.pk
    run_comparison(comparison=planned)
    first = stored_comparison(planned)
    assert first is not None and [row["a"] for row in first["paired"]] == [a.pk] * 4
    assert first["options"] == {"n_resamples": 100, "level": 0.95}
    assert plan_comparison(trainings=[b, a]).state == JobState.DONE.value
    assert not compare_planned(comparison_id=planned.pk)
    anew = plan_comparison(trainings=[a, b], anew=True)
    assert (anew.pk, anew.state, anew.content_name) == (planned.pk, JobState.QUEUED.value, planned.content_name)
    assert stored_comparison(run_comparison(comparison=anew)) == first
    more = plan_comparison(trainings=[a, b], n_resamples=200)
    assert (more.state, more.options["n_resamples"]) == (JobState.QUEUED.value, 200)
    assert comparison_row([b.pk, a.pk]) == more and comparison_row([a.pk]) is None


def test_what_became_of_the_set_does_not_matter(corpus: StimulusSet) -> None:
    pair = draw(corpus, 1, 2)
    first = compare_trainings(pair, n_resamples=100)
    SetMember.objects.filter(stimulus_set=corpus).delete()
    assert compare_trainings(pair, n_resamples=100) == first


def test_what_cannot_be_compared_is_refused(corpus: StimulusSet) -> None:
    a, b = draw(corpus, 1, 2)
    with pytest.raises(InvalidAction, match="two different"):
        plan_comparison(trainings=[a, a])
    with pytest.raises(InvalidAction, match="resamples"):
        plan_comparison(trainings=[a, b], n_resamples=1)
    Training.objects.filter(pk=b.pk).update(state=JobState.FAILED.value)
    with pytest.raises(InvalidAction, match="only a finished one"):
        plan_comparison(trainings=[a, Training.objects.get(pk=b.pk)])
    assert not Comparison.objects.exists()


def test_a_deleted_training_deletes_its_comparisons_and_no_others(corpus: StimulusSet) -> None:
    a, b, c = draw(corpus, 1, 2, 3)
    for chosen in ([a, b], [a, b, c], [b, c]):
        plan_comparison(trainings=chosen)
    key = f"{b.pk},{c.pk}"
    Training.objects.filter(pk=a.pk).delete()
    assert list(Comparison.objects.values_list("key", flat=True)) == [key]
    assert ComparedTraining.objects.count() == 2
    c.delete()
    assert not Comparison.objects.exists() and Training.objects.get() == b


def test_a_cancelled_comparison_stores_nothing(corpus: StimulusSet) -> None:
    planned = plan_comparison(trainings=draw(corpus, 1, 2), n_resamples=100)

    def stop(line: str) -> None:
        assert cancel(Comparison.objects.filter(pk=planned.pk)) or "0 of 4" not in line

    assert not compare_planned(comparison_id=planned.pk, say=stop)
    planned.refresh_from_db()
    assert (planned.state, planned.content_name) == (JobState.CANCELLED.value, "")
    assert not cancel(Comparison.objects.filter(pk=planned.pk))
    with pytest.raises(EarwitnessError, match="is cancelled"):
        run_comparison(comparison=planned)


def _fall_silent(comparison: Comparison) -> None:
    long_ago = timezone.now() - timedelta(seconds=DEAD_AFTER_S + 1)
    Comparison.objects.filter(pk=comparison.pk).update(heartbeat_at=long_ago)


def test_a_dead_workers_comparison_is_queued_again_sent_and_done(
    corpus: StimulusSet, django_capture_on_commit_callbacks: Any
) -> None:
    planned = plan_comparison(trainings=draw(corpus, 1, 2), n_resamples=100)
    held = claim(job=Comparison, pk=planned.pk)
    assert held is not None and reconcile_jobs().n_back == 0
    _fall_silent(planned)
    with django_capture_on_commit_callbacks() as sent:
        done = reconcile_jobs()
    # Within the test's transaction both messages wait for its end; outside, the first keeps the second from being sent.
    assert (done.n_back, done.n_failed, done.n_sent, len(sent)) == (1, 0, 1, 2)
    with pytest.raises(jobs.LostClaim):
        held.finish()
    assert compare_planned(comparison_id=planned.pk)
    planned.refresh_from_db()
    assert (planned.state, planned.attempts, planned.n_done) == (JobState.DONE.value, 2, 4)


@pytest.mark.timeout(30)
def test_a_comparison_is_given_up_after_the_last_attempt_also_by_who_waits_for_it(
    corpus: StimulusSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WAIT_S", 0.01)
    planned = plan_comparison(trainings=draw(corpus, 1, 2), n_resamples=100)
    for _ in range(MAX_ATTEMPTS):
        Comparison.objects.update(state=JobState.QUEUED.value)
        assert claim(job=Comparison, pk=planned.pk) is not None
    _fall_silent(planned)
    with pytest.raises(EarwitnessError, match="died"):
        run_comparison(comparison=planned)


def test_a_table_that_is_gone_is_said_and_can_be_tried_again(corpus: StimulusSet) -> None:
    pair = draw(corpus, 1, 2)
    fold = pair[0].folds.first()
    kept, fold.table_sha256 = fold.table_sha256, "0" * 64
    fold.save()
    planned = plan_comparison(trainings=pair, n_resamples=100)
    with pytest.raises(EarwitnessError, match="is failed"):
        run_comparison(comparison=planned)
    assert planned.error
    fold.table_sha256 = kept
    fold.save()
    again = plan_comparison(trainings=pair, owner=make_user("bob"))
    assert (again.state, again.error, again.owner.username) == (JobState.QUEUED.value, "", "bob")
    assert media.exists(run_comparison(comparison=again).content_name)


def test_progress_counts_differences_and_tells_the_time_left(corpus: StimulusSet) -> None:
    planned = plan_comparison(trainings=draw(corpus, 1, 2, 3))
    assert comparison_progress(planned)["seconds_left"] is None
    planned.state, planned.n_done = JobState.RUNNING.value, 3
    planned.started_at = timezone.now() - timedelta(seconds=30)
    found = comparison_progress(planned)
    assert (found["n_total"], found["unit"], found["is_open"]) == (12, "differences", True)
    assert found["seconds_left"] == pytest.approx(90, abs=1)
