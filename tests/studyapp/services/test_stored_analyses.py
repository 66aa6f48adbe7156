"""Stored analyses: when the data count as changed, one job for many pages, and what becomes of one cut off."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studyapp.models import AuditEntry, Session, Stimulus, StoredAnalysis, Study, StudyVersion
from studyapp.selectors.analysis_data import data_fingerprint, has_more_answers
from studyapp.selectors.analysis_plan import Rules
from studyapp.services import stored_analyses
from studyapp.services.analysis import analyze
from studyapp.services.forget_analyses import forget_analyses
from studyapp.services.jobs import LostClaim, claim, reclaim_dead
from studyapp.services.score_import import import_scores
from studyapp.services.session_manage import exclude_by_hand, take_back_exclusion
from studyapp.services.stored_analyses import cancel_analysis, compute_stored, results, spread_of
from studyapp.services.withdrawal import erase_for, withdraw_for
from studyapp.vocab import JobState, Label, Origin
from tests.factories import make_machine, make_session, make_user, make_version
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db
PLAIN = Rules(include_incomplete=False, leave_out_in_doubt=False)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 20 answers count as many."""
    monkeypatch.setattr(stored_analyses, "FEW_ANSWERS", 20)


@pytest.fixture
def version() -> StudyVersion:
    version = make_version(n_fake=4, n_real=4, slug="study", owner=make_user("owner"))
    for number in range(3):
        make_session(version, says_fake=lambda frozen, at, n=number: (frozen.label == Label.FAKE) != (at == n))
    return version


@pytest.fixture
def page(client: Client, version: StudyVersion) -> Client:
    client.force_login(version.study.owner)
    return client


def mark(version: StudyVersion, rules: Rules = PLAIN, origin: Origin = Origin.LIVE) -> str:
    return data_fingerprint(study=Study.objects.get(pk=version.study_id), origin=origin, rules=rules)


def old(row: StoredAnalysis) -> None:
    """Let the row's work have ended longer ago than a rest lasts."""
    StoredAnalysis.objects.filter(pk=row.pk).update(finished_at=timezone.now() - timedelta(minutes=5))


def first_result(version: StudyVersion) -> StoredAnalysis:
    row = results(study=version.study, origin=Origin.LIVE).row
    assert row is not None and compute_stored(analysis_id=row.pk)
    row.refresh_from_db()
    return row


def exclude(version: StudyVersion) -> None:
    exclude_by_hand(session=Session.objects.first(), detail="phoned", actor=version.study.owner)


def include(version: StudyVersion) -> None:
    session = Session.objects.filter(exclusions__isnull=False).first()
    take_back_exclusion(session=session, reason="manual", detail="a mistake", actor=version.study.owner)


def withdraw_one(version: StudyVersion) -> None:
    session = Session.objects.filter(outcome="completed").first()
    withdraw_for(session=session, actor=version.study.owner, reason="asked by mail")


def close(version: StudyVersion) -> None:
    Study.objects.update(state="closed")


def new_version(version: StudyVersion) -> None:
    StudyVersion.objects.create(
        study=version.study,
        number=2,
        config=version.config | {"analysis": {"alpha": 0.01}},
        sha256="2" * 64,
        code_version="test",
        sample_rate_hz=22050,
        n_channels=1,
        calibration_level_dbfs=-20.0,
    )


def score(version: StudyVersion) -> None:
    make_machine(version, is_right=lambda frozen, at: True, slug="other")


def say_otherwise(version: StudyVersion) -> None:
    """Replace one decision by a file, as import_scores does."""
    name = version.frozen_stimuli.order_by("pk").first().stimulus.name
    path = Path(version.study.title + ".csv")
    path.write_text(f"stimulus,decision\n{name},real\n")
    import_scores(path=path, set_slug=version.study.stimulus_set.slug, machine="other", is_replacing=True)


CHANGES: list[Callable[[StudyVersion], Any]] = [
    lambda version: make_session(version),
    lambda version: make_session(version, outcome=None, n_answers=1),
    exclude,
    include,
    close,
    new_version,
    score,
    say_otherwise,
    lambda version: Study.objects.update(title="Another title"),
    withdraw_one,
]


def test_what_another_code_computed_is_not_shown_and_is_computed_anew(many, version):
    make_session(version)
    row = first_result(version)
    assert results(study=version.study, origin=Origin.LIVE).analysis is not None
    StoredAnalysis.objects.update(fingerprint="0" * 64, result='{"format": 0}')
    old(row)
    found = results(study=version.study, origin=Origin.LIVE)
    assert found.analysis is None and found.is_stale
    row.refresh_from_db()
    assert row.state == "queued"


