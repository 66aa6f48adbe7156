"""The numbers of a report, key by key, against plain NumPy on the stored tables and frames.

The corpus has recordings of the eval and of the dev split, systems on two tracks and on none, and two categories of
each system, one of which has too few clips for a distance.
"""

import hashlib
from typing import Any

import numpy as np
import pytest

from detector.fold_tables import FoldTable, read_table
from detector.ml.embeddings.specs_aisfx import AISFX
from detector.ml.frechet import frechet_distance
from detector.ml.splits import EVALUATION, VALIDATION
from detector.models import Training
from detector.selectors.reports import stored_report
from detector.services.report_plan import plan_report
from detector.services.report_work import run_report
from detector.services.vectors import load_frames
from studyapp.models import StimulusSet
from studyapp.vocab import Label
from tests.detector import plain_measures as plain
from tests.detector.drawn_training import draw_training
from tests.detector.material import give_vectors
from tests.factories import make_stimulus

pytestmark = pytest.mark.django_db
TRACKS = {"a1": "A", "a2": "A", "a3": "A", "a4": "A", "b1": "B", "baseline": ""}
CATEGORIES = ("dog_bark", "rain")
FEW = ("b1", "dog_bark")  # with fewer clips than a distance needs
OFFICIAL = {"a1": 2.0, "a2": 5.0, "a3": 1.0, "a4": 4.0, "b1": 3.0, "baseline": 9.0}


@pytest.fixture
def corpus() -> StimulusSet:
    """Content hashes are fixed: they order the clips, so that the folds are the same whatever tests ran before."""
    made = StimulusSet.objects.create(slug="corpus", title="Corpus")
    for category in CATEGORIES:
        for system, track in TRACKS.items():
            for _ in range(4 if (system, category) == FEW else 10):
                clip = make_stimulus(made, label=Label.FAKE, category=category)
                clip.generator, clip.track = system, track
                clip.save()
        for place in range(18):
            clip = make_stimulus(made, label=Label.REAL, category=category)
            clip.original_split = "eval" if place < 11 else "dev"
            clip.source_group = f"recording {place // 2}"
            clip.save()
    for number, clip in enumerate(made.own_stimuli.order_by("pk")):
        clip.sha256 = hashlib.sha256(f"clip {number} of the corpus".encode()).hexdigest()
        clip.save()
    give_vectors(made)
    return made


@pytest.fixture
def training(corpus: StimulusSet) -> Training:
    return draw_training(corpus, n_folds=3, protocol="leave-one-team-out", seed=4)


def report_of(training: Training) -> dict[str, Any]:
    run_report(report=plan_report(training=training, n_resamples=100, official={"name": "ratings", "scores": OFFICIAL}))
    found = stored_report(training)
    assert found is not None
    return found


def tables_of(training: Training) -> list[FoldTable]:
    return [read_table(fold) for fold in training.folds.order_by("number")]


def held_out(tables: list[FoldTable]) -> dict[str, np.ndarray]:
    """Return the columns of all held-out clips, fold by fold; scores (runs, clips)."""
    held = [table.assignment == EVALUATION for table in tables]
    return {
        "fold": np.concatenate([np.full(part.sum(), number) for number, part in enumerate(held)]),
        "is_fake": np.concatenate([table.is_fake[part] for table, part in zip(tables, held, strict=True)]),
        "category": np.concatenate([np.array(t.categories)[part] for t, part in zip(tables, held, strict=True)]),
        "system": np.concatenate([np.array(t.generators)[part] for t, part in zip(tables, held, strict=True)]),
        "scores": np.concatenate(
            [table.fake_scores[:, part] for table, part in zip(tables, held, strict=True)], axis=1
        ).astype(np.float64),
    }


