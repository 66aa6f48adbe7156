"""The monitor: what it shows to whom, that it asks rarely, and what editors do with a session."""

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import AuditEntry, ClientEvent, Exclusion, Response, Session, StudyMember, StudyVersion
from studyapp.selectors.monitor import flow, monitored, screening_figures
from studyapp.selectors.monitor_sessions import timeline
from studyapp.vocab import Origin, Outcome, Step, StudyRole
from tests.factories import make_session, make_user, make_version, make_wrong_catch

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client):
    user = make_user("owner")
    client.force_login(user)
    return user


@pytest.fixture
def version(owner):
    return make_version(owner=owner, n_fake=2, n_real=2)


def address(version, name: str = "study_monitor", *more) -> str:
    return reverse(name, args=[version.study.slug, *more])


def as_member(client: Client, version, role: StudyRole) -> None:
    user = make_user()
    StudyMember.objects.create(study=version.study, user=user, role=role.value)
    client.force_login(user)


def test_counts_the_flow(version) -> None:
    make_session(version)
    make_session(version, outcome=None, n_answers=1)
    make_session(version, outcome=Outcome.TIMED_OUT, n_answers=1)
    make_session(version, outcome=Outcome.FAILED_HEADPHONE, n_answers=0, screening_correct=1)
    make_session(version, origin=Origin.BOT)
    steps = {each.step: each for each in flow(monitored(study=version.study, origin=Origin.LIVE))}
    assert [steps[step].n_reached for step in (Step.DEVICE, Step.SCREENING, Step.TRIALS, Step.ENDED)] == [4, 4, 3, 1]
    assert steps[Step.TRIALS].n_open == 1
    assert steps[Step.TRIALS].left == {"timed_out": 1}
    assert steps[Step.SCREENING].left == {"failed_headphone": 1}
    assert steps[Step.ENDED].n_left == 0


def test_of_imported_sessions_no_flow_is_made_up(client: Client, version) -> None:
    make_session(version, origin=Origin.IMPORTED, pseudonym="PIMPORTED")
    page = client.get(f"{address(version)}?origin=imported").content.decode()
    assert "1 imported session: 1 completed, 0 open." in page and "PIMPORTED" in page
    assert "gathered elsewhere" in page and "consented" not in page and "monitor-svg" not in page
    make_session(version)
    assert "consented" in client.get(f"{address(version)}?origin=live").content.decode()


def test_shows_the_sessions(client: Client, version) -> None:
    assert "No live session yet" in client.get(address(version)).content.decode()
    session = make_session(version, pseudonym="PALPHA")
    make_session(version, pseudonym="PBETA", outcome=None, n_answers=1)
    ClientEvent.objects.create(session=session, event="audio_stopped")
    page = client.get(f"{address(version)}?pay=5&sort=-took").content.decode()
    assert "PALPHA" in page and "PBETA" in page and "1 of 4" in page and "antiphase 1: 6/6" in page
    assert "Sound output stopped by the browser: 1" in page
    page = client.get(f"{address(version)}?place=open").content.decode()
    assert "PALPHA" not in page and "PBETA" in page
    page = client.get(f"{address(version)}?q=alp&place=completed&version=1").content.decode()
    assert "PALPHA" in page and "PBETA" not in page
    for query in ("origin=x&version=x&pay=x&page=x&sort=x&place=x", "pay=nan&version=99999999999&q=%00", "pay=-1"):
        assert client.get(f"{address(version)}?{query}").status_code == 200


def test_the_figures_are_those_of_the_own_headphone_test(version) -> None:
    def figures(screening: dict, number: int | None = None) -> str | None:
        StudyVersion.objects.filter(number=1).update(config=version.config | {"screening": screening})
        found = screening_figures(study=version.study, version=number)
        return found and f"{found.words}, {found.source}"

    assert figures({"test": "beat"}) == "beat 6/6, Milne et al. 2021, experiment 3"
    assert figures({"test": "huggins", "pass_mark": 5}) == "huggins 5/6, Milne et al. 2021, experiment 1"
    assert figures({"test": "huggins", "n_trials": 12}) is None
    assert figures({"test": "none"}) is None
    second = StudyVersion.objects.get(number=1)
    second.pk, second.number, second._state.adding = None, 2, True
    second.config = second.config | {"screening": {"test": "antiphase"}}
    second.save()
    assert figures({"test": "huggins"}) is None  # the versions have different ones
    assert figures({"test": "huggins"}, 2) == "antiphase 5/6, Milne et al. 2021, experiment 1"


def test_asks_as_often_however_many_sessions_there_are(client: Client, version, django_assert_max_num_queries) -> None:
    for _ in range(3):
        make_session(version)
    with django_assert_max_num_queries(28):
        client.get(address(version))
    for _ in range(4):
        make_session(version, outcome=None)
    with django_assert_max_num_queries(28):
        client.get(address(version))


