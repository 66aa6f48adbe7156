import math
import re
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone
from scipy.stats import ttest_1samp
from statsmodels.stats.multitest import multipletests

from studyapp.models import (
    Block,
    Machine,
    QuestionAnswer,
    ScreeningAttempt,
    Session,
    StimulusSet,
    Study,
    StudyVersion,
)
from studyapp.reports.flow_figure import flow_figure
from studyapp.selectors.judgements import judgement_frame
from studyapp.services.analysis import analyze
from studyapp.services.analysis_reasons import DENOMINATORS
from studyapp.vocab import Label, Origin, Outcome, Split
from tests.factories import make_machine, make_repeat, make_session, make_version
from tests.studyapp.selectors.test_analysis_plan import config
from tests.studyapp.services.test_analysis_scales import pair_version, rating_version

pytestmark = pytest.mark.django_db
PLANNED = config(stop_at_n=1)  # three sessions deviate from it


def _one_wrong(frozen: object, index: int) -> bool:
    return (frozen.label == Label.FAKE) != (index == 0)


def test_counts_correct_answers_by_class_of_truth() -> None:
    version = make_version(n_fake=4, n_real=4)
    make_session(version)
    make_session(version, says_fake=_one_wrong)
    make_session(version, says_fake=lambda frozen, index: index % 2 == 0)
    found = analyze(study=version.study)
    assert found["counts"] == {"n_listeners": 3, "n_clips": 8, "n_judgements": 24}
    fake, real = found["classes"]["fake"], found["classes"]["real"]
    assert (fake["n_correct"], fake["n_judgements"]) == (4 + 3 + 2, 12)
    assert (real["n_correct"], real["n_judgements"]) == (4 + 4 + 2, 12)
    assert fake["proportion_correct"] == 0.75
    assert fake["section_vi"]["by_listener"]["mean"] == 0.75
    assert fake["section_vi"]["by_listener"]["effect_size_d"] == pytest.approx(1.0)
    assert fake["naive_test"]["z"] == pytest.approx(math.sqrt(3))
    assert fake["naive_test"]["assumption"] == "assumes independent trials"
    pooled = found["discrimination"]["pooled"]
    counts = [pooled[name] for name in ("n_hits", "n_misses", "n_false_alarms", "n_correct_rejections")]
    assert counts == [9, 3, 2, 10]
    assert found["discrimination"]["over_listeners"]["d_prime"]["n_units"] == 3
    assert sum(row["n_judgements"] for row in found["categories"]) == 24


def test_gives_the_shares_of_the_reasons_with_their_denominator() -> None:
    version = make_version(n_fake=4, n_real=0)
    make_session(version, reason=lambda index: "distorted" if index < 3 else "other")
    make_session(version, reason=None)
    found = analyze(study=version.study)["reasons"]
    shares = {share["code"]: share for share in found["shares"]}
    assert shares["distorted"]["proportion"] == 0.75
    assert shares["distorted"]["n_on_fake"] == 3
    assert shares["repetitive"]["n_chosen"] == 0
    assert (found["n_judgements"], found["n_asked_without_reason"]) == (4, 4)
    assert (found["n_listeners"], found["n_listeners_without"]) == (1, 1)
    assert "fake" in found["denominator"]


def _relaunch(first: StudyVersion, **reasons: str) -> StudyVersion:
    """Launch the study again with the same clips and another menu."""
    version = StudyVersion.objects.create(
        study=first.study,
        number=first.number + 1,
        config={**first.config, "task": {"reasons": {**first.config["task"]["reasons"], **reasons}}},
        sha256="0" * 64,
        code_version="test",
        sample_rate_hz=22050,
        n_channels=1,
        calibration_level_dbfs=-20.0,
    )
    Block.objects.create(version=version, position=0, name="main")
    for frozen in first.frozen_stimuli.all():
        frozen.pk, frozen.version, frozen._state.adding = None, version, True
        frozen.save()
    return version


