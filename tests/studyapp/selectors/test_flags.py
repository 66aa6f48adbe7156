"""Flags: who failed a check whose action is flag, and what becomes of their answers."""

import secrets
from typing import Any

import pytest
from django.utils import timezone

from studyapp.design.answers import is_right
from studyapp.models import (
    ChosenReason,
    Exclusion,
    FrozenStimulus,
    Presentation,
    Response,
    ScreeningAttempt,
    Session,
    StoredAnalysis,
    StudyVersion,
    Trial,
)
from studyapp.reports.flow_figure import flow_figure
from studyapp.selectors.analysis_plan import plan_of
from studyapp.selectors.flags import flags_of, is_flagged, wrong_catch_trials
from studyapp.selectors.judgement_sessions import session_facts
from studyapp.selectors.reasons import reason_texts
from studyapp.selectors.session_trial import trial_truth
from studyapp.services.analysis import analyze, rules_of
from studyapp.services.stored_analyses import results
from studyapp.vocab import Label, Origin
from tests.factories import CONFIG, make_session, make_version
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db
FLAGS: dict[str, Any] = {
    "channels": {"action": "flag"},
    "screening": {"action": "flag"},
    "attention": {"action": "flag", "max_wrong": 1},
}


def attempt(session: Session, test: str, *passed: bool | None) -> None:
    """Let the session have made these attempts at the test; None: one that is open."""
    for number, each in enumerate(passed, start=1):
        ended_at = None if each is None else timezone.now()
        facts = {"n_trials": 6, "pass_mark": 6, "passed": each, "ended_at": ended_at}
        ScreeningAttempt.objects.create(session=session, test=test, number=number, **facts)


def catch(session: Session, *, builtin: str = "", frozen: FrozenStimulus | None = None, **said: Any) -> Presentation:
    """Let the session have answered a catch trial."""
    block, position = session.version.blocks.get(), session.trials.count()
    trial = Trial.objects.create(session=session, block=block, position=position, kind="catch")
    given = {"choice_position": 0, "idempotency_key": secrets.token_hex(8)}
    Response.objects.create(trial=trial, **given, **said)
    return Presentation.objects.create(
        trial=trial, builtin=builtin, frozen_stimulus=frozen, token=secrets.token_urlsafe(16)
    )


def found(*sessions: Session) -> list[list[str]]:
    """Return the flags of the sessions; the two ways to ask must agree."""
    all_of_them = Session.objects.filter(pk__in=[each.pk for each in sessions])
    flags = flags_of(all_of_them)
    flagged = all_of_them.alias(is_flagged=is_flagged()).filter(is_flagged=True)
    others = all_of_them.alias(is_flagged=is_flagged()).filter(is_flagged=False)
    assert set(flagged.values_list("pk", flat=True)) == set(flags)
    assert set(others.values_list("pk", flat=True)) == {each.pk for each in sessions} - set(flags)
    return [flags.get(each.pk, []) for each in sessions]


def test_who_failed_the_last_attempt_at_a_test_is_flagged() -> None:
    version = make_version(config=CONFIG | FLAGS)
    tried: list[tuple[str, tuple[bool | None, ...]]] = [
        ("huggins", (True,)),
        ("huggins", (False,)),
        ("huggins", (False, True)),
        ("huggins", (False, False)),
        ("huggins", (False, None)),
        ("channels", (False, False)),
        ("channels", (False, True)),
    ]
    sessions = [make_session(version, screening_correct=None) for _ in tried]
    for session, (test, passed) in zip(sessions, tried, strict=True):
        attempt(session, test, *passed)
    headphone, channels = ["failed_headphone"], ["failed_channels"]
    assert found(*sessions) == [[], headphone, [], headphone, [], channels, []]
    attempt(sessions[5], "beat", False)
    attempt(sessions[5], "huggins", True)
    assert found(sessions[5]) == [["failed_channels", "failed_headphone"]]


@pytest.mark.parametrize("action", ["record", "exclude", None])
def test_nobody_is_flagged_where_the_study_does_not_ask_for_it(action: str | None) -> None:
    section = {} if action is None else {"action": action}
    version = make_version(config=CONFIG | {"screening": section, "attention": section | {"max_wrong": 0}})
    session = make_session(version, screening_correct=2)
    catch(session, builtin="beeps:3", value=2)
    assert found(session) == [[]]
    assert analyze(study=version.study)["flow"]["flagged"] == 0


