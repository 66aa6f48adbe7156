"""The steps round the trials and the kinds of trials: each that works, then every refusal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studyapp.models import (
    AuditEntry,
    ClientEvent,
    Exclusion,
    Participant,
    QuestionAnswer,
    Response,
    ScreeningAttempt,
    Session,
    Trial,
)
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db
NEVER = {"reasons": {"after": "never"}}


def refused(response, status, code):
    assert response.status_code == status, response.content
    assert response.json()["error"]["code"] == code
    return response.json()


def walk(**config):
    return Walker(launch(config=BARE | config).study)


def to_end(walker):
    return walker.to("ended")["end"]


# --- Device and eligibility -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allow", "kind", "audio", "step"),
    [
        ("desktop", "desktop", True, "consent"),
        ("desktop", "tablet", True, "ended"),
        ("desktop", "phone", True, "ended"),
        ("any", "phone", True, "consent"),
        ("any", "desktop", False, "ended"),
    ],
)
def test_the_device_gate_lets_in_what_the_study_can_use(allow, kind, audio, step):
    walker = walk(device={"allow": allow})
    state = walker.act("device", kind=kind, audio=audio)
    assert state["step"] == step
    if step == "ended":
        assert state["end"]["outcome"] == "device_unsuitable"
        assert state["end"]["withdrawal_code"] is None
    assert Session.objects.get().client["device"] == kind


def test_an_answer_that_does_not_admit_ends_the_session():
    walker = Walker(launch().study)
    asked = walker.to("eligibility")["eligibility"]["questions"]
    assert [question["code"] for question in asked] == ["adult", "normal_hearing"]
    assert "admit" not in str(asked)
    for answers in ({}, {"adult": "yes"}, {"adult": "perhaps", "normal_hearing": "yes"}, {"more": "yes"}):
        refused(walker.send("eligibility", answers=answers), 422, "invalid")
    state = walker.act("eligibility", answers={"adult": "yes", "normal_hearing": "no"})
    assert state["end"]["outcome"] == "ineligible"
    stored = QuestionAnswer.objects.values_list("step", "code", "answer")
    assert set(stored) == {("eligibility", "adult", "yes"), ("eligibility", "normal_hearing", "no")}


def test_a_number_admits_within_its_bounds():
    age = {"code": "age", "text": "Age?", "kind": "number", "admit_from": 18, "admit_to": 40}
    for answer, step in (("17", "ended"), ("18", "instructions"), ("40", "instructions"), ("41", "ended")):
        walker = Walker(launch(slug=f"a{answer}", config=BARE | {"eligibility": {"questions": [age]}}).study)
        walker.to("eligibility")
        refused(walker.send("eligibility", answers={"age": "4.5"}), 422, "invalid")
        assert walker.act("eligibility", answers={"age": answer})["step"] == step


# --- Headphones -------------------------------------------------------------------------------------------------------


def answer_channels(walker, left, right, both):
    """Hear the four sounds of the channel check, and say where they were."""
    said = {1: left, 2: right, 3: both}
    state = walker.to("screening")
    for _ in range(4):
        position = state["screening"]["position"]
        assert state["screening"]["test"] == "channels"
        walker.act("screening-play", position=position)
        truth = ScreeningAttempt.objects.latest("pk").trials.get(position=position).right_answer
        state = walker.act("screening-answer", position=position, answer=said[truth])
    return state


@pytest.mark.parametrize(
    ("answers", "verdict"), [((1, 2, 3), "ok"), ((2, 1, 3), "swapped"), ((3, 3, 3), "mono"), ((1, 2, 1), "unclear")]
)
def test_the_channel_check_finds_mono_and_warns_of_swapped_sides(answers, verdict):
    walker = walk(channels={"enabled": True, "attempts": 1})
    state = answer_channels(walker, *answers)
    assert ScreeningAttempt.objects.get().verdict == verdict
    if verdict in ("ok", "swapped"):
        assert state["step"] == "instructions"
        assert state["notice"] == ("swapped" if verdict == "swapped" else None)
        assert walker.to_trials()["notice"] is None
    else:
        assert state["end"]["outcome"] == "failed_headphone"
        assert verdict in Exclusion.objects.get().detail


def test_two_tests_follow_each_other_with_their_own_attempts_and_marks():
    walker = walk(screening={"test": "huggins+antiphase", "n_trials": 6})
    state = walker.to("screening")
    assert state["screening"]["test"] == "huggins"
    assert state["screening"]["example"]["answer"] == 2
    assert walker.sound(state["screening"]["example"]["sound"]).status_code == 200
    state = walker.screen(walker.screen(state, right=False))
    assert (state["screening"]["test"], state["screening"]["attempt"]) == ("antiphase", 1)
    assert state["screening"]["example"] is None
    state = walker.screen(state)
    assert state["step"] == "instructions"
    passed = ScreeningAttempt.objects.order_by("pk").values_list("test", "number", "pass_mark", "passed")
    assert list(passed) == [("huggins", 1, 6, False), ("huggins", 2, 6, True), ("antiphase", 1, 5, True)]


# --- Instructions and questions ---------------------------------------------------------------------------------------


def test_the_comprehension_check_is_asked_until_every_answer_is_right():
    walker = Walker(launch(config=BARE | {"instructions": {}}).study)
    assert "right" not in str(walker.to("instructions")["instructions"]["questions"])
    refused(walker.send("instructions", answers={"noise": "true"}), 422, "invalid")
    state = walker.act("instructions", answers={"noise": "true", "anywhere": "true"})
    assert (state["step"], state["instructions"]["tries"], state["instructions"]["wrong"]) == (
        "instructions",
        1,
        ["noise"],
    )
    assert walker.state()["instructions"]["wrong"] == ["noise"]  # after a reload, too
    state = walker.act("instructions", answers={"noise": "false", "anywhere": "true"})
    assert state["step"] == "trials"
    assert sorted(QuestionAnswer.objects.values_list("attempt", flat=True)) == [1, 1, 2, 2]


def test_the_last_questions_may_be_left_out_and_complete_the_session():
    walker = Walker(launch(n_fake=1, n_real=1, config=BARE | {"questions": {}}).study)
    walker.to("questions")
    for age in ("17", "x", "121", "-3", "1e2", "٣٤"):
        refused(walker.send("questions", answers={"age": age}), 422, "invalid")
    end = walker.act("questions", answers={"age": "034", "remarks": "  Fine.  ", "gender": ""})["end"]
    assert end["outcome"] == "completed"
    assert dict(QuestionAnswer.objects.values_list("code", "answer")) == {"age": "34", "remarks": "Fine."}


# --- Sounds that cannot be played -------------------------------------------------------------------------------------


def test_a_sound_that_cannot_be_played_is_skipped_with_its_reason():
    walker = walk(task=NEVER)
    state = walker.to_trials()
    assert state["trial"]["may_skip"]
    state = walker.act("skip", position=0, problem="decode")
    assert state["trial"]["position"] == 1
    trial = Trial.objects.get(position=0)
    assert (trial.skipped, Response.objects.count()) == ("decode", 0)
    state = walker.hear(state)
    assert not state["trial"]["may_skip"]
    refused(walker.send("skip", position=1, problem="decode"), 409, "already_heard")
    refused(walker.send("skip", position=0, problem="decode"), 409, "already_answered")


def test_one_skip_too_many_ends_the_session_as_a_technical_error():
    walker = walk(task={"max_skipped": 1, **NEVER})
    walker.to_trials()
    walker.act("skip", position=0, problem="fetch")
    state = walker.act("skip", position=1, problem="fetch")
    assert state["end"]["outcome"] == "technical_error"
    assert state["end"]["completion_code"] is None


@pytest.mark.parametrize("step", ["volume", "screening"])
def test_a_session_that_cannot_play_its_first_sounds_ends_as_a_technical_error(step):
    walker = walk(
        volume={"enabled": step == "volume"}, screening={"test": "huggins" if step == "screening" else "none"}
    )
    assert walker.to(step)["step"] == step
    assert walker.send("unplayable", problem="silence").status_code == 422
    end = walker.act("unplayable", problem="decode")["end"]
    assert (end["outcome"], end["completion_code"]) == ("technical_error", None)
    assert Session.objects.get().client["unplayable"] == f"{step}: decode"


def test_a_trials_sound_is_skipped_and_does_not_end_the_session_at_once():
    walker = walk(task=NEVER)
    walker.to_trials()
    refused(walker.send("unplayable", problem="decode"), 409, "wrong_step")


# --- Keys, time, withdrawal -------------------------------------------------------------------------------------------


def test_a_key_comes_back_with_the_same_body_only():
    walker = walk(task=NEVER)
    walker.hear(walker.to_trials())
    body = {"position": 0, "choice": "real", "source": "button"}
    assert walker.send("answer", key="one-key-1", **body).status_code == 200
    assert walker.send("answer", key="one-key-1", **body).status_code == 200
    refused(walker.send("answer", key="one-key-1", **(body | {"choice": "fake"})), 422, "invalid")
    assert Response.objects.get().choice == "real"


def test_a_session_that_is_open_for_too_long_has_timed_out():
    walker = walk(recruitment={"time_limit_min": 30})
    walker.to_trials()
    Session.objects.update(started_at=timezone.now() - timedelta(minutes=29))
    assert walker.state()["step"] == "trials"
    Session.objects.update(started_at=timezone.now() - timedelta(minutes=31))
    refused(walker.send("play", position=0), 409, "timed_out")  # never 200: the client would think it stored
    assert walker.state()["end"]["outcome"] == "timed_out"
    other = Walker(Session.objects.get().version.study, bot=False)
    Session.objects.filter(token=other.token).update(started_at=timezone.now() - timedelta(hours=4))
    Walker(Session.objects.first().version.study, bot=False)  # somebody else starts
    assert Session.objects.get(token=other.token).outcome == "timed_out"


@pytest.mark.parametrize(
    "step", ["device", "consent", "eligibility", "volume", "screening", "instructions", "trials", "questions"]
)
def test_a_participant_can_withdraw_at_every_step(step):
    config = {"screening": {"n_trials": 1}, "channels": {"enabled": False}}
    walker = Walker(launch(n_fake=1, n_real=1, config=config).study)
    walker.to(step)
    end = walker.act("withdraw")["end"]
    assert (end["outcome"], end["completion_code"], end["withdrawal_code"]) == ("withdrawn", None, None)
    refused(walker.send("withdraw"), 409, "wrong_step")
    session = Session.objects.get()
    assert session.erased_at is not None
    assert QuestionAnswer.objects.count() == Response.objects.count() == ScreeningAttempt.objects.count() == 0
    assert AuditEntry.objects.filter(action="withdraw").count() == 1
    hashed = session.actions.exclude(body_sha256="").values_list("action", flat=True)
    assert list(hashed) == ["withdraw"]  # the others' hashes would tell a few possible answers apart


def test_withdrawal_by_code_erases_the_session_and_no_other(client):
    version = launch(n_fake=1, n_real=1)
    one, other = Walker(version.study, seed=1), Walker(version.study, seed=2)
    for walker in (one, other):
        walker.act("event", event="page_hidden", data={})
        code = to_end(walker)["withdrawal_code"]
    assert len(code) == 20
    page = f"/s/{version.study.slug}/withdraw/"
    assert client.get(page).status_code == 200
    wrong = client.post(page, {"code": "ABCDE-FGHJK-MNPQR-STUVW"})
    assert wrong.status_code == 404
    assert b"belongs to no session" in wrong.content
    assert client.post(page, {"code": ""}).status_code == 404
    shown = "-".join(code[start : start + 5] for start in range(0, 20, 5)).lower()
    assert b"You have withdrawn" in client.post(page, {"code": f" {shown} "}).content
    withdrawn, kept = Session.objects.get(token=other.token), Session.objects.get(token=one.token)
    assert withdrawn.outcome == "withdrawn"
    assert withdrawn.completion_code == other.state()["end"]["completion_code"] != ""  # still owed
    assert not Response.objects.filter(trial__session=withdrawn).exists()
    assert not ClientEvent.objects.filter(session=withdrawn).exists()
    assert not QuestionAnswer.objects.filter(session=withdrawn).exists()
    assert (kept.outcome, Response.objects.filter(trial__session=kept).count()) == ("completed", 2)
    assert client.post(page, {"code": code}).status_code == 200  # entered again, it says that all is done
    assert Participant.objects.count() == 2


def test_a_study_can_keep_the_answers_of_who_withdraws():
    walker = walk(consent={"ticks": [], "on_withdrawal": "keep"}, task=NEVER)
    walker.trial(walker.to_trials())
    walker.act("withdraw")
    assert Response.objects.count() == 1
    assert Session.objects.get().erased_at is None


# --- The end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reveal", ["nothing", "score", "truth"])
def test_the_debriefing_reveals_what_the_study_says_and_no_more(reveal):
    walker = walk(debrief={"text": "About **this**.", "reveal": reveal}, task=NEVER)
    debrief = to_end(walker)["debrief"]
    assert "<strong>this</strong>" in debrief["html"]
    assert (debrief["n_right"], debrief["n_judged"]) == ((None, None) if reveal == "nothing" else (3, 6))
    assert len(debrief["rows"]) == (6 if reveal == "truth" else 0)
    for row in debrief["rows"]:
        assert row["answer"] == "Real"
        assert row["is_right"] == (row["truth"] == "Real")


def test_a_french_study_is_french_to_the_end():
    walker = Walker(launch(n_fake=1, n_real=1, config={"language": "fr", "screening": {"test": "none"}}).study)
    page = walker.client.get(walker.base).content.decode()
    assert '<html lang="fr" dir="ltr">' in page and "texts/fr.js" in page and "texts/en.js" not in page
    landing = walker.client.get("/s/study/").content.decode()
    assert "Commencer" in landing and "Start" not in landing
    consent = walker.to("consent")["consent"]
    assert "Vous êtes invité" in consent["html"] and consent["agree_label"] == "J'accepte de participer"
    trial = walker.to_trials()["trial"]
    assert {choice["label"] for choice in trial["choices"]} == {"Réel", "Faux"}
    assert "répétitif" in str(trial["reasons"])
    assert to_end(walker)["heading"] == "Vous avez terminé"
