"""The rules of a session: each step that works, then every refusal."""

import hashlib
import json

import pytest
from django.utils import timezone

from studyapp.models import ChosenReason, ClientEvent, Exclusion, Play, Response, ScreeningAttempt, Session, Trial
from studyapp.selectors.session_state import find_session, session_state
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db


def in_trials(*, time_scale=0.0, **config):
    version = launch(n_fake=2, n_real=2, config=BARE | config)
    walker = Walker(version.study, time_scale=time_scale)
    return walker, walker.to_trials()


def refused(response, status, code):
    assert response.status_code == status, response.content
    assert response.json()["error"]["code"] == code
    return response.json()


def age_plays(seconds):
    for play in Play.objects.all():
        Play.objects.filter(pk=play.pk).update(started_at=play.started_at - timezone.timedelta(seconds=seconds))


# --- Consent ----------------------------------------------------------------------------------------------------------


def test_declining_ends_the_session_and_plans_no_trial():
    walker = Walker(launch().study)
    walker.to("consent")
    state = walker.act("consent", agree=False)
    assert state["end"]["outcome"] == "no_consent"
    assert state["end"]["completion_code"] is None
    assert Trial.objects.count() == 0
    assert Session.objects.get().consented_at is None


def test_consent_stores_what_was_agreed_to():
    ticks = [{"code": "join", "label": "**Join**"}, {"code": "share", "label": "Share", "required": False}]
    walker = Walker(launch(config={"consent": {"text": "Agree?", "ticks": ticks}}).study)
    shown = walker.to("consent")["consent"]
    assert "<p>Agree?</p>" in shown["html"]
    assert shown["ticks"][0] == {"code": "join", "label_html": "<p><strong>Join</strong></p>", "required": True}
    refused(walker.send("consent", agree=True), 422, "invalid")
    refused(walker.send("consent", agree=True, ticks=["share"]), 422, "invalid")
    refused(walker.send("consent", agree=True, ticks=["join", "more"]), 422, "invalid")
    walker.act("consent", agree=True, ticks=["join"])
    session = Session.objects.get()
    agreed_to = ["Agree?", [["join", "**Join**", True], ["share", "Share", False]]]
    assert session.consent_sha256 == hashlib.sha256(json.dumps(agreed_to).encode()).hexdigest()
    assert session.consent_ticks == ["join"]
    assert session.consented_at is not None


def test_an_action_of_another_step_is_refused_with_the_state():
    walker = Walker(launch().study)
    walker.to("consent")
    for action, body in (
        ("volume", {}),
        ("device", {"kind": "desktop", "audio": True}),
        ("eligibility", {"answers": {}}),
        ("instructions", {}),
        ("questions", {}),
        ("continue", {"position": 0}),
        ("skip", {"position": 0, "problem": "fetch"}),
        ("play", {"position": 0}),
        ("screening-play", {"position": 0}),
    ):
        content = refused(walker.send(action, **body), 409, "wrong_step")
        assert content["state"]["step"] == "consent"


# --- Screening --------------------------------------------------------------------------------------------------------


def to_screening(**settings):
    walker = Walker(launch(config=BARE | {"screening": {"test": "antiphase"} | settings}).study)
    return walker, walker.to("screening")


def test_five_of_six_pass_the_screening():
    walker, state = to_screening()
    position = state["screening"]["position"]
    walker.act("screening-play", position=position)
    right = Session.objects.get().screening_attempts.get().trials.get(position=0).right_answer
    state = walker.act("screening-answer", position=position, answer=right % 3 + 1, rt_from_offset_ms=None)
    assert state["screening"]["position"] == 1
    for _ in range(5):
        position = state["screening"]["position"]
        walker.act("screening-play", position=position)
        right = ScreeningAttempt.objects.get().trials.get(position=position).right_answer
        state = walker.act("screening-answer", position=position, answer=right, rt_from_offset_ms=300)
    assert state["step"] == "instructions"
    attempt = ScreeningAttempt.objects.get()
    assert (attempt.n_correct, attempt.passed) == (5, True)


def test_failing_every_attempt_excludes():
    walker, state = to_screening()
    state = walker.screen(state, right=False)
    assert state["screening"]["attempt"] == 2
    assert state["screening"]["failed_before"]
    state = walker.screen(state, right=False)
    assert state["end"]["outcome"] == "failed_headphone"
    assert Exclusion.objects.get().reason == "failed_headphone"
    assert "0 of 6" in Exclusion.objects.get().detail