def test_wrong_catch_trials_count_by_the_version_of_the_session() -> None:
    version = make_version(config=CONFIG | FLAGS)
    copied = ("study", "code_version", "sample_rate_hz", "n_channels", "calibration_level_dbfs")
    strict = StudyVersion.objects.create(
        **{name: getattr(version, name) for name in copied},
        number=2,
        sha256="2" * 64,
        config=CONFIG | {"attention": {"action": "flag", "max_wrong": 0}, "screening": {"action": "record"}},
    )
    version.blocks.model.objects.create(version=strict, position=0, name="main")
    sessions = [make_session(each, screening_correct=2) for each in (version, strict)]
    for session in sessions:
        catch(session, builtin="beeps:3", value=3)
    assert found(*sessions) == [["failed_headphone"], []]
    for session in sessions:
        catch(session, builtin="beeps:3", value=2)
    assert found(*sessions) == [["failed_headphone"], ["failed_attention"]]
    catch(sessions[0], builtin="beeps:5", value=3)
    assert found(*sessions) == [["failed_headphone", "failed_attention"], ["failed_attention"]]


def test_a_catch_trial_is_wrong_where_its_answer_is_not_right() -> None:
    session = make_session(make_version(n_fake=1, n_real=1))
    made = [catch(session, builtin=f"beeps:{right}", value=said) for right in (2, 3) for said in (2, 3, 4)]
    clips = list(session.version.frozen_stimuli.all())
    for clip in clips:
        for right in ("", "fake", "real"):
            FrozenStimulus.objects.filter(pk=clip.pk).update(right_answer=right)
            kept = {each.pk for each in wrong_catch_trials()}
            here = [catch(session, frozen=clip, choice=said, value=value) for said in Label for value in (None, 4)]
            clip.refresh_from_db()
            wrong = {
                each.pk
                for each in here
                if is_right(
                    choice=each.trial.response.choice, value=each.trial.response.value, truth=trial_truth([each])
                )
                is False
            }
            assert len(wrong) == 2 and {each.pk for each in wrong_catch_trials()} == kept | wrong
            Presentation.objects.filter(pk__in=[each.pk for each in here]).delete()
    beeps = {
        each.pk for each in made if not is_right(choice="", value=each.trial.response.value, truth=trial_truth([each]))
    }
    assert len(beeps) == 4 and {each.pk for each in wrong_catch_trials()} == beeps


def test_a_session_that_goes_on_after_failing_is_flagged() -> None:
    config = BARE | {"screening": {"test": "antiphase", "attempts": 1, "action": "flag"}}
    config |= {"attention": {"beeps": 2, "max_wrong": 0, "action": "flag"}, "task": {"reasons": {"after": "never"}}}
    walker = Walker(launch(config=config).study)
    state = walker.screen(walker.to("screening"), right=False)
    session = Session.objects.get()
    assert found(session) == [["failed_headphone"]]
    state = walker.to("trials")
    while state["step"] == "trials":
        says_first = state["trial"]["task"] == "beeps"
        state = walker.trial(state, state["trial"]["choices"][0]["value"] if says_first else "")
    session.refresh_from_db()
    wrong = [each for each in Presentation.objects.exclude(builtin="") if each.builtin != "beeps:2"]
    assert session.outcome == "completed"
    assert found(session) == [["failed_headphone", "failed_attention"] if wrong else ["failed_headphone"]]


# --- What analyses make of it -----------------------------------------------------------------------------------------


@pytest.fixture
def version() -> StudyVersion:
    """Two listeners who are always right, and one who is flagged, excluded or both, and half wrong."""
    version = make_version(slug="study", config=CONFIG | FLAGS | {"analysis": {}})
    make_session(version)
    make_session(version)
    make_session(version, screening_correct=2, says_fake=lambda frozen, at: at % 2 == 0, pseudonym="FLAGGED")
    return version


def test_leaving_flagged_sessions_out_is_a_choice_and_its_effect_is_told_either_way(version: StudyVersion) -> None:
    with_them, without = (analyze(study=version.study, leave_out_flagged=each) for each in (False, True))
    assert [each["leaves_out_flagged"] for each in (with_them, without)] == [False, True]
    assert [each["counts"]["n_judgements"] for each in (with_them, without)] == [24, 16]
    for analysis, analysed in ((with_them, 3), (without, 2)):
        flow = analysis["flow"]
        assert (flow["analysed"], flow["flagged"], flow["by_flag"]) == (analysed, 1, {"failed_headphone": 1})
        assert analysis["participants"]["n_sessions"] == analysed
    assert with_them["with_and_without_flagged"] == without["with_and_without_flagged"]
    told = with_them["with_and_without_flagged"]
    for truth in ("fake", "real"):
        for way, analysis in (("with", with_them), ("without", without)):
            names = ("n_correct", "n_judgements", "proportion_correct")
            assert told[truth][way] == {name: analysis["classes"][truth][name] for name in names}
    assert told["fake"]["with"]["n_correct"] == 10 and told["fake"]["without"]["n_correct"] == 8


