import pytest

from studyapp.models import Stimulus, StudyVersion
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.analysis_switches import switches_that_change
from studyapp.services.analysis import analyze
from studyapp.services.session_manage import exclude_by_hand
from studyapp.vocab import Origin, Outcome
from tests.factories import CONFIG, make_session, make_user, make_version

pytestmark = pytest.mark.django_db
SWITCHES = {
    "incomplete": "include_incomplete",
    "in_doubt": "leave_out_in_doubt",
    "excluded": "include_excluded",
    "flagged": "leave_out_flagged",
}
NONE = dict.fromkeys(SWITCHES, False)


@pytest.fixture
def version() -> StudyVersion:
    version = make_version(n_fake=4, n_real=4)
    make_session(version)
    return version


def changing(version: StudyVersion, origin: Origin = Origin.LIVE, **rules: bool) -> dict[str, bool]:
    given = Rules(**{"include_incomplete": False, "leave_out_in_doubt": False, **rules})
    found = switches_that_change(study=version.study, origin=origin, rules=given)
    # What it says is so: the analysis has other answers with the switch than without.
    for name, option in SWITCHES.items():
        n = {
            analyze(study=version.study, origin=origin, **{**rules, option: is_on})["counts"]["n_judgements"]
            for is_on in (True, False)
        }
        assert found[name] == (len(n) == 2), name
    return found


def doubt(version: StudyVersion) -> None:
    Stimulus.objects.filter(pk=version.frozen_stimuli.order_by("-pk")[0].stimulus_id).update(label_in_doubt=True)


def test_no_switch_changes_a_study_of_one_whole_session(version: StudyVersion) -> None:
    assert changing(version) == NONE
    assert changing(version, Origin.PILOT) == NONE


def test_an_incomplete_session_counts_once_it_has_an_answer(version: StudyVersion) -> None:
    make_session(version, outcome=None, n_answers=0)
    make_session(version, outcome=Outcome.WITHDRAWN, n_answers=3)
    make_session(version, outcome=None, n_answers=3, origin=Origin.PILOT)
    assert changing(version) == NONE
    make_session(version, outcome=Outcome.TIMED_OUT, n_answers=3)
    assert changing(version) == NONE | {"incomplete": True}


def test_a_clip_in_doubt_counts_where_it_was_judged(version: StudyVersion) -> None:
    make_session(version, origin=Origin.PILOT, n_answers=3)
    doubt(version)
    assert changing(version) == NONE | {"in_doubt": True}
    assert changing(version, leave_out_in_doubt=True) == NONE | {"in_doubt": True}
    assert changing(version, Origin.PILOT) == NONE


def test_an_excluded_session_counts_where_its_answers_would(version: StudyVersion) -> None:
    left = make_session(version, outcome=Outcome.TIMED_OUT, n_answers=3)
    exclude_by_hand(session=left, detail="phoned", actor=make_user("owner"))
    assert changing(version) == NONE
    assert changing(version, include_incomplete=True) == NONE | {"excluded": True}
    assert changing(version, include_excluded=True) == NONE | {"incomplete": True}


def test_a_flagged_session_counts_once_it_has_an_answer() -> None:
    version = make_version(n_fake=4, n_real=4, config=CONFIG | {"screening": {"action": "flag"}})
    make_session(version)
    make_session(version, screening_correct=1, outcome=Outcome.TIMED_OUT, n_answers=3)
    assert changing(version) == NONE | {"incomplete": True}
    assert changing(version, leave_out_flagged=True) == NONE
    make_session(version, screening_correct=1)
    for without in (False, True):
        assert changing(version, leave_out_flagged=without) == NONE | {"flagged": True, "incomplete": not without}