@pytest.mark.parametrize(
    ("first", "second", "asked_after", "mode", "n_missing"),
    [
        ({}, {"after": "both"}, "mixed", "single", 2 + 4),
        ({"after": "both"}, {"after": "never"}, "both", "single", 4),
        ({}, {"after": "never"}, "fake", "single", 2),
        ({"mode": "multiple"}, {}, "fake", "multiple", 2 + 2),
    ],
)
def test_asks_each_pooled_version_after_what_and_how_many_reasons_were_asked(
    first: dict[str, str], second: dict[str, str], asked_after: str, mode: str, n_missing: int
) -> None:
    before = make_version(n_fake=2, n_real=2)
    one = _relaunch(before, **first)
    two = _relaunch(one, **{"after": "fake", "mode": "single", **second})
    make_session(one, reason=None)
    make_session(two, reason=None)
    found = analyze(study=before.study)["reasons"]
    assert (found["asked_after"], found["mode"], found["n_asked_without_reason"]) == (asked_after, mode, n_missing)
    assert found["denominator"] == DENOMINATORS[asked_after]
    make_session(one, pseudonym="ANN")
    shares = analyze(study=before.study)["reasons"]["shares"]
    assert all((share["goodman"] is None) == (mode == "multiple") for share in shares)


def test_a_version_without_answers_does_not_change_the_reasons() -> None:
    version = make_version()
    make_session(version)
    _relaunch(version, after="never", mode="multiple")
    found = analyze(study=version.study)["reasons"]
    assert (found["asked_after"], found["mode"]) == ("fake", "single")


def test_holds_machine_and_majority_against_each_other_on_the_same_clips() -> None:
    version = make_version(n_fake=2, n_real=2)
    make_session(version)
    make_session(version, says_fake=_one_wrong)  # a tie on clip 0
    make_machine(version, is_right=lambda frozen, index: index % 2 == 0)
    (machine,) = analyze(study=version.study)["machines"]
    assert machine["n_clips"] == 4
    assert machine["overlap"] == {
        "both_right": 1,
        "only_human_right": 2,
        "only_machine_right": 0,
        "both_wrong": 0,
        "ties_machine_right": 1,
        "ties_machine_wrong": 0,
    }
    assert machine["by_truth"]["fake"] == {
        "n_clips": 2,
        "machine_right": 1,
        "majority_right": 1,
        "majority_wrong": 0,
        "ties": 1,
    }
    assert machine["cautions"] == []


def test_says_what_cannot_be_concluded_when_every_clip_is_an_error_of_the_machine() -> None:
    version = make_version()
    make_session(version)
    make_machine(version, is_right=lambda frozen, index: False)
    (machine,) = analyze(study=version.study)["machines"]
    assert machine["is_all_machine_errors"]
    assert "by construction" in machine["cautions"][0]


def test_any_machine_on_clips_that_a_detector_chose_has_a_caution() -> None:
    version = make_version(n_fake=2, n_real=2)
    make_session(version)
    own = make_machine(version, is_right=lambda frozen, index: index > 0, slug="a-own")
    Machine.objects.filter(pk=own.pk).update(provenance={"training": 3}, title="A")
    make_machine(version, is_right=lambda frozen, index: index > 0, slug="other")
    made = {"kind": "selection", "training": 3}
    elsewhere = {"kind": "bundle", "layout": "bundle", "source": "s", "was": made}
    for provenance, is_chosen in ((made, [True, False]), (elsewhere, [False, False])):
        StimulusSet.objects.update(provenance=provenance)
        machines = analyze(study=Study.objects.get())["machines"]
        assert [machine["is_chosen_by_machine"] for machine in machines] == is_chosen
        for machine in machines:
            (caution,) = machine["cautions"]
            by = "the training behind" if machine["is_chosen_by_machine"] else "a detector said of them"
            assert by in caution and "for these clips only" in caution