def test_where_nobody_else_is_left_there_is_no_share(version: StudyVersion) -> None:
    Session.objects.exclude(participant__pseudonym="FLAGGED").update(outcome="timed_out")
    told = analyze(study=version.study)["with_and_without_flagged"]
    assert told["real"]["without"] == {"n_correct": 0, "n_judgements": 0, "proportion_correct": None}
    alone = analyze(study=version.study, leave_out_flagged=True)
    assert alone["counts"]["n_judgements"] == 0 and alone["with_and_without_flagged"] == told


def test_the_plan_decides_and_another_choice_is_a_deviation(version: StudyVersion) -> None:
    def codes(**asked: bool) -> list[str]:
        return [each["code"] for each in analyze(study=version.study, **asked)["deviations"]]

    assert (codes(), codes(leave_out_flagged=False), codes(leave_out_flagged=True)) == ([], [], ["flagged"])
    StudyVersion.objects.update(config=version.config | {"analysis": {"flagged": "leave_out"}})
    planned = analyze(study=version.study)
    assert planned["leaves_out_flagged"] and planned["counts"]["n_listeners"] == 2
    assert (codes(), codes(leave_out_flagged=True), codes(leave_out_flagged=False)) == ([], [], ["flagged"])
    facts = session_facts(study=version.study, sessions=Session.objects.all()).values()
    assert [(each.flagged_for, each.is_analysed) for each in facts] == [
        ([], True),
        ([], True),
        (["failed_headphone"], False),
    ]


def test_a_plan_from_before_the_setting_is_the_same_plan(version: StudyVersion) -> None:
    copied = ("study", "code_version", "sample_rate_hz", "n_channels", "calibration_level_dbfs")
    facts = {name: getattr(version, name) for name in copied}
    config = version.config | {"analysis": {"flagged": "include"}}
    later = StudyVersion.objects.create(**facts, number=2, sha256="2" * 64, config=config)
    Session.objects.filter(participant__pseudonym="FLAGGED").update(version=later)
    assert plan_of(later).sha256 != plan_of(version).sha256
    assert analyze(study=version.study)["deviations"] == []


def test_each_choice_is_stored_on_its_own(version: StudyVersion) -> None:
    whole, without = (results(study=version.study, origin=Origin.LIVE, leave_out_flagged=each) for each in (None, True))
    assert whole.analysis and without.analysis
    assert whole.analysis["counts"]["n_listeners"] == without.analysis["counts"]["n_listeners"] + 1 == 3
    rows = StoredAnalysis.objects.order_by("leave_out_flagged")
    assert list(rows.values_list("leave_out_flagged", flat=True)) == [False, True]


def test_nothing_of_who_is_left_out_is_told(version: StudyVersion) -> None:
    ChosenReason.objects.update(text="a hum")
    n_told = {}
    for without in (False, True):
        rules = rules_of(
            study=version.study,
            origin=Origin.LIVE,
            include_incomplete=None,
            leave_out_in_doubt=None,
            leave_out_flagged=without,
        )
        told = reason_texts(study=version.study, origin=Origin.LIVE, rules=rules)
        asked = analyze(study=version.study, leave_out_flagged=without)["reasons"]["n_judgements"]
        n_told[without] = (told.count(), asked)
    assert n_told == {False: (12, 12), True: (8, 8)}


@pytest.mark.parametrize("everyone", [False, True])
def test_the_flow_adds_up_whoever_is_left_out(version: StudyVersion, everyone: bool) -> None:
    both = make_session(version, screening_correct=2)
    Exclusion.objects.create(session=both, reason="manual")
    make_session(version, screening_correct=2, outcome=None, n_answers=3)
    for without in (False, True):
        analysis = analyze(study=version.study, include_incomplete=everyone, leave_out_flagged=without)
        rows = {name: n for name, n, _ in flow_figure(analysis)["rows"]}
        n_flagged = 1 + everyone
        named = (rows.get("Flagged", 0), rows.get("Flagged, and analysed", 0))
        assert named == ((n_flagged, 0) if without else (0, n_flagged))
        assert rows["Excluded"] == 1
        assert rows["Sessions started" if everyone else "Completed"] == 1 + n_flagged * without + rows["Analysed"]
