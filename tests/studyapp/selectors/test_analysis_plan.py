"""Deviations from the plan: each is found, and none is invented."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studyapp.design.config import StudyConfig
from studyapp.design.config_plan import AnalysisPlan, plan_sha256
from studyapp.models import Exclusion, Session, Stimulus, StudyVersion
from studyapp.selectors.analysis_plan import plan_of
from studyapp.services.analysis import analyze
from studyapp.vocab import ExclusionReason, Origin, StudyState
from tests.factories import make_session, make_version

pytestmark = pytest.mark.django_db


def config(**plan: object) -> dict[str, object]:
    given = {"slug": "a", "title": "A", "stimulus_set": "a", "analysis": plan}
    return StudyConfig.model_validate(given).model_dump(mode="json")


def codes(version: StudyVersion, **options: object) -> list[str]:
    return [each["code"] for each in analyze(study=version.study, **options)["deviations"]]


def test_names_none_where_there_is_none() -> None:
    version = make_version(config=config())
    make_session(version)
    found = analyze(study=version.study)
    assert found["deviations"] == []
    assert found["plan"]["sha256"] == plan_sha256(version.config["analysis"])
    assert found["plan"]["primary_test"] == "crossed_mixed_model"


def test_follows_the_plan_and_names_what_does_not() -> None:
    version = make_version(config=config(incomplete="include", label_in_doubt="leave_out"))
    make_session(version)
    make_session(version, outcome=None, n_answers=3)
    doubted = version.frozen_stimuli.first().stimulus
    Stimulus.objects.filter(pk=doubted.pk).update(label_in_doubt=True)
    found = analyze(study=version.study)
    assert (found["includes_incomplete"], found["leaves_out_in_doubt"]) == (True, True)
    assert found["counts"] == {"n_listeners": 2, "n_clips": 7, "n_judgements": 7 + 2}
    assert found["deviations"] == []
    assert codes(version, include_incomplete=False) == ["incomplete"]
    assert codes(version, leave_out_in_doubt=False) == ["label_in_doubt"]
    everything = analyze(study=version.study, leave_out_in_doubt=False)
    assert everything["counts"]["n_judgements"] == 8 + 3
    # Its reason counts with its answer alone.
    assert everything["reasons"]["n_judgements"] - found["reasons"]["n_judgements"] == 2


def test_names_an_exclusion_by_hand() -> None:
    version = make_version(config=config(exclusions=["Who says so is left out."]))
    session = make_session(version)
    Exclusion.objects.create(session=session, reason=ExclusionReason.FAILED_HEADPHONE.value)
    assert codes(version) == []
    Exclusion.objects.create(session=session, reason=ExclusionReason.MANUAL.value)
    deviation = analyze(study=version.study)["deviations"][0]
    assert deviation["code"] == "excluded_by_hand"
    assert codes(version, include_excluded=True) == ["excluded_kept", "excluded_by_hand"]
    kept = analyze(study=version.study, include_excluded=True)
    assert (kept["flow"]["excluded"], kept["flow"]["analysed"], kept["counts"]["n_judgements"]) == (1, 1, 8)
    assert "Excluded sessions are included, to see what leaving them out changes." in kept["cautions"]
    assert "Who says so is left out." in deviation["words"]


def test_names_a_stopping_rule_that_was_not_kept() -> None:
    version = make_version(config=config(stop_at_n=2, stop_at="2026-01-31"))
    for _ in range(3):
        make_session(version)
    assert codes(version) == ["too_many", "too_late"]
    Session.objects.update(started_at=timezone.now().replace(year=2026, month=1, day=30))
    assert codes(version) == ["too_many"]
    Exclusion.objects.all().delete()
    Session.objects.filter(pk=Session.objects.last().pk).update(outcome="withdrawn")
    Session.objects.filter(pk=Session.objects.first().pk).update(outcome="withdrawn")
    assert codes(version) == []  # it goes on
    version.study.state = StudyState.CLOSED.value
    assert codes(version) == ["stopped_early"]


def test_names_a_plan_that_changed_after_the_first_answer() -> None:
    first = make_version(config=config())
    make_session(first)
    StudyVersion.objects.filter(pk=first.pk).update(launched_at=timezone.now() - timedelta(days=3))
    copied = {
        name: getattr(first, name)
        for name in ("study", "code_version", "sample_rate_hz", "n_channels", "calibration_level_dbfs")
    }
    second = StudyVersion.objects.create(**copied, number=2, sha256="2" * 64, config=config(alpha=0.1))
    assert codes(first) == []
    Session.objects.create(
        version=second,
        participant=Session.objects.get().participant,
        token="t" * 40,
        origin=Origin.LIVE.value,
        seed=1,
        fake_is_first=True,
    )
    assert codes(first) == ["plan_changed"]


def test_a_version_from_before_has_no_plan() -> None:
    version = make_version()
    assert plan_of(version).plan is None
    make_session(version)
    assert codes(version) == ["no_plan"]
    assert analyze(study=version.study)["plan"] is None


def test_pilots_and_bots_are_bound_by_no_plan() -> None:
    version = make_version(config=config(stop_at_n=1))
    for origin in (Origin.BOT, Origin.PILOT, Origin.PREVIEW):
        make_session(version, origin=origin)
        make_session(version, origin=origin)
        assert codes(version, origin=origin, include_incomplete=True) == []


@pytest.mark.parametrize("wrong", [{"alpha": 0}, {"stop_at": "2026-13-01"}, {"primary_measures": []}, {"margin": 0.5}])
def test_refuses_a_plan_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        AnalysisPlan.model_validate(wrong)