def test_a_second_attempt_can_pass():
    walker, state = to_screening()
    state = walker.screen(walker.screen(state, right=False))
    assert state["step"] == "instructions"
    assert [attempt.passed for attempt in ScreeningAttempt.objects.order_by("number")] == [False, True]


@pytest.mark.parametrize("action", ["flag", "record"])
def test_failing_goes_on_where_the_study_only_flags_or_records(action):
    walker, state = to_screening(action=action, attempts=1)
    assert walker.screen(state, right=False)["step"] == "instructions"
    assert Exclusion.objects.count() == 0
    assert ScreeningAttempt.objects.get().passed is False


def test_a_screening_sound_is_played_once_and_answered_after_it():
    version = launch(config=BARE | {"screening": {"test": "antiphase"}})
    walker = Walker(version.study, time_scale=1.0)
    walker.to("screening")
    refused(walker.send("screening-answer", position=0, answer=1), 409, "not_heard")
    state = walker.act("screening-play", position=0)
    assert state["screening"]["played"]
    assert 3000 < state["screening"]["wait_ms"] <= 4000
    refused(walker.send("screening-play", position=0), 409, "already_played")
    refused(walker.send("screening-answer", position=0, answer=1), 409, "too_early")
    refused(walker.send("screening-play", position=1), 409, "wrong_position")


# --- Trials -----------------------------------------------------------------------------------------------------------


def test_a_repeated_action_stores_nothing_new():
    walker, _ = in_trials()
    first = walker.send("play", key="same-key-1", position=0).json()
    assert walker.send("play", key="same-key-1", position=0).json() == first
    assert Play.objects.count() == 1
    walker.act("played", position=0, heard_ms=500, output_latency_ms=12.5)
    body = {"position": 0, "choice": "real", "rt_from_onset_ms": 700, "source": "button"}
    after = walker.send("answer", key="same-key-2", **body).json()
    assert walker.send("answer", key="same-key-2", **body).json() == after
    assert Response.objects.count() == 1
    assert after["trial"]["position"] == 1


def test_a_second_answer_to_a_trial_is_refused():
    walker, state = in_trials()
    assert (state["trial"]["plays_left"], state["trial"]["answer"]) == (1, None)
    state = walker.answer(walker.hear(state), "fake")
    assert (state["trial"]["phase"], state["trial"]["answer"]) == ("reason", "fake")
    again = {"position": 0, "choice": "real", "source": "button"}
    refused(walker.send("answer", **again), 409, "already_answered")
    walker.act("reason", position=0, codes=["repetitive"], text="", rt_ms=800)
    content = refused(walker.send("answer", **again), 409, "already_answered")
    assert content["state"]["trial"]["position"] == 1
    assert Response.objects.get().choice == "fake"


def test_an_answer_needs_a_heard_sound():
    walker, _ = in_trials()
    refused(walker.send("answer", position=0, choice="real", source="button"), 409, "not_heard")
    refused(walker.send("played", position=0), 409, "not_playing")
    walker.act("play", position=0)
    refused(walker.send("answer", position=0, choice="real", source="button"), 409, "not_heard")


def test_the_servers_clock_refuses_what_comes_before_the_sounds_end():
    walker, _ = in_trials(time_scale=1.0, task={"replays_after_fault": 0})
    state = walker.act("play", position=0)
    assert state["trial"]["phase"] == "play"
    assert 300 < state["trial"]["wait_ms"] <= 450
    refused(walker.send("played", position=0, heard_ms=500), 409, "too_early")
    refused(walker.send("answer", position=0, choice="real", source="button"), 409, "too_early")
    age_plays(1.0)
    assert walker.act("played", position=0, heard_ms=500)["trial"]["phase"] == "answer"
    walker.act("answer", position=0, choice="real", source="button")


def test_a_server_clock_that_is_set_back_holds_nobody_up_and_changes_no_time():
    walker, _ = in_trials(time_scale=1.0)
    walker.act("play", position=0)
    age_plays(-3600.0)  # granted in an hour, by the clock as it is now
    assert walker.act("played", position=0, heard_ms=500)["trial"].items() >= {"phase": "answer", "wait_ms": 0}.items()
    times = {"rt_from_onset_ms": 900.0, "rt_from_offset_ms": 400.0}
    walker.act("answer", position=0, choice="real", source="button", **times)
    assert Response.objects.values(*times).get() == times