def test_answers_304_where_nothing_changed(client: Client, version) -> None:
    make_session(version)
    first = client.get(address(version, "study_monitor_live"))
    assert "<html" not in first.content.decode()
    again = client.get(address(version, "study_monitor_live"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_session(version)
    assert client.get(address(version, "study_monitor_live"), headers={"If-None-Match": first["ETag"]}).content


def test_an_assistant_learns_nothing_of_answers(client: Client, version) -> None:
    session = make_session(version)
    Exclusion.objects.create(session=session, reason="manual", detail="too many right")
    as_member(client, version, StudyRole.ASSISTANT)
    page = client.get(address(version)).content.decode()
    assert "antiphase 1: passed" in page and "6/6" not in page
    page = client.get(address(version, "study_session", session.pk)).content.decode()
    assert "Answer at trial 1" in page and "Left out" in page
    assert not any(word in page for word in (">fake<", ">real<", "6 of 6", "too many right", "Leave it out"))
    page = client.get(address(version, "study_exposure")).content.decode()
    assert "sound 1" in page and not any(word in page for word in ("Label", "fake-", "real-"))
    for name in ("session_exclude", "session_include", "session_end"):
        assert client.post(address(version, name, session.pk)).status_code == 403


def test_a_timeline_tells_what_happened(client: Client, version) -> None:
    session = make_session(version)
    page = client.get(address(version, "study_session", session.pk)).content.decode()
    assert "attempt 1" in page and "passed, 6 of 6 right" in page and ">fake<" in page
    assert AuditEntry.objects.filter(action="see_session", object_id=str(session.pk)).count() == 1
    assert "fake-" in client.get(address(version, "study_exposure")).content.decode()


def test_says_what_a_session_is_flagged_for(client: Client, owner) -> None:
    flags = {"screening": {"action": "flag"}, "attention": {"action": "flag", "max_wrong": 1}}
    version = make_version(owner=owner, n_fake=2, n_real=2, config=flags)
    make_session(version, pseudonym="PALPHA")
    session = make_session(version, pseudonym="PBETA", screening_correct=1)
    for _ in range(3):
        make_wrong_catch(session)
    flagged = "flagged: failed headphone, failed attention"
    for role in (None, StudyRole.ASSISTANT):
        if role:
            as_member(client, version, role)
        assert client.get(address(version)).content.decode().count(flagged) == 1
        page = client.get(f"{address(version)}?place=flagged").content.decode()
        assert "PBETA" in page and "PALPHA" not in page
        page = client.get(address(version, "study_session", session.pk)).content.decode()
        assert flagged in page and "Flagged: failed headphone" in page
    events = [each for each in timeline(session, shows_results=False) if each.what.startswith("Flagged")]
    second_wrong = Response.objects.filter(trial__kind="catch").order_by("answered_at")[1]
    assert [each.what for each in events] == ["Flagged: failed headphone", "Flagged: failed attention"]
    assert [each.at for each in events] == [session.screening_attempts.get().ended_at, second_wrong.answered_at]


def test_an_editor_excludes_takes_back_and_ends(client: Client, version) -> None:
    session = make_session(version, outcome=None, n_answers=1)
    sure = {"detail": "fell asleep", "sure": "yes"}
    for given in ({"detail": "x"}, {"sure": "yes"}, {"detail": "x" * 501, "sure": "yes"}):
        client.post(address(version, "session_exclude", session.pk), given)
        client.post(address(version, "session_end", session.pk), given | {"outcome": "timed_out"})
    client.post(address(version, "session_end", session.pk), sure | {"outcome": "completed"})
    assert not Exclusion.objects.exists() and not Session.objects.get().outcome
    client.post(address(version, "session_exclude", session.pk), sure)
    page = client.post(address(version, "session_exclude", session.pk), sure, follow=True).content.decode()
    assert "by hand already" in page and "fell asleep" in page
    assert Exclusion.objects.get().actor.username == "owner"
    client.post(address(version, "session_include", session.pk), sure | {"exclusion": "manual"})
    page = client.post(address(version, "session_include", session.pk), sure, follow=True).content.decode()
    assert "not there any more" in page and not Exclusion.objects.exists()
    client.post(address(version, "session_end", session.pk), sure | {"outcome": "technical_error"})
    assert Session.objects.get().outcome == Outcome.TECHNICAL_ERROR
    page = client.post(address(version, "session_end", session.pk), sure | {"outcome": "timed_out"}, follow=True)
    assert "ended already" in page.content.decode()
    acted = set(AuditEntry.objects.exclude(action="see_session").values_list("action", flat=True))
    assert acted == {"exclude_session", "include_session", "end_session"}


def test_is_refused_to_others(client: Client, version) -> None:
    session, other = make_session(version), make_session(make_version())
    assert client.get(address(version, "study_session", other.pk)).status_code == 404
    as_member(client, version, StudyRole.VIEWER)
    assert client.get(address(version)).status_code == 200
    assert client.post(address(version, "session_exclude", session.pk)).status_code == 403
    names = [("study_monitor",), ("study_monitor_live",), ("study_exposure",), ("study_session", session.pk)]
    client.force_login(make_user())
    assert {client.get(address(version, *each)).status_code for each in names} == {404}
    client.logout()
    assert {client.get(address(version, *each)).status_code for each in names} == {302}
