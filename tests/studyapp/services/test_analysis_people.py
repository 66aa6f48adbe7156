"""Who took part, listeners, generators, times, reliability and flow of one small study, against numbers by hand."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from statsmodels.stats.inter_rater import fleiss_kappa

from studyapp.models import Exclusion, QuestionAnswer, RecruiterIdentity, Response, Session, Stimulus, StudyVersion
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.people_charts import SHOWN_DOTS, draw_listeners
from studyapp.selectors.analysis_data import data_fingerprint
from studyapp.selectors.analysis_plan import Rules
from studyapp.services.analysis import analyze
from studyapp.vocab import ExclusionReason, Label, Origin, Outcome
from tests.factories import make_repeat, make_session, make_version
from tests.studyapp.selectors.test_analysis_plan import config

pytestmark = pytest.mark.django_db

N_LISTENERS = 6
AGES = (18, 19, 20, 21, 22, 32)


def _said_fake(listener: int, clip: int) -> bool:
    """Clips 0 to 7 are fake. Listener 0 is always right, 1 always wrong; the others miss the fakes from theirs on."""
    is_fake = clip < 8
    if listener < 2:
        return is_fake == (listener == 0)
    return is_fake and clip < listener


def _made() -> StudyVersion:
    version = make_version(n_fake=8, n_real=8, config=config())
    frozen = list(version.frozen_stimuli.order_by("pk"))
    for at, each in enumerate(frozen):
        facts = (
            {"generator": "A" if at < 4 else "B"} if at < 8 else {"original_split": "dev", "source_group": f"{at % 3}"}
        )
        Stimulus.objects.filter(pk=each.stimulus_id).update(**facts)
    for at in range(N_LISTENERS):
        session = make_session(
            version, says_fake=lambda frozen, index, at=at: _said_fake(at, index), pseudonym=f"L{at}", reason=None
        )
        make_repeat(session, frozen[0], says_fake=_said_fake(at, 0))
        make_repeat(session, frozen[8], says_fake=at < 3)
        given = {"age": str(AGES[at]), "gender": "woman" if at else "nonbinary", "remarks": "my own words"}
        for code, answer in given.items():
            QuestionAnswer.objects.create(session=session, step="questions", code=code, answer=answer)
        times = Response.objects.filter(trial__session=session, trial__kind="main")
        times.update(rt_from_offset_ms=100.0 * (at + 1), rt_from_onset_ms=1000.0)
    first = Response.objects.filter(trial__session__participant__pseudonym="L0", trial__kind="main").order_by("pk")
    for response, time in zip(first[:3], (None, -5.0, 61_000.0), strict=True):
        Response.objects.filter(pk=response.pk).update(rt_from_offset_ms=time, rt_from_onset_ms=time)
    for name, recruiter in (("L0", "prolific"), ("L1", "prolific"), ("L2", "link")):
        person = Session.objects.get(participant__pseudonym=name).participant
        RecruiterIdentity.objects.create(
            participant=person, study=version.study, recruiter=recruiter, external_id=f"id {name}"
        )
    excluded = make_session(version, pseudonym="OUT")
    Exclusion.objects.create(session=excluded, reason=ExclusionReason.MANUAL.value)
    failed = make_session(version, outcome=Outcome.FAILED_HEADPHONE, n_answers=0, screening_correct=1)
    Exclusion.objects.create(session=failed, reason=ExclusionReason.FAILED_HEADPHONE.value)
    make_session(version, outcome=None, n_answers=2)
    return version


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> dict[str, Any]:
    """Return the analysis, also with incomplete sessions, and fingerprints of the data before and after two changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        study = _made().study

        def fingerprint() -> str:
            rules = Rules(include_incomplete=False, leave_out_in_doubt=False)
            return data_fingerprint(study=study, origin=Origin.LIVE, rules=rules)

        found = {"analysis": analyze(study=study), "everyone": analyze(study=study, include_incomplete=True)}
        prints = [fingerprint()]
        RecruiterIdentity.objects.filter(recruiter="link").delete()
        prints.append(fingerprint())
        Stimulus.objects.filter(generator="B").update(generator="C")
        prints.append(fingerprint())
        transaction.set_rollback(True)
    return {**found, "prints": prints}


@pytest.fixture(scope="module")
def analysis(made: dict[str, Any]) -> dict[str, Any]:
    return dict(made["analysis"])


@pytest.fixture(scope="module")
def page(analysis: dict[str, Any]) -> dict[str, Any]:
    return analysis_page(analysis)