def test_each_kind_of_change_changes_the_fingerprint_and_nothing_else_does(version, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = [mark(version)]
    for change in CHANGES:
        change(version)
        seen.append(mark(version))
        assert seen[-1] != seen[-2] and mark(version) == seen[-1]
    assert seen[4] == seen[2]  # an exclusion that is taken back leaves the data as they were
    assert len(set(seen)) == len(CHANGES)
    make_session(make_version())  # of another study
    Stimulus.objects.filter(label="fake").update(label_in_doubt=True)  # such clips are in
    assert mark(version) == seen[-1]


def test_what_only_some_analyses_take_in_changes_only_their_fingerprint(version):
    whole, without = (
        Rules(include_incomplete=True, leave_out_in_doubt=False),
        Rules(include_incomplete=False, leave_out_in_doubt=True),
    )
    before = [mark(version, rules) for rules in (PLAIN, whole, without)]
    Stimulus.objects.filter(pk=version.frozen_stimuli.first().stimulus_id).update(label_in_doubt=True)
    after = [mark(version, rules) for rules in (PLAIN, whole, without)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False]


def test_an_answer_of_an_open_session_changes_the_analysis_that_takes_it_in():
    version = launch(n_fake=2, n_real=2, config=BARE)
    walker, whole = Walker(version.study), Rules(include_incomplete=True, leave_out_in_doubt=False)
    state = walker.to("trials")
    before, plain = mark(version, whole, Origin.BOT), mark(version, PLAIN, Origin.BOT)
    walker.trial(state)
    assert mark(version, whole, Origin.BOT) != before
    assert mark(version, PLAIN, Origin.BOT) == plain
    walker.to("ended")
    ended = mark(version, PLAIN, Origin.BOT)
    assert ended != plain
    erase_for(session=Session.objects.get(), actor=make_user(), reason="asked")
    assert mark(version, PLAIN, Origin.BOT) != ended


def test_few_answers_are_analysed_at_once_and_only_once(version, monkeypatch):
    computed = []
    analyze_judgements = stored_analyses.analyze_judgements
    monkeypatch.setattr(
        stored_analyses, "analyze_judgements", lambda **given: computed.append(1) or analyze_judgements(**given)
    )
    found = results(study=version.study, origin=Origin.LIVE)
    assert found.analysis == analyze(study=version.study) and found.row is None
    assert spread_of(study=version.study, origin=Origin.LIVE).row is None
    again = results(study=version.study, origin=Origin.LIVE)
    assert again.analysis == found.analysis and len(computed) == 1
    assert StoredAnalysis.objects.get().state == JobState.DONE.value
    whole = results(study=version.study, origin=Origin.LIVE, include_excluded=True)
    assert len(computed) == StoredAnalysis.objects.count() == 2 and whole.analysis["includes_excluded"]
    exclude(version)
    assert results(study=version.study, origin=Origin.LIVE).analysis["counts"]["n_listeners"] == 2
    with_excluded = results(study=version.study, origin=Origin.LIVE, include_excluded=True).analysis
    assert with_excluded["counts"]["n_listeners"] == 3 and len(computed) == 4
    assert has_more_answers(study=version.study, origin=Origin.LIVE, than=23)
    assert not has_more_answers(study=version.study, origin=Origin.LIVE, than=24)


def test_the_stored_analysis_is_what_analyze_returns_digit_by_digit(version, many, monkeypatch):
    make_machine(version, is_right=lambda frozen, at: at % 2 == 0)
    at_once = spread_of(study=make_version().study, origin=Origin.LIVE)
    assert "at least two listeners" in at_once.problem
    row = first_result(version)
    assert row.result == json.dumps(analyze(study=version.study), ensure_ascii=False)
    found = results(study=version.study, origin=Origin.LIVE)
    assert found.analysis == analyze(study=version.study) and not found.is_stale
    stored = spread_of(study=version.study, origin=Origin.LIVE).components
    monkeypatch.setattr(stored_analyses, "FEW_ANSWERS", 1000)
    assert stored is not None and stored == spread_of(study=version.study, origin=Origin.LIVE).components


def test_pages_at_once_start_one_job(version, many, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as messages:
        first, second = (results(study=version.study, origin=Origin.LIVE) for _ in range(2))
    assert len(messages) == 1 and first.row == second.row and first.analysis is None
    compute_stored(analysis_id=first.row.pk)
    exclude(version)
    old(first.row)
    stale = StoredAnalysis.objects.get()  # as two pages read it before either asks
    with django_capture_on_commit_callbacks() as messages:
        assert stored_analyses._queue(stale, "1" * 64)
        assert not stored_analyses._queue(stale, "1" * 64)
    assert len(messages) == 1


def test_changed_data_show_the_older_numbers_as_such_until_the_new_ones_are_there(page, version, many):
    row = first_result(version)
    text = page.get("/studies/study/analysis/").content.decode()
    assert "from 24 judgements; the data are the same now" in text and "data-job" not in text
    exclude(version)
    text = page.get("/studies/study/analysis/").content.decode()
    assert "These are older numbers" in text and "a minute after that time" in text and "data-job" not in text
    old(row)
    text = page.get("/studies/study/analysis/").content.decode()
    assert "New ones are on their way" in text and f"/studies/study/analysis/{row.pk}/progress" in text
    assert page.get(f"/studies/study/analysis/{row.pk}/progress").json()["state"] == "queued"
    compute_stored(analysis_id=row.pk)
    text = page.get("/studies/study/analysis/").content.decode()
    assert "from 16 judgements; the data are the same now" in text


def test_the_page_waits_for_the_first_analysis(page, version, many):
    text = page.get("/studies/study/analysis/").content.decode()
    assert "The first analysis of these answers" in text and "It waits for a worker" in text
    power = page.get("/studies/study/power/").content.decode()
    assert "A worker is computing the spread" in power and "data-job" in power
    assert StoredAnalysis.objects.count() == 1
    compute_stored(analysis_id=StoredAnalysis.objects.get().pk)
    assert page.get("/studies/study/power/").context["problem"] == ""


def test_the_page_of_a_stored_analysis_asks_little_of_the_database(page, version, many, django_assert_max_num_queries):
    first_result(version)
    with django_assert_max_num_queries(24):
        page.get("/studies/study/analysis/")


def test_a_cancelled_one_is_not_begun_again_by_itself_but_by_the_button(page, version, many):
    row = results(study=version.study, origin=Origin.LIVE).row
    held = claim(job=StoredAnalysis, pk=row.pk)
    page.post(f"/studies/study/analysis/{row.pk}/cancel")
    with pytest.raises(LostClaim):
        held.finish()
    old(row)
    text = page.get("/studies/study/analysis/").content.decode()
    assert "was cancelled" in text and "Compute it now" in text
    answer = page.post(f"/studies/study/analysis/{row.pk}/compute")
    assert (
        answer["Location"]
        == "/studies/study/analysis/?origin=live&incomplete=0&without_doubt=0&excluded=0&without_flagged=0"
    )
    assert compute_stored(analysis_id=row.pk)
    assert "the data are the same now" in page.get(answer["Location"]).content.decode()


def test_one_cancelled_while_it_computes_publishes_nothing(version, many, monkeypatch):
    row = results(study=version.study, origin=Origin.LIVE).row
    read = stored_analyses._read

    def cancelled(*given: Any) -> Any:
        cancel_analysis(row=row)
        return read(*given)

    monkeypatch.setattr(stored_analyses, "_read", cancelled)
    assert not compute_stored(analysis_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.result) == (JobState.CANCELLED.value, "")


def test_one_whose_worker_died_is_done_by_another(version, many):
    row = results(study=version.study, origin=Origin.LIVE).row
    claim(job=StoredAnalysis, pk=row.pk)
    StoredAnalysis.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert reclaim_dead(job=StoredAnalysis) == (1, 0)
    assert compute_stored(analysis_id=row.pk)


def test_a_failed_one_says_why(page, version, many, monkeypatch):
    row = results(study=version.study, origin=Origin.LIVE).row
    StoredAnalysis.objects.update(attempts=2)

    def fail(*_: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr(stored_analyses, "_read", fail)
    with pytest.raises(MemoryError):
        compute_stored(analysis_id=row.pk)
    assert "no room" in page.get("/studies/study/analysis/").content.decode()


def test_a_withdrawal_deletes_what_was_computed_and_what_is_being_computed(version, many):
    row = first_result(version)
    withdraw_one(version)
    assert not StoredAnalysis.objects.exists()
    assert AuditEntry.objects.get(action="erase_session").detail["n_analyses_deleted"] == 1
    make_session(version)
    again = results(study=version.study, origin=Origin.LIVE).row
    held = claim(job=StoredAnalysis, pk=again.pk)
    assert again.pk != row.pk and forget_analyses(study_id=version.study_id) == 1
    with pytest.raises(LostClaim):
        held.finish()


def test_few_answers_that_a_withdrawal_deletes_while_they_are_analysed_leave_nothing(version, monkeypatch):
    read = stored_analyses._read

    def read_and_withdraw(*given: Any) -> Any:
        frame = read(*given)
        withdraw_one(version)
        return frame

    monkeypatch.setattr(stored_analyses, "_read", read_and_withdraw)
    assert results(study=version.study, origin=Origin.LIVE).analysis is not None
    assert not StoredAnalysis.objects.exists()


def test_one_that_was_stored_while_a_withdrawal_was_under_way_is_deleted_too(
    version, many, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        forget_analyses(study_id=version.study_id)
        first_result(version)
    assert not StoredAnalysis.objects.exists()
