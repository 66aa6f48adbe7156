"""Who may go on with a session that a recruiter's id names: whoever brings a secret beside it, and nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from studyapp.models import RecruiterVisit, Session, Study
from studyapp.services.pilot_tokens import pilot_token
from studyapp.services.study_state import close_study, pause_study
from studyapp.views.participant import COOKIE
from tests.studyapp.views.test_recruiters import ANOTHER, PROLIFIC, Again, consenting, start, study, token_of

pytestmark = pytest.mark.django_db
CODE = {"survey_code": "4711"}


def begun(*, client=None, **link):
    """A person who has consented."""
    person = consenting(start(client=client, **link))
    person.act("consent", agree=True, ticks=[])
    return person


@pytest.mark.parametrize(
    ("recruiter", "link"),
    [
        ("sona", CODE),
        ("link", {"participant": "7"}),
        ("prolific", {"PROLIFIC_PID": "5f2a", "SESSION_ID": "1"}),  # typed by hand: anybody can
        ("prolific", {"PROLIFIC_PID": "5f2a"}),
    ],
)
def test_a_known_id_alone_opens_nobodys_session(recruiter, link):
    study(recruiter)
    person = begun(**link)
    answer = start(**link)
    assert answer.status_code == 409
    assert "go on in the browser in which you began" in " ".join(answer.content.decode().split())
    assert person.token not in answer.content.decode() + str(answer.headers) + str(answer.cookies)
    assert Session.objects.count() == RecruiterVisit.objects.count() == 1
    assert person.state()["step"] == "instructions"


def test_the_browser_in_which_it_began_leads_back():
    study("sona")
    browser = Client()
    person = begun(client=browser, **CODE)
    assert token_of(start(client=browser, **CODE)) == person.token
    Session.objects.update(step="ended", outcome="completed", completion_code="CODE")
    assert token_of(start(client=browser, **CODE)) == person.token
    assert Again(start(**CODE), hurries=False).state()["end"]["outcome"] == "duplicate"


def test_the_cookie_is_for_the_studys_own_pages_and_out_of_scripts_reach():
    study("sona")
    cookie = start(**CODE).cookies[COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/s/study/", "Lax", True)
    assert not cookie["domain"] and not cookie["secure"]
    assert COOKIE not in start().cookies  # whom no id names nobody leads back


def test_over_https_the_cookie_is_sent_there_only(settings):
    study("sona")
    settings.SESSION_COOKIE_SECURE = True
    assert start(**CODE).cookies[COOKIE]["secure"]


def test_the_secret_of_one_person_is_no_secret_of_another():
    study("sona")
    browser = Client()
    mine, other = begun(client=browser, **CODE), begun(survey_code="4712")
    assert start(client=browser, survey_code="4712").status_code == 409
    browser.cookies[COOKIE] = other.token + "x"
    assert start(client=browser, survey_code="4712").status_code == 409
    assert mine.state()["step"] == other.state()["step"] == "instructions"


def test_a_submission_that_nobody_can_guess_leads_back_on_another_device():
    study("prolific")
    person = begun(**PROLIFIC)
    assert token_of(start(**PROLIFIC)) == person.token
    assert start(**PROLIFIC | {"SESSION_ID": ANOTHER}).status_code == 409
    assert token_of(start(**PROLIFIC | {"PROLIFIC_PID": "other"})) != person.token


def test_what_is_not_consented_to_keeps_nobody_out_and_one_of_two_goes_on():
    study("sona")
    first, second = consenting(start(**CODE)), consenting(start(**CODE))
    assert first.token != second.token
    second.act("consent", agree=True, ticks=[])
    assert first.act("consent", agree=True, ticks=[])["end"]["outcome"] == "duplicate"
    assert second.state()["step"] == "instructions"


def test_a_session_in_another_browser_counts_no_more_when_its_time_is_over():
    version = study("sona")
    begun(**CODE)
    limit = version.config["recruitment"]["time_limit_min"]
    Session.objects.update(started_at=timezone.now() - timedelta(minutes=limit + 1))
    assert Again(start(**CODE), hurries=False).state()["end"]["outcome"] == "duplicate"


def test_a_study_that_allows_it_begins_anew_in_the_same_browser():
    study("sona", recruitment={"on_return": "allow"})
    browser = Client()
    person = begun(client=browser, **CODE)
    Session.objects.update(step="ended", outcome="completed")
    assert token_of(start(client=browser, **CODE)) != person.token


@pytest.mark.parametrize("shut", [pause_study, close_study])
@pytest.mark.parametrize("allow", ["refuse", "allow"])
def test_a_recruiters_link_leads_back_while_the_study_lets_nobody_in(shut, allow):
    version = study("sona", recruitment={"on_return": allow})
    browser = Client()
    person = begun(client=browser, **CODE)
    shut(study=version.study)
    assert 'data-action="start"' in browser.get("/s/study/", CODE).content.decode()
    assert token_of(start(client=browser, **CODE)) == person.token
    Session.objects.update(step="ended", outcome="completed", completion_code="CANARY")
    again = Again(start(client=browser, **CODE), hurries=False)
    assert (again.token, again.state()["end"]["completion_code"]) == (person.token, "CANARY")
    for stranger in (CODE, {"survey_code": "4712"}, {}):
        assert Client().get("/s/study/", stranger).status_code == 404
        assert start(**stranger).status_code == 404
    assert Session.objects.count() == 1


def test_prolifics_link_leads_back_without_a_cookie_while_the_study_is_paused():
    version = study("prolific")
    person = begun(**PROLIFIC)
    pause_study(study=version.study)
    assert Client().get("/s/study/", PROLIFIC).status_code == 200
    assert token_of(start(**PROLIFIC)) == person.token


def test_a_pilot_is_led_back_too_while_the_study_is_paused():
    version = study("sona")
    browser, pilot = Client(), {"pilot": pilot_token(version.study)}
    token = token_of(start(client=browser, **CODE, **pilot))
    pause_study(study=version.study)
    assert browser.get("/s/study/", CODE | pilot).status_code == 200
    assert token_of(start(client=browser, **CODE, **pilot)) == token
    assert start(client=browser, **CODE).status_code == 404


def test_starts_alone_fill_no_place():
    version = study("link", recruitment={"quota": 2, "groups": {"places": {"a": 1, "b": 1}}})
    for _ in range(5):
        token_of(start(group="a"))
    held = consenting(start(group="a"))
    held.act("consent", agree=True, ticks=[])
    late = consenting(start(group="b"))
    assert Again(start(group="a"), hurries=False).state()["end"]["outcome"] == "quota_full"
    assert late.act("consent", agree=True, ticks=[])["step"] == "instructions"
    assert Study.objects.get(pk=version.study_id).state == "live"


def test_who_consents_when_the_last_place_is_gone_is_told_so_and_stays_unconsented():
    study("link", recruitment={"quota": 1})
    first, second = consenting(start()), consenting(start())
    first.act("consent", agree=True, ticks=[])
    assert second.act("consent", agree=True, ticks=[])["end"]["outcome"] == "quota_full"
    assert Session.objects.get(token=second.token).consented_at is None


def test_a_place_is_free_again_for_who_consents_after_another_timed_out():
    version = study("link", recruitment={"quota": 1})
    waiting = consenting(start())
    begun()
    limit = timedelta(minutes=version.config["recruitment"]["time_limit_min"] + 1)
    Session.objects.exclude(token=waiting.token).update(started_at=timezone.now() - limit)
    assert waiting.act("consent", agree=True, ticks=[])["step"] == "instructions"


# --- Floods -----------------------------------------------------------------------------------------------------------


def test_a_flood_of_starts_from_one_address_is_held_back_in_words(settings, monkeypatch):
    study("link")
    monkeypatch.setattr("studyapp.services.start_limit.time.time", lambda: 1_000_000_000.0)
    settings.STARTS_PER_MINUTE = 3
    answers = [start() for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303] * 3 + [429] * 2
    assert "wait a minute" in answers[-1].content.decode() and answers[-1]["Retry-After"] == "60"
    assert Session.objects.count() == 3
    assert Client().get("/s/study/").status_code == 200  # the page itself is there
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert start(client=other).status_code == 303
    monkeypatch.setattr("studyapp.services.start_limit.time.time", lambda: 1_000_000_060.0)
    assert start().status_code == 303


def test_two_hundred_people_behind_one_address_are_let_in(monkeypatch):
    study("link")
    monkeypatch.setattr("studyapp.services.start_limit.time.time", lambda: 1_000_000_000.0)
    assert {start().status_code for _ in range(200)} == {303}