def test_tells_who_took_part_and_points_at_nobody(analysis: dict[str, Any], page: dict[str, Any]) -> None:
    found = analysis["participants"]
    assert (found["n_participants"], found["n_sessions"]) == (6, 6)
    asked = {question["code"]: question for question in found["questions"]}
    # Ages to one decimal: of two exact means one's age could be told.
    assert (asked["age"]["mean"], asked["age"]["sd"]) == (22.0, round(float(np.std(AGES, ddof=1)), 1))
    # Of six, five in one band or with one answer would tell the sixth.
    for code in ("age", "gender"):
        assert (asked[code]["answers"], asked[code]["n_pooled"], asked[code]["n_answered"]) == ([], 6, 6)
    for private in ("nonbinary", "32", "my own words", "id L0"):
        assert private not in json.dumps(found)
    assert (found["recruiters"], found["n_recruiters_pooled"]) == ([], 6)
    assert found["headphone_test"] == {"n_taken": 6, "n_failed": 0}
    text = " ".join(page["participants"]["sentences"])
    assert "6 participants took part (mean age 22.0 years, SD 5.1)." in text
    assert "Gender: not told, for it would point at fewer than 5 participants." in text
    assert "Recruitment: not told, for it would point at fewer than 5 participants." in text
    rows = {row["question"]: row for row in page["participants"]["rows"]}
    assert all(row["n"] in (0, 6, "–") for row in page["participants"]["rows"]) and len(rows) >= 2


def test_holds_each_listener_against_guessing(analysis: dict[str, Any], page: dict[str, Any]) -> None:
    found = analysis["listeners"]
    # Of 8 answers, 0 and 8 lie outside; of 16, 3 and fewer, 13 and more.
    limits = {limit["n_trials"]: (limit["most_below"], limit["least_above"]) for limit in found["limits"]}
    assert limits == {8: (0, 8), 16: (3, 13)}
    places = {each["listener"]: [each[name]["place"] for name in ("fake", "real", "all")] for each in found["each"]}
    assert places["L0"] == ["above", "above", "above"]
    assert places["L1"] == ["below", "below", "below"]
    assert places["L2"] == ["inside", "above", "inside"]
    assert places["L5"] == ["inside", "above", "above"]
    assert found["by_class"]["fake"] == {
        "n_listeners": 6,
        "n_above": 1,
        "n_below": 1,
        "expected_above": pytest.approx(6 / 2**8),
        "expected_below": pytest.approx(6 / 2**8),
    }
    assert "On fakes, 1 of 6 listeners lie above the limits and 1 below" in page["listeners"]["sentences"][0]
    assert [chart["id"] for chart in page["listeners"]["charts"]] == ["listeners-fake", "listeners-real"]


def test_tells_generators_apart_and_reals_by_their_source(analysis: dict[str, Any], page: dict[str, Any]) -> None:
    rows = {(row["generator"], row["split"]): row for row in analysis["generators"]}
    assert set(rows) == {("A", ""), ("B", ""), ("", "dev")}
    # Fakes 0 to 3: 4 right of listener 0, none of 1, then 2, 3, 4 and 4. Fakes 4 to 7: 4, 0, 0, 0, 0 and 1.
    shares = np.array([1, 0, 0.5, 0.75, 1, 1])
    assert (rows["A", ""]["n_correct"], rows["A", ""]["n_judgements"], rows["A", ""]["n_clips"]) == (17, 24, 4)
    assert rows["A", ""]["by_listener"]["mean"] == pytest.approx(shares.mean())
    half = 2.5705818 * shares.std(ddof=1) / 6**0.5  # t of .975 on 5
    assert rows["A", ""]["by_listener"]["interval"]["high"] == pytest.approx(shares.mean() + half)
    assert rows["A", ""]["by_clip"]["n_units"] == 4
    assert rows["B", ""]["n_correct"] == 5
    assert (rows["", "dev"]["n_correct"], rows["", "dev"]["n_recordings"]) == (40, 3)
    cells = analysis["generators_by_category"]
    assert sum(cell["n_judgements"] for cell in cells) == 96
    assert {(cell["category"], cell["generator"]) for cell in cells if cell["truth"] == "fake"} == {
        (category, generator) for category in ("rain", "dog_bark") for generator in "AB"
    }
    assert [row["name"] for row in page["generators"]["rows"]] == ["A", "B", "recordings, dev split"]


