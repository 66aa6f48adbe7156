"""The kinds of trials: tasks, practice, breaks, repeats, catch trials; each that works, then every refusal."""

import pytest

from studyapp.models import (
    Exclusion,
    Presentation,
    Response,
    SetMember,
    Trial,
)
from studyapp.services.launch import launch_study
from studyapp.services.launch_check import check_launch
from studyapp.services.study_create import create_study
from tests.studyapp.launched import BARE, Walker, launch, make_set

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


# --- Trials -----------------------------------------------------------------------------------------------------------


def test_practice_tells_the_truth_and_is_no_data():
    make_set("for-practice", n_fake=2, n_real=2, categories=("sneeze",))
    # The files of a set are alike for one seed: practice gets sounds of its own.
    walker = walk(practice={"stimulus_set": "for-practice", "n_trials": 2}, task=NEVER)
    state = walker.to("practice")
    assert (state["trial"]["number"], state["trial"]["n_trials"], state["progress"]["total"]) == (1, 2, 0)
    assert state["trial"]["category"] == "sneeze"
    state = walker.answer(walker.hear(state), "real")
    presentation = Presentation.objects.get(trial__position=0)
    truth = presentation.frozen_stimulus.label
    assert state["trial"]["phase"] == "feedback"
    assert state["trial"]["feedback"] == {
        "truth": truth,
        "label": truth.capitalize(),
        "is_right": truth == "real",
    }
    refused(walker.send("play", position=0), 409, "already_answered")
    state = walker.trial(walker.act("continue", position=0))
    assert state["step"] == "trials"
    assert (state["trial"]["position"], state["trial"]["number"], state["progress"]) == (2, 1, {"done": 0, "total": 6})
    assert state["trial"]["feedback"] is None
    kinds = Trial.objects.values_list("kind", flat=True)
    assert sorted(kinds) == ["main"] * 6 + ["practice"] * 2
    main = Presentation.objects.filter(trial__kind="main").values_list("frozen_stimulus__stimulus__home_set__slug")
    assert set(main) == {("study-sounds",)}


def test_a_break_stands_before_each_block_but_the_first():
    walker = walk(order={"block_size": 2}, task=NEVER)
    state = walker.to_trials()
    phases = []
    while state["step"] == "trials":
        phases.append(state["trial"]["phase"])
        if state["trial"]["phase"] == "break":
            refused(walker.send("play", position=state["trial"]["position"]), 409, "on_break")
            refused(walker.send("skip", position=state["trial"]["position"], problem="fetch"), 409, "on_break")
        else:
            refused(walker.send("continue", position=state["trial"]["position"]), 409, "nothing_to_leave")
        state = walker.trial(state)
    assert phases == ["play", "play", "break", "play", "break", "play"]
    assert Trial.objects.filter(break_ended_at__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("task", "choice", "stored"),
    [
        ("rating", "4", ("fake", 4)),
        ("rating", "3", ("real", 3)),
        ("naturalness", "5", ("", 5)),
        ("two_interval", "2", ("", 2)),
    ],
)
def test_other_tasks_store_their_number(task, choice, stored):
    walker = walk(task={"type": task, **NEVER})
    state = walker.to_trials()
    trial = state["trial"]
    assert trial["task"] == task
    assert len(trial["sounds"]) == (2 if task == "two_interval" else 1)
    assert trial["n_trials"] == (2 if task == "two_interval" else 6)
    refused(walker.send("answer", position=0, choice=choice, source="button"), 409, "not_heard")
    walker.hear(state)
    for wrong in ("real", "0", "7"):
        refused(walker.send("answer", position=0, choice=wrong, source="button"), 422, "invalid")
    walker.act("answer", position=0, choice=choice, source="button")
    response = Response.objects.get()
    assert (response.choice, response.value) == stored
    assert response.choice_position == int(choice) - 1


def test_two_intervals_last_as_long_as_both_sounds_and_the_gap():
    version = launch(config=BARE | {"task": {"type": "two_interval", "gap_ms": 300, **NEVER}})
    walker = Walker(version.study, time_scale=1.0)
    state = walker.to_trials()
    assert state["trial"]["duration_s"] == pytest.approx(0.5 + 0.3 + 0.5)
    state = walker.act("play", position=0)
    assert 1100 < state["trial"]["wait_ms"] <= 1250
    refused(walker.send("played", position=0), 409, "too_early")


