"""How participants come in, and how they go out: each recruiter, each outcome, and who comes twice."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from studyapp.models import Participant, RecruiterIdentity, RecruiterVisit, Session
from studyapp.services.preview_tokens import mint_preview_token
from studyapp.vocab import Outcome
from tests.studyapp.launched import BARE, Walker, launch

NEVER = {"reasons": {"after": "never"}}
SUBMISSION, ANOTHER = "65f0c2d4e1b2a3c4d5e6f7a8", "65f0c2d4e1b2a3c4d5e6f7a9"
PROLIFIC = {"PROLIFIC_PID": "5f2a", "STUDY_ID": "st1", "SESSION_ID": SUBMISSION}


def start(*, client=None, **parameters):
    """Press the button on the first page; in a browser of its own, that knows nothing, where none is given."""
    return (client or Client()).post("/s/study/start/", parameters)


def token_of(response):
    assert response.status_code == 303, response.content
    return response["Location"].split("/")[2]


class Again(Walker):
    """A participant who was let in already, and hurries where no place is asked for."""

    def __init__(self, response, *, hurries=True):
        self.client, self.base, self.received = Client(), response["Location"], []
        self.token = token_of(response)
        if hurries:
            Session.objects.filter(token=self.token).update(origin="bot", time_scale=0.0)


def consenting(response):
    """A live participant who has come to the consent page."""
    person = Again(response, hurries=False)
    assert person.to("consent")["step"] == "consent"
    return person


def study(recruiter, **config):
    recruitment = {"recruiter": recruiter, **config.pop("recruitment", {})}
    return launch(n_fake=1, n_real=1, config=BARE | {"task": NEVER, "recruitment": recruitment} | config)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("recruiter", "link", "person", "submission"),
    [
        ("prolific", PROLIFIC, "5f2a", SUBMISSION),
        ("sona", {"survey_code": "12345"}, "12345", ""),
        (
            "mturk",
            {"workerId": "W1", "assignmentId": "A1", "hitId": "H1", "turkSubmitTo": "https://workersandbox.mturk.com"},
            "W1",
            "A1",
        ),
        ("link", {"participant": "p-7"}, "p-7", ""),
    ],
)
def test_the_ids_of_a_recruiter_are_captured_apart_from_the_answers(recruiter, link, person, submission):
    study(recruiter)
    token = token_of(start(**link, other="left out"))
    identity, visit = RecruiterIdentity.objects.get(), RecruiterVisit.objects.get()
    assert (identity.recruiter, identity.external_id, visit.submission_id) == (recruiter, person, submission)
    assert visit.parameters == link
    assert visit.session.token == token
    identity.delete()
    assert Session.objects.filter(token=token).exists() and not RecruiterVisit.objects.exists()


@pytest.mark.django_db
def test_the_names_in_the_link_can_be_others():
    study("prolific", recruitment={"parameters": {"person": "external_id"}})
    token_of(start(external_id="abc", SESSION_ID="s9"))
    assert RecruiterVisit.objects.get().parameters == {"external_id": "abc", "SESSION_ID": "s9"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["", "  ", "{{%PROLIFIC_PID%}}", "%PROLIFIC_PID%", "${workerId}", "x" * 201, "a\x00b", "a\nb"]
)
def test_a_link_without_an_id_starts_nothing_where_one_is_needed(value, client):
    study("prolific", recruitment={"require_person": True})
    shown = client.get("/s/study/", {"PROLIFIC_PID": value}).content.decode()
    assert "does not say who you are" in shown and "<form" not in shown
    assert start(PROLIFIC_PID=value).status_code == 403
    assert Session.objects.count() == Participant.objects.count() == 0


@pytest.mark.django_db
def test_the_landing_page_stores_nothing_and_hands_the_parameters_on(client):
    study("prolific")
    for agent in ("Slackbot-LinkExpanding 1.0", "Twitterbot/1.0", "Mozilla/5.0"):
        page = client.get(
            "/s/study/", {**PROLIFIC, "evil": '"><script>'}, headers={"User-Agent": agent}
        ).content.decode()
    assert Participant.objects.count() == 0
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    assert fields == PROLIFIC
    assert "script" not in page


@pytest.mark.django_db
def test_an_open_session_is_gone_on_with_and_an_ended_one_shown_again():
    study("prolific")
    first = Again(start(**PROLIFIC))
    Session.objects.update(origin="live", time_scale=1.0)
    assert token_of(start(**PROLIFIC)) == first.token
    Session.objects.update(step="ended", outcome="completed", completion_code="CODE")
    assert token_of(start(**PROLIFIC)) == first.token  # the redirect was lost: the code again
    late = Again(start(**PROLIFIC | {"SESSION_ID": ANOTHER}))
    assert late.token != first.token
    assert late.state()["end"]["outcome"] == "duplicate"
    assert Participant.objects.count() == RecruiterIdentity.objects.count() == 1


@pytest.mark.django_db
def test_a_study_can_let_a_person_take_part_again():
    study("prolific", recruitment={"on_return": "allow"})
    start(**PROLIFIC)
    Session.objects.update(step="ended", outcome="completed")
    again = Again(start(**PROLIFIC | {"SESSION_ID": ANOTHER}))
    assert again.state()["step"] == "device"
    assert Participant.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["device_unsuitable", "no_consent"])
def test_whoever_could_not_begin_may_come_back(outcome):
    study("prolific")
    start(**PROLIFIC)
    Session.objects.update(step="ended", outcome=outcome)
    assert Again(start(**PROLIFIC | {"SESSION_ID": ANOTHER})).state()["step"] == "device"


# --- Exits ------------------------------------------------------------------------------------------------------------

ENDS = {
    outcome.value: {
        "text": f"End of {outcome.value}.",
        "code": f"C-{outcome.value}",
        "url": "https://recruiter.invalid/?cc={code}&who={PROLIFIC_PID}&to={SESSION_ID}",
    }
    for outcome in Outcome
}


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_own_text_code_and_address(outcome):
    study("prolific", end=ENDS)
    walker = Again(start(**PROLIFIC | {"PROLIFIC_PID": "a b&c/é"}))
    session = Session.objects.get()
    from studyapp.services.session_end import end_session

    session.trials.all().delete()
    end_session(session=session, outcome=outcome)
    end = walker.state()["end"]
    assert end["outcome"] == outcome
    assert f"End of {outcome.value}." in end["html"]
    assert end["completion_code"] == f"C-{outcome.value}"
    address = f"https://recruiter.invalid/?cc=C-{outcome.value}&who=a%20b%26c%2F%C3%A9&to={SUBMISSION}"
    assert end["exit"] == {"url": address, "method": "GET", "fields": {}}


@pytest.mark.django_db
def test_prolific_gets_the_code_of_the_study_and_no_random_one():
    study("prolific", end={"completed": {"code": "CABC123"}, "no_consent": "Please return your submission."})
    walker = Again(start(**PROLIFIC))
    end = walker.to("ended")["end"]
    assert end["exit"]["url"] == "https://app.prolific.com/submissions/complete?cc=CABC123"
    other = Again(start(PROLIFIC_PID="other"))
    other.to("consent")
    end = other.act("consent", agree=False)["end"]
    assert (end["completion_code"], end["exit"]) == (None, None)
    assert "return your submission" in end["html"]


@pytest.mark.django_db
def test_mturk_previews_start_nothing_and_the_end_is_a_form(client):
    study("mturk")
    link = {"workerId": "W1", "hitId": "H1", "turkSubmitTo": "https://workersandbox.mturk.com/"}
    preview = client.get("/s/study/", link | {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"})
    assert "This is a preview" in preview.content.decode() and "<form" not in preview.content.decode()
    assert start(**link, assignmentId="ASSIGNMENT_ID_NOT_AVAILABLE").status_code == 403
    walker = Again(start(**link, assignmentId="A1"))
    page = client.get(walker.base)
    for each in (preview, page):
        assert "X-Frame-Options" not in each
        assert "frame-ancestors https://*.mturk.com" in each["Content-Security-Policy"]
        assert "form-action 'self' https://www.mturk.com" in each["Content-Security-Policy"]
    end = walker.to("ended")["end"]
    assert end["exit"]["method"] == "POST"
    assert end["exit"]["url"] == "https://workersandbox.mturk.com/mturk/externalSubmit"
    fields = {"assignmentId": "A1", "outcome": "completed", "completion_code": end["completion_code"]}
    assert end["exit"]["fields"] == fields


@pytest.mark.django_db
def test_mturk_answers_go_to_mturk_alone_and_other_studies_stay_out_of_frames(client):
    study("mturk")
    walker = Again(start(workerId="W1", assignmentId="A1", turkSubmitTo="https://evil.invalid"))
    assert walker.to("ended")["end"]["exit"]["url"] == "https://www.mturk.com/mturk/externalSubmit"
    launch(slug="plain", config=BARE)
    page = client.get("/s/plain/")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


@pytest.mark.django_db
def test_sona_gets_its_survey_code_back():
    url = "https://school.invalid/webstudy_credit.aspx?experiment_id=1&survey_code={survey_code}"
    study("sona", end={"completed": {"url": url}})
    end = Again(start(survey_code="4711")).to("ended")["end"]
    assert end["exit"]["url"].endswith("survey_code=4711")


@pytest.mark.django_db
def test_no_code_is_in_any_byte_before_the_end():
    study("prolific", end={"completed": {"code": "CANARYCODE"}})
    walker = Again(start(**PROLIFIC))
    walker.received.append(walker.client.get(walker.base))
    walker.to("ended")
    before, last = walker.received[:-1], walker.received[-1]
    assert b"CANARYCODE" in last.content
    assert len(before) > 10
    assert not any(b"CANARYCODE" in response.content for response in before)


# --- Previews, places, races ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_preview_takes_no_place_and_is_no_data():
    version = study("link", recruitment={"quota": 1})
    token = mint_preview_token(study="study")
    for _ in range(2):
        assert token_of(start(preview=token))
    assert set(Session.objects.values_list("origin", flat=True)) == {"preview"}
    live = token_of(start())
    assert Session.objects.get(token=live).outcome == ""
    for forged in (token[:-1] + "x", mint_preview_token(study="other"), "x"):
        assert start(preview=forged).status_code == 403
    assert version.study.slug == "study"


def in_parallel(call, n):
    def run(number):
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n)))


@pytest.mark.django_db(transaction=True)
def test_fifty_who_consent_at_once_fill_exactly_ten_places():
    study("link", recruitment={"quota": 10})
    people = [consenting(start()) for _ in range(50)]
    in_parallel(lambda number: people[number].act("consent", agree=True, ticks=[]), 50)
    outcomes = list(Session.objects.values_list("outcome", flat=True))
    assert (outcomes.count(""), outcomes.count("quota_full")) == (10, 40)
    assert Session.objects.filter(consented_at__isnull=False).count() == 10


@pytest.mark.django_db(transaction=True)
def test_one_person_starting_twenty_times_at_once_has_one_session():
    study("prolific")
    responses = in_parallel(lambda number: start(**PROLIFIC), 20)
    assert len({token_of(response) for response in responses}) == 1
    assert Session.objects.count() == Participant.objects.count() == RecruiterIdentity.objects.count() == 1