def test_takes_medians_of_listeners_first(analysis: dict[str, Any], page: dict[str, Any]) -> None:
    found = analysis["times"]
    assert (found["n_without_time"], found["n_too_long"], found["n_before_end"]) == (1, 1, 1)
    cells = {(row["truth"], row["is_correct"]): row["from_offset"] for row in found["by_answer"]}
    # Wrong about fakes: listener 1 in all 8, 2 in 6, 3 in 5, 4 in 4, 5 in 3; each always takes as long.
    assert cells["fake", False] == {
        "n_judgements": 26,
        "n_listeners": 5,
        "quartile_1_ms": 300.0,
        "median_ms": 400.0,
        "quartile_3_ms": 500.0,
    }
    # Of the right listener's fakes one time is missing, one too long, one before the end.
    assert cells["fake", True]["n_judgements"] == 2 + 3 + 4 + 5 + 6
    # Listeners 2 to 5 take as long for wrong answers as for right ones; 0 and 1 gave only one kind.
    assert (found["wrong_minus_right"]["n_listeners"], found["wrong_minus_right"]["mean_ms"]) == (4, 0.0)
    bins = {row["from_ms"]: row for row in found["distribution"]}
    assert (bins[None]["n_right"], bins[None]["n_wrong"]) == (1, 0)
    right = [row["share_right"] for row in found["distribution"]]
    assert sum(right) == pytest.approx(1.0)
    assert right[0] == pytest.approx(1 / 14 / 5)  # of 14 timed answers of the first of five listeners who are right
    assert page["times"]["difference"] == (
        "That wrong answers come later or earlier than right ones is not shown: the mean difference of medians over 4 "
        "listeners with both is 0.00 s (wrong less right)."
    )
    assert page["times"]["counts"][0] == "1 of 96 answers came before the sound’s end."


def test_measures_agreement_within_each_class(analysis: dict[str, Any], page: dict[str, Any]) -> None:
    found = analysis["reliability"]
    said = np.array([[_said_fake(listener, clip) for clip in range(16)] for listener in range(N_LISTENERS)])
    for name, clips in (("fake", said[:, :8]), ("real", said[:, 8:]), ("all", said)):
        counts = np.column_stack([clips.sum(axis=0), N_LISTENERS - clips.sum(axis=0)])
        assert found[name]["fleiss_kappa"] == pytest.approx(fleiss_kappa(counts))
        assert (found[name]["n_listeners"], found[name]["n_clips"]) == (6, clips.shape[1])
    assert found["real"]["split_half"] is None  # all real clips got the same answers
    assert any("split-half" in note for note in found["real"]["notes"])
    assert found["fake"]["ceiling"] == pytest.approx(found["fake"]["split_half"] ** 0.5)
    repeats = found["repeats"]
    # The first clip gets the same answer from all; clip 8, which only listener 1 called fake, from all but 0 and 2.
    assert (repeats["n_pairs"], repeats["n_same"], repeats["n_listeners"]) == (12, 10, 6)
    assert repeats["mean"] == pytest.approx(5 / 6)
    assert page["reliability"]["sentences"][1] == (
        "Whether other listeners would find the same real sounds easy and hard cannot be said."
    )


def test_the_flow_adds_up(made: dict[str, Any]) -> None:
    figure = analysis_page(made["analysis"])["flow_figure"]
    rows = {name: n for name, n, _ in figure["rows"]}
    assert (
        rows["Sessions started"] == rows["Ended before the end"] + rows["Still open or abandoned"] + rows["Completed"]
    )
    assert rows["Completed"] == rows["Excluded"] + rows["Analysed"]
    assert (rows["Sessions started"], rows["left out by hand"], rows["Judgements"]) == (9, 1, 96)
    everyone = {name: n for name, n, _ in analysis_page(made["everyone"])["flow_figure"]["rows"]}
    assert everyone["Sessions started"] == everyone["Excluded"] + everyone["Analysed"] == 2 + 7
    edges = [(left["y"], left["y"] + left["height"]) for box in figure["boxes"] for left in box["left"]]
    assert all(low >= high for (_, high), (low, _) in pairwise(edges))


def test_what_is_told_of_people_and_sounds_makes_a_stored_analysis_old(made: dict[str, Any]) -> None:
    assert len(set(made["prints"])) == 3


def test_many_listeners_are_drawn_evenly_spaced(analysis: dict[str, Any]) -> None:
    each = [{**analysis["listeners"]["each"][at % 6], "listener": f"M{at}"} for at in range(1000)]
    specification = draw_listeners({**analysis["listeners"], "each": each}, Label.FAKE.value)
    assert specification is not None
    rows = specification["data"]["values"]
    assert not any("data" in layer for layer in specification["layer"])
    assert len(rows) == SHOWN_DOTS
    assert (rows[0]["place_in_order"], rows[-1]["place_in_order"]) == (1, 1000)
