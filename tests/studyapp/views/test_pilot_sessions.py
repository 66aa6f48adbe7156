"""Who is let in: the pilot link, groups and their places, closing by itself; also where many come at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from studyapp.models import AuditEntry, Participant, Session, Study, StudyVersion
from studyapp.services.launch import launch_study
from studyapp.services.pilot_tokens import pilot_token
from studyapp.services.study_closing import close_studies_at_end
from studyapp.services.study_state import close_study, pause_study
from tests.studyapp.launched import BARE, Walker, launch
from tests.studyapp.views.test_recruiters import SUBMISSION, Again, consenting

GROUPS = {"groups": {"places": {"a": 2, "b": 1}}}


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def study(**recruitment: Any) -> StudyVersion:
    return launch(n_fake=1, n_real=1, config=BARE | {"recruitment": recruitment})


def pilot(**recruitment: Any) -> Study:
    found = study(**recruitment).study
    pause_study(study=found)
    launch_study(study=found, as_pilot=True)
    return found


def start(**fields: str) -> Any:
    return Client().post("/s/study/start/", fields)


def session_of(answer: Any) -> Session:
    assert answer.status_code == 303, answer.content
    return Session.objects.get(token=answer["Location"].split("/")[2])


def consent(answer: Any) -> Session:
    """Go as far as over the consent, where the session comes so far."""
    person = Again(answer, hurries=False)
    if person.to("consent", "ended")["step"] == "consent":
        person.act("consent", agree=True, ticks=[])
    return session_of(answer)


@pytest.mark.django_db
def test_in_a_pilot_only_the_pilot_link_lets_in_and_marks_its_sessions():
    found = pilot()
    token = pilot_token(found)
    assert Client().get("/s/study/").status_code == 404 and start().status_code == 404
    page = Client().get(f"/s/study/?pilot={token}").content.decode()
    assert f'name="pilot" value="{token}"' in page
    assert session_of(start(pilot=token)).origin == "pilot"
    for wrong in (token[:-1] + "x", "x", pilot_token(Study(slug="other"))):
        assert start(pilot=wrong).status_code == 403
        assert Client().get("/s/study/", {"pilot": wrong}).status_code == 403
    assert Session.objects.count() == 1
    close_study(study=found)
    assert start(pilot=token).status_code == 404


@pytest.mark.django_db
def test_a_pilot_beside_a_live_study_takes_no_place_and_is_somebody_else():
    version = study(recruiter="prolific", quota=1)
    token = pilot_token(version.study)
    person = {"PROLIFIC_PID": "5f2a", "SESSION_ID": SUBMISSION}
    pilots = [session_of(start(pilot=token, **person)) for _ in range(2)]
    assert pilots[0] == pilots[1] and pilots[0].origin == "pilot"
    first = start(**person)
    live = session_of(first)
    assert (live.origin, live.outcome) == ("live", "")
    assert live.participant != pilots[0].participant
    consent(first)
    assert session_of(start(PROLIFIC_PID="other")).outcome == "quota_full"


@pytest.mark.django_db
def test_a_group_that_is_full_sends_on_while_another_has_places():
    study(**GROUPS)
    outcomes = [consent(start(group=group)).outcome for group in "aabab"]
    assert outcomes == ["", "", "", "quota_full", "quota_full"]
    for group in ("", "c", "%GROUP%"):
        assert start(group=group).status_code == 403
        page = Client().get("/s/study/", {"group": group})
        assert b"which group of participants" in page.content and b'data-action="start"' not in page.content
    assert 'name="group" value="a"' in Client().get("/s/study/", {"group": "a"}).content.decode()
    assert set(Session.objects.values_list("group", flat=True)) == {"a", "b"}


@pytest.mark.django_db
def test_bots_are_of_a_group_and_are_let_in_while_nobody_else_is():
    version = study(**GROUPS)
    pause_study(study=version.study)
    assert start(group="a").status_code == 404
    assert {Session.objects.get(token=Walker(version.study, seed=seed).token).group for seed in (1, 2)} == {"a", "b"}
    close_study(study=version.study)
    with pytest.raises(AssertionError, match="not open"):
        Walker(version.study)


@pytest.mark.django_db
def test_a_study_closes_by_itself_when_its_last_place_is_completed():
    study(quota=1)
    session = consent(start())
    assert session.outcome == ""
    assert close_studies_at_end() == 0  # taken, and not completed
    Session.objects.filter(pk=session.pk).update(outcome="completed", step="ended")
    assert session_of(start()).outcome == "quota_full"
    assert Study.objects.get().state == "closed"
    assert session_of(start()).outcome == "quota_full"  # and whoever comes later: a recruiter waits for the exit's code
    entry = AuditEntry.objects.get(action="close_study_by_itself")
    assert (entry.actor, entry.detail["why"]) == (None, "all 1 places are completed")


@pytest.mark.django_db
def test_a_study_closes_at_its_time_and_open_sessions_go_on():
    version = study(closes_at="2999-01-01T00:00Z")
    walker = Walker(version.study)
    past = version.config | {"recruitment": version.config["recruitment"] | {"closes_at": "2020-01-01T00:00+01:00"}}
    StudyVersion.objects.filter(pk=version.pk).update(config=past)
    assert Client().get("/s/study/").status_code == 404
    assert Study.objects.get().state == "live"  # looking changes nothing
    assert start().status_code == 404
    assert Study.objects.get().state == "closed"
    assert "closing time" in AuditEntry.objects.get(action="close_study_by_itself").detail["why"]
    assert walker.to("ended")["end"]["outcome"] == "completed"


def in_parallel(call: Any, n: int) -> list[Any]:
    def run(number: int) -> Any:
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n)))


@pytest.mark.django_db(transaction=True)
def test_thirty_who_consent_at_once_fill_exactly_the_places_of_each_group():
    study(quota=6, groups={"places": {"a": 4, "b": 4}})
    people = [consenting(start(group="ab"[number % 2])) for number in range(30)]
    in_parallel(lambda number: people[number].act("consent", agree=True, ticks=[]), 30)
    held = list(Session.objects.filter(outcome="").values_list("group", flat=True))
    assert len(held) == 6 and max(held.count("a"), held.count("b")) <= 4
    assert Session.objects.filter(outcome="quota_full").count() == 24
    assert Participant.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_group_is_filled_exactly_without_a_total():
    study(groups={"places": {"a": 3, "b": 2}})
    people = [consenting(start(group="ab"[number % 2])) for number in range(16)]
    in_parallel(lambda number: people[number].act("consent", agree=True, ticks=[]), 16)
    held = list(Session.objects.filter(outcome="").values_list("group", flat=True))
    assert (held.count("a"), held.count("b")) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_a_study_that_several_find_at_its_end_is_closed_once():
    version = study(quota=1)
    session_of(start())
    Session.objects.update(outcome="completed", step="ended")
    in_parallel(lambda number: close_studies_at_end(), 6)
    assert AuditEntry.objects.filter(action="close_study_by_itself").count() == 1
    assert Study.objects.get(pk=version.study_id).state == "closed"