def test_a_sound_that_was_cut_off_was_not_heard():
    walker, _ = in_trials()
    walker.act("play", position=0)
    state = walker.act("played", position=0, heard_ms=480)  # of 500
    assert (state["trial"]["phase"], state["trial"]["plays_left"]) == ("play", 1)
    refused(walker.send("played", position=0, heard_ms=500), 409, "not_playing")
    refused(walker.send("answer", position=0, choice="real", source="button"), 409, "not_heard")
    walker.act("play", position=0)
    assert walker.act("played", position=0, heard_ms=491)["trial"]["phase"] == "answer"
    assert [(play.heard_ms, play.ended_at is None) for play in Play.objects.order_by("number")] == [
        (480, True),
        (491, False),
    ]


def test_an_interrupted_play_grants_one_more_and_then_only_the_answer():
    walker, _ = in_trials()
    walker.act("play", position=0)
    state = walker.state()  # a reload in the middle of the sound
    assert (state["trial"]["phase"], state["trial"]["plays_left"]) == ("play", 1)
    walker.act("play", position=0)
    state = walker.state()
    assert (state["trial"]["phase"], state["trial"]["plays_left"]) == ("answer", 0)
    refused(walker.send("play", position=0), 409, "no_plays_left")
    walker.act("answer", position=0, choice="real", source="button")
    assert [play.ended_at for play in Play.objects.order_by("number")] == [None, None]


def test_plays_after_a_fault_count_only_when_every_ordinary_play_was_interrupted():
    walker, state = in_trials(task={"plays": 2, "replays_after_fault": 1})
    seen = [state["trial"]["plays_left"]]
    for _ in range(3):
        walker.act("play", position=0)
        seen.append(walker.state()["trial"]["plays_left"])
    assert seen == [2, 1, 1, 0]
    refused(walker.send("play", position=0), 409, "no_plays_left")


def test_a_heard_sound_is_not_played_again():
    walker, state = in_trials()
    state = walker.hear(state)
    assert (state["trial"]["phase"], state["trial"]["plays_left"]) == ("answer", 0)
    refused(walker.send("play", position=0), 409, "no_plays_left")


def test_a_study_can_allow_more_plays():
    walker, state = in_trials(task={"plays": 2})
    state = walker.hear(state)
    assert (state["trial"]["phase"], state["trial"]["plays_left"]) == ("answer", 1)
    state = walker.hear(state)
    assert state["trial"]["plays_left"] == 0
    refused(walker.send("play", position=0), 409, "no_plays_left")


def test_another_position_is_refused():
    walker, state = in_trials()
    refused(walker.send("play", position=1), 409, "wrong_position")
    state = walker.trial(state, "real")
    refused(walker.send("play", position=0), 409, "already_answered")


def test_the_order_and_the_sides_come_from_the_seed():
    version = launch(n_fake=6, n_real=6, config=BARE)
    walkers = [Walker(version.study, seed=seed) for seed in (3, 3, 4)]
    states = [walker.to_trials() for walker in walkers]

    def order(walker):
        trials = Trial.objects.filter(session__token=walker.token).order_by("position")
        return list(trials.values_list("presentations__frozen_stimulus", flat=True))

    assert order(walkers[0]) == order(walkers[1]) != order(walkers[2])
    assert states[0]["trial"]["choices"] == states[1]["trial"]["choices"]
    tokens = {state["trial"]["sounds"][0] for state in states}
    assert len(tokens) == 3


def test_the_place_of_the_chosen_answer_is_stored():
    walker, state = in_trials()
    second = state["trial"]["choices"][1]["value"]
    walker.answer(walker.hear(state), second)
    assert Response.objects.get().choice_position == 1


def test_a_hidden_category_is_null():
    _, state = in_trials(task={"show_category": False})
    assert state["trial"]["category"] is None


# --- Reasons ----------------------------------------------------------------------------------------------------------


REASONS = {
    "mode": "multiple",
    "after": "both",
    "items": [
        {"code": "a", "label": "A"},
        {"code": "b", "label": "B"},
        {"code": "o", "label": "O", "needs_text": True},
    ],
}