def test_each_run_and_each_fold_have_the_measures_of_their_own_clips(training: Training) -> None:
    report, held = report_of(training), held_out(tables_of(training))
    for name, measure in plain.MEASURES.items():
        runs = [measure(held["is_fake"], scores) for scores in held["scores"]]
        assert [row[name] for row in report["by_run"]] == pytest.approx(runs), name
        assert report["overall"][name]["mean"] == pytest.approx(np.mean(runs)), name
        assert report["overall"][name]["sd"] == pytest.approx(np.std(runs, ddof=1)), name
        for row in report["by_fold"]:
            here = held["fold"] == row["fold"]
            value = np.mean([measure(held["is_fake"][here], scores[here]) for scores in held["scores"]])
            assert row[name] == pytest.approx(value), (name, row["name"])
    for row in report["by_fold"]:
        here = held["fold"] == row["fold"]
        n_fake = int(held["is_fake"][here].sum())
        assert (row["n"], row["n_fake"], row["n_real"]) == (here.sum(), n_fake, here.sum() - n_fake)
    assert [row["name"] for row in report["by_fold"]] == ["part 1", "part 2", "part 3"]


def test_roc_and_calibration_are_of_each_folds_own_best_run(training: Training) -> None:
    report, tables = report_of(training), tables_of(training)
    best = []
    for table in tables:
        part = table.assignment == VALIDATION
        right = ((table.fake_scores >= 0.5) == table.is_fake)[:, part].mean(axis=1)
        best.append(int(right.argmax()))  # the lowest number on a tie
    assert len(set(best)) > 1, "another seed is needed: one run is the best of every fold"
    runs = [{"fold": fold, "run": place + 1} for fold, place in enumerate(best)]
    assert report["best_by_validation"] == report["roc"]["runs"] == report["calibration"]["runs"] == runs
    held = held_out(tables)
    is_fake, scores = held["is_fake"], held["scores"][np.array(best)[held["fold"]], np.arange(held["fold"].size)]
    points = {tuple(point) for point in np.column_stack(plain.curve(is_fake, scores)).round(9).tolist()}
    drawn = {tuple(point) for point in np.round(report["roc"]["points"], 9).tolist()}
    assert drawn <= points and {(0.0, 0.0), (1.0, 1.0)} <= drawn and len(drawn) > 20
    area = np.trapezoid(*np.array(report["roc"]["points"])[:, ::-1].T)
    assert area == pytest.approx(plain.roc_auc(is_fake, scores))
    assert report["roc"]["tpr_at_fpr_01"] == pytest.approx(plain.tpr_at_fpr_01(is_fake, scores))
    assert report["calibration"]["brier"] == pytest.approx(plain.brier(is_fake, scores))
    assert report["calibration"]["ece"] == pytest.approx(plain.ece(is_fake, scores))
    for place, each in enumerate(report["calibration"]["bins"]):
        here = np.floor(scores * 10) == place
        assert each["n"] == here.sum()
        assert each["share_fake"] == pytest.approx(is_fake[here].mean())
        assert each["mean_score"] == pytest.approx(scores[here].mean())


def against_recordings(held: dict[str, np.ndarray], system: str, measure: Any) -> float:
    """Return the measure of a system's fakes against the recordings of their fold: mean over runs, then over clips."""
    of_system = held["system"] == system
    values = []
    for fold in held["fold"][of_system]:
        here = (held["fold"] == fold) & (of_system | ~held["is_fake"])
        values.append(np.mean([measure(held["is_fake"][here], scores[here]) for scores in held["scores"]]))
    return float(np.mean(values))


def test_systems_and_their_summary_are_those_of_their_own_fakes(training: Training) -> None:
    report, held = report_of(training), held_out(tables_of(training))
    expected: dict[str, dict[str, float]] = {}
    for system in TRACKS:
        scores = held["scores"][:, held["system"] == system]
        expected[system] = {
            "hit_rate": float((scores >= 0.5).mean()),
            "bce": float(-np.log(scores).mean()),
            "roc_auc": against_recordings(held, system, plain.roc_auc),
            "eer": against_recordings(held, system, plain.eer),
        }
    rows = {row["system"]: row for row in report["by_system"]}
    assert set(rows) == set(TRACKS)
    for system, values in expected.items():
        assert {name: rows[system][name] for name in values} == pytest.approx(values), system
        assert (rows[system]["track"], rows[system]["n"]) == (TRACKS[system], (held["system"] == system).sum())
    lowest = min(expected, key=lambda system: expected[system]["hit_rate"])
    highest = max(expected, key=lambda system: expected[system]["eer"])
    short = report["systems"]
    assert report["by_system"][0]["system"] == short["worst"]["system"] == lowest
    assert short["worst"]["hit_rate"] == pytest.approx(expected[lowest]["hit_rate"])
    assert short["worst_eer"] == {"system": highest, "eer": pytest.approx(expected[highest]["eer"])}
    for name in ("hit_rate", "roc_auc", "eer"):
        assert short[f"mean_{name}"] == pytest.approx(np.mean([values[name] for values in expected.values()]))


