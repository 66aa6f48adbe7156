import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studyapp.models import ClientEvent, Exclusion, Response, Trial
from studyapp.selectors.analysis import default_origin, origins_with_sessions, session_flow
from studyapp.selectors.judgement_stream import iter_judgements
from studyapp.selectors.judgements import judgement_frame
from studyapp.selectors.reasons import reason_frame, reason_menu
from studyapp.vocab import ExclusionReason, Origin, Outcome, TrialKind
from tests.factories import make_session, make_version

pytestmark = pytest.mark.django_db


def test_holds_one_row_per_answer_to_a_main_trial() -> None:
    version = make_version(n_fake=2, n_real=2)
    session = make_session(version, pseudonym="ANN")
    Trial.objects.filter(session=session, position=3).update(kind=TrialKind.CATCH.value)
    frame = judgement_frame(study=version.study, origin=Origin.LIVE)
    assert list(frame["truth"]) == ["fake", "fake", "real"]
    assert list(frame["said_fake"]) == [True, True, False]
    assert frame["is_correct"].all()
    assert set(frame["listener"]) == {"ANN"}


def test_never_mixes_origins() -> None:
    version = make_version()
    for origin in Origin:
        make_session(version, origin=origin, pseudonym=origin.value)
    for origin in Origin:
        assert set(judgement_frame(study=version.study, origin=origin)["listener"]) == {origin.value}
        assert {row.session.origin for row in iter_judgements(study=version.study, origin=origin)} == {origin.value}


def test_leaves_out_excluded_and_incomplete_sessions_and_counts_them() -> None:
    version = make_version()
    make_session(version, pseudonym="GOOD")
    excluded = make_session(version)
    Exclusion.objects.create(session=excluded, reason=ExclusionReason.MANUAL.value)
    make_session(version, outcome=None, n_answers=3, pseudonym="HALF")
    make_session(version, outcome=Outcome.FAILED_HEADPHONE, n_answers=0)
    assert set(judgement_frame(study=version.study, origin=Origin.LIVE)["listener"]) == {"GOOD"}
    flow = session_flow(study=version.study, origin=Origin.LIVE)
    assert (flow.started, flow.completed, flow.ended_early, flow.open) == (4, 2, 1, 1)
    assert (flow.excluded, flow.by_exclusion, flow.analysed) == (1, {"manual": 1}, 1)
    assert flow.by_outcome == {"completed": 2, "failed_headphone": 1}
    everyone = judgement_frame(study=version.study, origin=Origin.LIVE, include_incomplete=True)
    assert set(everyone["listener"]) == {"GOOD", "HALF"}


def test_judgements_come_in_the_order_of_their_keys_however_the_database_keeps_them() -> None:
    version = make_version()
    for _ in range(3):
        make_session(version)
    for response in Response.objects.order_by("-pk"):  # PostgreSQL puts a row that is changed last
        response.save()
    frame = judgement_frame(study=version.study, origin=Origin.LIVE)
    assert len(frame) == Response.objects.count() and frame["judgement"].is_monotonic_increasing


def test_a_study_without_sessions_gives_empty_frames() -> None:
    version = make_version()
    judgements = judgement_frame(study=version.study, origin=Origin.LIVE)
    assert judgements.empty
    assert reason_frame(study=version.study, origin=Origin.LIVE, judgements=judgements).empty
    assert list(iter_judgements(study=version.study, origin=Origin.LIVE)) == []
    assert origins_with_sessions(version.study) == {}


def test_streams_plays_and_reasons_beside_the_right_answer() -> None:
    version = make_version()
    first = make_session(version, reason=lambda index: "other" if index else "repetitive")
    second = make_session(version, n_answers=2, outcome=None)
    ClientEvent.objects.create(session=first, event="page_hidden", trial_position=1)
    rows = list(iter_judgements(study=version.study, origin=Origin.LIVE))
    assert [row.trial_id for row in rows] == sorted(row.trial_id for row in rows)
    assert len(rows) == 10
    for row in rows:
        response = Response.objects.get(trial_id=row.trial_id)
        assert [code for code, _ in row.reasons] == [reason.code for reason in response.chosen_reasons.all()]
        assert len(row.plays) == 1
        assert row.session.session_id in (first.pk, second.pk)
    assert rows[1].session.blurs == {1: 1}


def test_the_number_of_queries_does_not_grow_with_the_sessions() -> None:
    def count(version: object) -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as stream:
            list(iter_judgements(study=version.study, origin=Origin.LIVE))
        with CaptureQueriesContext(connection) as frame:
            judgement_frame(study=version.study, origin=Origin.LIVE)
        return len(stream), len(frame)

    small, large = make_version(), make_version()
    make_session(small)
    for _ in range(6):
        make_session(large)
    assert count(small) == count(large)
    assert count(small)[1] == 3


def test_prefers_live_answers_then_imported_then_pilots_then_bots() -> None:
    version = make_version()
    assert default_origin(version.study) is Origin.LIVE
    for origin in (Origin.BOT, Origin.PILOT, Origin.IMPORTED, Origin.LIVE):
        make_session(version, origin=origin)
        assert default_origin(version.study) is origin


def test_the_menu_keeps_reasons_that_no_version_names() -> None:
    version = make_version()
    menu = reason_menu(study=version.study, codes_in_use=["distorted", "old_code"])
    assert list(menu.labels)[-1] == "old_code"
    assert menu.labels["distorted"].startswith("The audio of the target sound")