def test_leaves_out_clips_that_the_machine_was_trained_on_and_says_so() -> None:
    version = make_version(n_fake=2, n_real=2)
    make_session(version)
    machine = make_machine(version, is_right=lambda frozen, index: index != 0)
    trained_on = list(machine.scores.order_by("stimulus").values_list("pk", flat=True))[1:3]
    machine.scores.filter(pk__in=trained_on).update(split=Split.TRAIN.value)
    (found,) = analyze(study=version.study)["machines"]
    assert (found["n_clips"], found["n_clips_trained_on"], found["n_clips_not_judged_by_machine"]) == (2, 2, 0)
    assert sum(found["overlap"].values()) == 2
    assert [caution for caution in found["cautions"] if "2 clips are left out" in caution]


def test_warns_of_bots_stand_ins_and_the_sets_caution() -> None:
    version = make_version(is_stand_in=True, caution="All clips are errors.")
    make_session(version, origin=Origin.BOT)
    found = analyze(study=version.study)
    assert (found["origin"], found["is_data"]) == ("bot", False)
    assert found["cautions"][0].startswith("1 session by simulated participants; these are no listeners")
    assert "stand-ins" in found["cautions"][1]
    assert found["cautions"][2] == "All clips are errors."


def test_says_how_many_analysed_sessions_failed_the_headphone_test() -> None:
    version = make_version()
    make_session(version)
    make_session(version, screening_correct=3)
    assert analyze(study=version.study)["cautions"] == [
        "1 session in the analysis did not pass the headphone test; such sessions are kept here."
    ]


def test_a_passed_check_of_the_channels_does_not_hide_a_failed_headphone_test() -> None:
    version = make_version()
    failed = make_session(version, screening_correct=3)
    ScreeningAttempt.objects.create(
        session=failed,
        test="channels",
        number=1,
        n_trials=3,
        pass_mark=3,
        n_correct=3,
        passed=True,
        ended_at=timezone.now(),
    )
    found = analyze(study=version.study)
    assert any(words.startswith("1 session in the analysis did not pass") for words in found["cautions"])
    assert found["participants"]["headphone_test"] == {"n_taken": 1, "n_failed": 1}


def test_who_withdrew_or_was_turned_away_is_in_no_analysis_however_much_is_taken_in() -> None:
    version = make_version()
    make_session(version)
    make_session(version, outcome=None, n_answers=3)
    make_session(version, outcome=Outcome.WITHDRAWN, n_answers=5)
    make_session(version, outcome=Outcome.INELIGIBLE, n_answers=0)
    make_session(version, outcome=Outcome.NO_CONSENT, n_answers=0)
    found = analyze(study=version.study, include_incomplete=True, include_excluded=True)
    assert found["counts"]["n_listeners"] == found["flow"]["analysed"] == found["participants"]["n_participants"] == 2
    boxes = flow_figure(found)["boxes"]
    assert [(left["title"], left["n"]) for left in boxes[0]["left"]] == [("Withdrawn, or without an answer", 3)]


def test_categories_are_tested_over_clips_and_corrected_for_their_number() -> None:
    version = make_version(n_fake=12, n_real=12, categories=("rain", "dog_bark"))
    for offset in range(4):
        make_session(version, says_fake=lambda frozen, index, offset=offset: index % 5 != offset)
    rows = analyze(study=version.study)["categories"]
    p_values = [row["by_clip"]["p_two_sided"] for row in rows]
    assert len(rows) == 4 and all(p is not None for p in p_values)
    assert [row["p_holm"] for row in rows] == pytest.approx(list(multipletests(p_values, method="holm")[1]))
    assert [row["p_bh"] for row in rows] == pytest.approx(list(multipletests(p_values, method="fdr_bh")[1]))
    assert rows[0]["by_clip"]["t"] == pytest.approx(
        float(ttest_1samp(_clip_shares(version, rows[0]["category"], rows[0]["truth"]), 0.5).statistic)
    )