def test_a_confidence_is_asked_for_where_the_study_wants_it_and_only_there():
    walker = walk(task={"confidence": True, **NEVER})
    state = walker.hear(walker.to_trials())
    assert [option["value"] for option in state["trial"]["confidence"]] == ["1", "2", "3", "4"]
    answer = {"position": 0, "choice": "real", "source": "button"}
    refused(walker.send("answer", **answer), 422, "invalid")
    refused(walker.send("answer", **answer, confidence=5), 422, "invalid")
    walker.act("answer", **answer, confidence=4)
    assert Response.objects.get().confidence == 4
    other = Walker(launch(slug="plain", config=BARE | {"task": NEVER}).study)
    other.hear(other.to_trials())
    refused(other.send("answer", **answer, confidence=4), 422, "invalid")


def test_repeats_are_trials_of_their_own_kind():
    walker = walk(order={"n_repeats": 2}, task=NEVER)
    assert to_end(walker)["outcome"] == "completed"
    repeats = Presentation.objects.filter(trial__kind="repeat")
    assert repeats.count() == 2
    for repeat in repeats.select_related("trial"):
        first = Presentation.objects.get(trial__kind="main", frozen_stimulus=repeat.frozen_stimulus)
        assert first.trial.position < repeat.trial.position
        assert first.token != repeat.token


# --- Catch trials -----------------------------------------------------------------------------------------------------


def test_beeps_are_counted_and_a_wrong_count_too_many_ends_the_session():
    walker = walk(attention={"beeps": 3, "max_wrong": 1}, task=NEVER)
    state = walker.to_trials()
    n_wrong = 0
    while state["step"] == "trials":
        trial = state["trial"]
        if trial["task"] != "beeps":
            state = walker.trial(state)
            continue
        assert trial["category"] is None and trial["confidence"] is None
        builtin = Presentation.objects.get(token=trial["sounds"][0]).builtin
        right = builtin.split(":")[1]
        wrong = next(choice["value"] for choice in trial["choices"] if choice["value"] != right)
        n_wrong += 1
        state = walker.trial(state, wrong)
    assert n_wrong == 2
    assert state["end"]["outcome"] == "failed_attention"
    assert "2 catch trials were answered wrongly; 1 are forgiven" in Exclusion.objects.get().detail


@pytest.mark.parametrize("action", ["flag", "record"])
def test_failed_attention_is_only_recorded_where_the_study_says_so(action):
    walker = walk(attention={"beeps": 2, "max_wrong": 0, "action": action}, task=NEVER)
    state = walker.to_trials()
    while state["step"] == "trials":
        state = walker.trial(state, "" if state["trial"]["task"] != "beeps" else state["trial"]["choices"][0]["value"])
    assert state["end"]["outcome"] == "completed"
    assert Exclusion.objects.count() == 0


def test_a_marked_clip_is_a_catch_trial_that_looks_like_any_other():
    stimulus_set = make_set("marked")
    name = SetMember.objects.filter(stimulus_set=stimulus_set).first().stimulus.name
    stem = name.rsplit("/")[-1].removesuffix(".wav")
    attention = {"clips": {stem: "fake"}, "max_wrong": 0}
    config = {"slug": "study", "title": "T", "stimulus_set": "marked", **BARE, "task": NEVER, "attention": attention}
    walker = Walker(launch_study(study=create_study(config=config, owner=None)).study)
    state = walker.to_trials()
    fields = []
    while state["step"] == "trials":
        fields.append((set(state["trial"]), state["trial"]["task"], len(state["trial"]["choices"])))
        state = walker.trial(state, "real")
    assert state["end"]["outcome"] == "failed_attention"
    assert all(each == fields[0] for each in fields)
    catch = Trial.objects.get(kind="catch")
    assert catch.presentations.get().frozen_stimulus.stimulus.name == name
    assert Trial.objects.filter(kind="main").count() == 5


@pytest.mark.parametrize("task", ["naturalness", "two_interval"])
def test_a_marked_clip_is_refused_where_its_right_answer_cannot_be_given(task):
    stimulus_set = make_set("marked")
    name = SetMember.objects.filter(stimulus_set=stimulus_set).first().stimulus.name
    asked = {"task": {"type": task, **NEVER}, "attention": {"clips": {name: "fake"}}}
    config = {"slug": "study", "title": "T", "stimulus_set": "marked", **BARE, **asked}
    problems = check_launch(study=create_study(config=config, owner=None)).problems
    assert [f"task.type {task}; take attention.beeps" in problem for problem in problems] == [True]