def test_several_reasons_and_a_text_are_stored_after_both_answers():
    walker, state = in_trials(task={"reasons": REASONS})
    state = walker.answer(walker.hear(state), "real")
    assert state["trial"]["phase"] == "reason"
    walker.act("reason", position=0, codes=["a", "o"], text=" clicks ", rt_ms=900)
    stored = ChosenReason.objects.order_by("code").values_list("code", "text")
    assert list(stored) == [("a", ""), ("o", "clicks")]
    assert Response.objects.get().reason_rt_ms == 900


@pytest.mark.parametrize(
    ("codes", "text"), [(["x"], ""), (["a", "a"], ""), (["o"], ""), (["o"], "  "), (["a"], "why"), ([], "")]
)
def test_reasons_outside_the_menu_are_refused(codes, text):
    walker, state = in_trials(task={"reasons": REASONS})
    walker.answer(walker.hear(state), "fake")
    refused(walker.send("reason", position=0, codes=codes, text=text), 422, "invalid")
    assert ChosenReason.objects.count() == 0
    assert walker.state()["trial"]["phase"] == "reason"


def test_a_single_choice_menu_takes_one_reason():
    walker, state = in_trials()
    refused(walker.send("reason", position=0, codes=["other"]), 409, "not_answered")
    walker.answer(walker.hear(state), "fake")
    refused(walker.send("reason", position=0, codes=["other", "repetitive"]), 422, "invalid")
    walker.act("reason", position=0, codes=["other"])


def test_no_reason_is_asked_where_the_study_never_asks():
    walker, state = in_trials(task={"reasons": {"after": "never"}})
    assert walker.answer(walker.hear(state), "fake")["trial"]["position"] == 1


# --- The end and the rest ---------------------------------------------------------------------------------------------


def test_the_completion_code_exists_only_at_the_end():
    walker, state = in_trials()
    while state["step"] == "trials":
        assert Session.objects.get().completion_code == ""
        state = walker.trial(state, "real")
    code = state["end"]["completion_code"]
    earlier = [response.content for response in walker.received[:-1]]
    assert not any(code.encode() in content for content in earlier)
    refused(walker.send("play", position=0), 409, "wrong_step")
    assert walker.state()["end"]["completion_code"] == code


def test_events_are_kept_and_change_nothing():
    walker, state = in_trials()
    assert walker.act("event", event="page_hidden", data={"for_ms": 12.5, "tab": "other", "again": None}) == state
    event = ClientEvent.objects.get()
    assert (event.event, event.trial_position, event.data["for_ms"]) == ("page_hidden", 0, 12.5)


def test_the_sound_output_is_kept_with_the_session_and_nothing_else_of_the_browser():
    walker = Walker(launch().study)
    data = {"sample_rate_hz": 44100, "base_latency_ms": 5.8, "output_latency_ms": None, "agent": "Mozilla/5.0"}
    walker.act("event", event="page_hidden", data={"sample_rate_hz": 8000})
    walker.act("event", event="audio_ready", data=data)
    assert Session.objects.get().client == {"browser": "other", "sample_rate_hz": 44100, "base_latency_ms": 5.8}
    walker.act("event", event="audio_ready", data={"sample_rate_hz": 48000, "base_latency_ms": True})
    assert Session.objects.get().client == {"browser": "other", "sample_rate_hz": 48000, "base_latency_ms": 5.8}


# --- Two tabs ---------------------------------------------------------------------------------------------------------


def test_a_state_read_while_another_tab_ends_the_trials_is_that_of_the_end():
    walker, state = in_trials()
    read_before = find_session(walker.token)
    while state["step"] == "trials":
        state = walker.trial(state)
    assert session_state(read_before) == state == walker.state()
    assert state["end"]["completion_code"]


def test_a_state_read_while_another_tab_ends_the_screening_is_that_of_the_next_step():
    walker = Walker(launch(config=BARE | {"screening": {"n_trials": 1}}).study)
    state = walker.to("screening")
    read_before = find_session(walker.token)
    walker.screen(state)
    assert session_state(read_before) == walker.state()
    assert walker.state()["step"] == "instructions"


def test_two_sessions_of_one_study_do_not_meet():
    version = launch(config=BARE)
    one, other = Walker(version.study, seed=1), Walker(version.study, seed=2)
    one.trial(one.to_trials(), "real")
    assert other.to("consent")["step"] == "consent"
    assert other.send("consent", key="key-of-both", agree=True).status_code == 200
    assert one.send("event", key="key-of-both", event="x", data={}).status_code == 200
    assert ClientEvent.objects.count() == 1
