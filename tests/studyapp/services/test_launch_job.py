"""A launch is a job: what it opens, and what keeps it from opening anything."""

import threading
from typing import Any

import pytest
from django.db import connection

from studyapp.errors import NotFound, NotLaunchable
from studyapp.models import AuditEntry, FrozenStimulus, Session, Study, StudyLaunch, StudyVersion
from studyapp.selectors.launches import latest_launch, open_launch
from studyapp.services import launch, launch_copies
from studyapp.services.jobs import claim, reclaim_dead
from studyapp.services.launch import cancel_launch, do_launch, launch_study, plan_launch
from studyapp.services.session_start import start_session
from studyapp.services.study_create import change_study, create_study
from studyapp.services.study_state import close_study, pause_study, reopen_study
from studyapp.vocab import JobState
from tests.factories import make_user
from tests.studyapp.launched import make_set

pytestmark = pytest.mark.django_db
CONFIG = {"slug": "s", "title": "T", "stimulus_set": "sounds"}


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def study() -> Study:
    make_set(n_fake=2, n_real=2)
    return create_study(config=CONFIG, owner=make_user("ada"))


def while_copying(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something happen when the first copy has been made."""
    copy, happened = launch_copies._copy, []

    def copy_then_act(*given: Any) -> Any:
        made = copy(*given)
        if not happened:
            happened.append(True)
            act()
        return made

    monkeypatch.setattr(launch_copies, "_copy", copy_then_act)


def test_a_launch_opens_the_study_when_it_is_done_and_not_before(
    study: Study, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    seen: list[tuple[str, int]] = []
    while_copying(monkeypatch, lambda: seen.append((Study.objects.get().state, StudyVersion.objects.count())))
    with django_capture_on_commit_callbacks() as messages:
        asked = plan_launch(study=study, user=study.owner, as_pilot=True)
    assert len(messages) == 1 and (asked.state, asked.n_total) == ("queued", 4)
    assert Study.objects.get().state == "draft"
    assert do_launch(launch_id=asked.pk) and not do_launch(launch_id=asked.pk)
    asked.refresh_from_db()
    assert seen == [("draft", 0)]
    assert (asked.state, asked.n_done, asked.version) == ("done", 4, StudyVersion.objects.get())
    found = Study.objects.get()
    assert (found.state, found.opened_as, asked.version.launched_by) == ("pilot", "pilot", study.owner)
    assert AuditEntry.objects.get(action="launch_study").actor == study.owner
    assert open_launch(study) is None and latest_launch(study) == asked


def test_a_second_launch_is_refused_while_one_waits_or_is_at_work(study: Study) -> None:
    asked = plan_launch(study=study)
    for _ in range(2):
        for again in (plan_launch, launch_study):
            with pytest.raises(NotLaunchable, match=r"at work already, asked for at .* UTC; wait for it, or cancel it"):
                again(study=study)
        claim(job=StudyLaunch, pk=asked.pk)
    StudyLaunch.objects.update(state=JobState.CANCELLED.value)
    assert launch_study(study=study).number == 1 and StudyLaunch.objects.count() == 2


def test_what_blocks_a_launch_is_said_when_it_is_asked_for(study: Study) -> None:
    study.stimulus_set.members.all().delete()
    with pytest.raises(NotLaunchable, match="holds no sounds"):
        plan_launch(study=study)
    assert not StudyLaunch.objects.exists()


def test_a_cancelled_launch_stops_at_its_next_look_and_opens_nothing(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = plan_launch(study=study, user=study.owner)
    while_copying(monkeypatch, lambda: cancel_launch(launch=asked, user=study.owner))
    assert not do_launch(launch_id=asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.error, asked.version) == ("cancelled", "", None)
    assert (Study.objects.get().state, StudyVersion.objects.count()) == ("draft", 0)
    assert AuditEntry.objects.get(action="cancel_launch").actor == study.owner
    assert not cancel_launch(launch=asked, user=study.owner)


def test_a_cancelled_launch_makes_no_further_copies(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studyapp.services.jobs.HEARTBEAT_S", 0.0)
    asked, made = plan_launch(study=study), []
    copy = launch_copies._copy
    monkeypatch.setattr(launch_copies, "_copy", lambda *given: made.append(1) or copy(*given))
    while_copying(monkeypatch, lambda: cancel_launch(launch=asked, user=study.owner))
    do_launch(launch_id=asked.pk)
    assert len(made) == 1


@pytest.mark.parametrize("change", [close_study, pause_study])
def test_a_study_that_was_closed_or_paused_meanwhile_stays_so(
    study: Study, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    launch_study(study=study, as_pilot=True)
    change_study(study=study, config=CONFIG | {"title": "Another"}, user=None)
    while_copying(monkeypatch, lambda: change(study=Study.objects.get()))
    asked = plan_launch(study=Study.objects.get())
    do_launch(launch_id=asked.pk)
    asked.refresh_from_db()
    state = Study.objects.get().state
    assert asked.state == "failed" and f"was pilot when the launch was asked for and is {state} now" in asked.error
    assert state in ("closed", "paused") and StudyVersion.objects.count() == 1
    assert launch_study(study=Study.objects.get()).number == 2


def test_a_study_that_was_paused_and_resumed_meanwhile_is_launched(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_study(study=study)

    def pause_and_resume() -> None:
        pause_study(study=Study.objects.get())
        reopen_study(study=Study.objects.get())

    while_copying(monkeypatch, pause_and_resume)
    launch_study(study=study)
    assert Study.objects.get().state == "live"


def test_an_edit_meanwhile_waits_for_the_next_launch(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plan_launch(study=study)
    change_study(study=study, config=CONFIG | {"title": "Before the work"}, user=None)
    while_copying(
        monkeypatch,
        lambda: change_study(study=study, config=CONFIG | {"title": "During it", "task": {"plays": 3}}, user=None),
    )
    do_launch(launch_id=asked.pk)
    frozen = StudyVersion.objects.get()
    assert (frozen.config["title"], frozen.config["task"]["plays"]) == ("T", 1)
    draft = Study.objects.get()
    assert (draft.title, draft.config["task"]["plays"], draft.state) == ("During it", 3, "live")
    assert launch_study(study=draft).config["title"] == "During it"


def test_another_set_in_the_design_meanwhile_waits_for_the_next_launch(study: Study) -> None:
    asked = plan_launch(study=study)
    make_set("others", n_fake=1, n_real=1)
    change_study(study=study, config=CONFIG | {"stimulus_set": "others"}, user=None)
    do_launch(launch_id=asked.pk)
    assert StudyVersion.objects.get().frozen_stimuli.count() == 4
    assert launch_study(study=Study.objects.get()).frozen_stimuli.count() == 2


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("what", ["label", "member"])
def test_a_set_that_was_changed_meanwhile_is_not_frozen(
    study: Study, monkeypatch: pytest.MonkeyPatch, when: str, what: str
) -> None:
    asked = plan_launch(study=study)
    member = study.stimulus_set.members.select_related("stimulus").get(position=0)

    def change() -> None:
        if what == "label":
            member.stimulus.label = "real" if member.stimulus.label == "fake" else "fake"
            member.stimulus.save()
        else:
            member.delete()

    if when == "before":
        change()
    else:
        while_copying(monkeypatch, change)
    do_launch(launch_id=asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed" and "a set of sounds was changed" in asked.error
    assert (Study.objects.get().state, FrozenStimulus.objects.count()) == ("draft", 0)
    assert launch_study(study=study).number == 1


def test_a_damaged_sound_fails_the_launch_in_words(study: Study) -> None:
    sound = study.stimulus_set.own_stimuli.first()
    sound.audio_path = "stimuli/gone.wav"
    sound.save()
    asked = plan_launch(study=study)
    do_launch(launch_id=asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed" and asked.error.startswith(f"{sound.name}: ")
    assert Study.objects.get().state == "draft"


def test_a_launch_whose_worker_fell_silent_is_done_once_by_the_next(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = plan_launch(study=study)

    def given_up() -> None:
        StudyLaunch.objects.update(heartbeat_at="2020-01-01T00:00Z")
        assert reclaim_dead(job=StudyLaunch) == (1, 0)
        assert do_launch(launch_id=asked.pk)

    while_copying(monkeypatch, given_up)
    assert not do_launch(launch_id=asked.pk)  # the first one wakes up when the other has published
    asked.refresh_from_db()
    assert (asked.state, asked.attempts, StudyVersion.objects.count()) == ("done", 2, 1)
    assert AuditEntry.objects.filter(action="launch_study").count() == 1
    assert FrozenStimulus.objects.count() == 4


def test_a_fault_in_the_foreground_leaves_no_launch_behind(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        launch_study(study=study, progress=interrupted)
    assert latest_launch(study).state == "cancelled" and open_launch(study) is None
    assert launch_study(study=study).number == 1


@pytest.mark.django_db(transaction=True)
def test_of_launches_asked_for_at_once_one_is_taken(study: Study) -> None:
    barrier, refused = threading.Barrier(4), []

    def ask() -> None:
        found = Study.objects.get()
        barrier.wait()
        try:
            plan_launch(study=found)
        except NotLaunchable as error:
            refused.append(str(error))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert StudyLaunch.objects.count() == 1 and len(refused) == 3
    assert all("at work already" in words for words in refused)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["live", "pilot"])
def test_nobody_starts_after_the_study_was_closed(study: Study, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Who had looked at the state before it was closed, and comes to the lock afterwards."""
    from studyapp.services import session_start
    from studyapp.services.pilot_tokens import pilot_token

    launch_study(study=study)
    looked, admits = [], session_start.admits

    def look_then_close(*given: Any, **more: Any) -> bool:
        answer = admits(*given, **more)
        if not looked:
            looked.append(answer)
            close_study(study=Study.objects.get())
        return answer

    monkeypatch.setattr(session_start, "admits", look_then_close)
    with pytest.raises(NotFound, match="not open"):
        start_session(slug="s", pilot=pilot_token(study) if way == "pilot" else "")
    assert looked == [True] and not Session.objects.exists()
    assert launch.open_launch(study) is None