def test_the_design_effect_is_the_variance_over_listeners_beside_that_of_independent_answers() -> None:
    version = make_version(n_fake=4, n_real=4)
    make_session(version)
    make_session(version, says_fake=_one_wrong)
    make_session(version, says_fake=lambda frozen, index: index % 2 == 0)
    found = analyze(study=version.study)["classes"]
    shares = np.array([1.0, 0.75, 0.5])
    by_hand = (shares.var(ddof=1) / 3) / (0.75 * 0.25 / 12)
    assert found["fake"]["naive_test"]["design_effect"] == pytest.approx(by_hand)
    alone = make_version()
    make_session(alone)
    assert analyze(study=alone.study)["classes"]["fake"]["naive_test"]["design_effect"] is None


def _clip_shares(version: StudyVersion, category: str, truth: str) -> list[float]:
    frame = judgement_frame(study=version.study, origin=Origin.LIVE)
    here = frame[(frame["category"] == category) & (frame["truth"] == truth)]
    return list(here.groupby("clip")["is_correct"].mean())


def _paths(value: object, prefix: str = "") -> set[str]:
    if isinstance(value, dict):
        return {path for key, item in value.items() for path in {f"{prefix}{key}"} | _paths(item, f"{prefix}{key}.")}
    if isinstance(value, list):
        return {path for item in value for path in _paths(item, f"{prefix[:-1]}[].")}
    return set()


def test_the_document_names_exactly_the_keys_that_are_there() -> None:
    # So many clips have all numbers.
    version = make_version(config=PLANNED | {"screening": {"action": "flag"}}, n_fake=20, n_real=20)
    make_session(version, screening_correct=2)
    make_session(version, says_fake=_one_wrong)
    make_session(version, says_fake=lambda frozen, index: index % 3 > 0)
    make_session(version, says_fake=lambda frozen, index: True, reason=lambda index: "other")
    make_session(version, says_fake=lambda frozen, index: index in (2, 5, 7))  # now a model can be fitted
    for offset in (0, 1, 1, 1):  # so many that the majority is wrong on some clips
        make_session(version, says_fake=lambda frozen, index, offset=offset: index % 3 == offset)
    for session in Session.objects.filter(version=version):
        QuestionAnswer.objects.create(session=session, step="questions", code="gender", answer="woman")
        make_repeat(session, version.frozen_stimuli.order_by("pk")[0], says_fake=True)
    make_machine(version, is_right=lambda frozen, index: index % 4 > 0)
    found = _paths(analyze(study=version.study))
    for version in (rating_version(), pair_version()):
        found |= {path for path in _paths(analyze(study=version.study)) if path.startswith(("ratings", "pairs"))}
    # Keys that are data themselves are documented by what they stand for.
    for pattern, name in [
        (r"^(origins|flow\.by_outcome|flow\.by_exclusion|flow\.by_flag)\.[a-z_]+$", r"\1.<word>"),
        (r"^(reliability|listeners\.by_class|listeners\.each\[\])\.(fake|real|all)\b", r"\1.<class>"),
        (r"^(classes|with_and_without_flagged)\.(fake|real)\b", r"\1.<truth>"),
        (r"(by_truth|correlations)\.(fake|real)\b", r"\1.<truth>"),
        (r"^tests\.identification\.(fake|real)\b", "tests.identification.<truth>"),
        (r"^tests\.headline\.[a-z_]+", "tests.headline.<population>"),
        (r"<population>\.[a-z_]+", "<population>.<measure>"),
    ]:
        found = {re.sub(pattern, name, path) for path in found}
    document = (Path(settings.BASE_DIR) / "docs/analysis_json.md").read_text()
    documented = set(re.findall(r"^\| `([^`]+)` \|", document, re.MULTILINE))
    # Words of which this study has none.
    of_exclusions = {"flow.by_exclusion.<word>", "flow.by_exclusion_of_completed.<word>"}
    assert found | of_exclusions == documented