def test_cells_of_system_and_category_hold_the_share_called_fake(training: Training) -> None:
    report, held = report_of(training), held_out(tables_of(training))
    cells = {(row["system"], row["category"]): row for row in report["by_system_category"]}
    assert set(cells) == {(system, category) for system in TRACKS for category in CATEGORIES}
    for (system, category), row in cells.items():
        here = (held["system"] == system) & (held["category"] == category)
        assert row["n"] == here.sum()
        assert row["hit_rate"] == pytest.approx((held["scores"][:, here] >= 0.5).mean())
    for row in report["by_category"]:
        here = held["category"] == row["category"]
        for name in ("accuracy", "balanced_accuracy"):
            values = [plain.MEASURES[name](held["is_fake"][here], scores[here]) for scores in held["scores"]]
            assert row[name] == pytest.approx(np.mean(values)), name


def test_distances_are_from_the_eval_clips_of_each_category_and_averaged(corpus: StimulusSet) -> None:
    # Not only the clips that were held out: with one fold, a fifth of them is.
    frechet = report_of(draw_training(corpus))["frechet"]

    def frames(**wanted: str) -> np.ndarray:
        shas = corpus.own_stimuli.filter(**wanted).values_list("sha256", flat=True)
        return np.concatenate([load_frames(sha, spec=AISFX) for sha in shas]).astype(np.float64)

    assert "eval split" in frechet["reference"] and frechet["reference_n"] == dict.fromkeys(CATEGORIES, 11)
    rows = {row["system"]: row for row in frechet["systems"]}
    assert set(rows) == set(TRACKS)
    for system, row in rows.items():
        expected = {
            category: frechet_distance(
                frames(generator=system, category=category),
                frames(label=Label.REAL.value, category=category, original_split="eval"),
            )
            for category in CATEGORIES
            if (system, category) != FEW
        }
        values = {category: cell["value"] for category, cell in row["by_category"].items()}
        assert values == {category: pytest.approx(expected.get(category)) for category in CATEGORIES}
        assert row["mean"] == pytest.approx(np.mean(list(expected.values())))
        assert (row["n_categories"], row["n"], row["track"]) == (
            len(expected),
            corpus.own_stimuli.filter(generator=system).count(),
            TRACKS[system],
        )


def test_cross_entropy_is_set_against_distances_and_scores_within_each_track_and_over_all(training: Training) -> None:
    report, held = report_of(training), held_out(tables_of(training))
    distance = {row["system"]: row["mean"] for row in report["frechet"]["systems"]}
    rows = {(row["against"], row["track"]): row for row in report["quality"]}
    # b1 has no distance in one category, so that no system of track B has a comparable one.
    assert list(rows) == [("frechet", "A"), ("frechet", "all"), *(("official", each) for each in ("A", "B", "all"))]
    for (against, track), row in rows.items():
        systems = [
            system
            for system in sorted(TRACKS)
            if track in (TRACKS[system], "all") and (against == "official" or system != FEW[0])
        ]
        bce = [-np.log(held["scores"][:, held["system"] == system]).mean() for system in systems]
        value = [(distance if against == "frechet" else OFFICIAL)[system] for system in systems]
        assert [point["system"] for point in row["points"]] == systems and row["n"] == len(systems)
        assert [point["bce"] for point in row["points"]] == pytest.approx(bce)
        assert [point["value"] for point in row["points"]] == pytest.approx(value)
        if track == "B":
            assert row["pearson"]["r"] is row["spearman"]["r"] is None
            continue
        ranks = [np.argsort(np.argsort(each)) for each in (bce, value)]
        assert row["pearson"]["r"] == pytest.approx(np.corrcoef(bce, value)[0, 1])
        assert row["spearman"]["r"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
