"""The launch checklist's pure rules: each item when it is due, and not when it is not."""

from datetime import UTC, datetime

import numpy as np
import pytest

from studyapp.design.check_items import Level, block, blocking, unwise, warn
from studyapp.design.config_reading import read_config
from studyapp.design.launch_rules import SoundGroup, config_items, label_items, plan_items, sound_items
from studyapp.design.presets import find_preset
from studyapp.design.recruitment_rules import recruitment_items
from studyapp.design.rule_items import rule_items
from studyapp.errors import ConfigError
from studyapp.vocab import Label

NOW = datetime(2026, 6, 1, tzinfo=UTC)
pytestmark = pytest.mark.once


def config(**given):
    return read_config({"slug": "s", "title": "T", "stimulus_set": "sounds"} | given)


def codes(items):
    return {item.code for item in items}


def recruitment_codes(**recruitment):
    return codes(recruitment_items(config(recruitment=recruitment), now=NOW))


def group(category="rain", label=Label.FAKE, n=2, in_doubt=0, seconds=4.0):
    return SoundGroup(category=category, label=label, n=n, n_in_doubt=in_doubt, duration_s=n * seconds)


def test_items_are_told_apart_by_level_and_stand_on_one_line():
    items = [block("a", "Broken.", todo="Mend it.", place="task"), warn("b", "Unwise.")]
    assert [item.code for item in blocking(items)] == ["a"] and [item.code for item in unwise(items)] == ["b"]
    assert [item.line for item in items] == ["Broken. Mend it.", "Unwise."]
    assert items[0].level is Level.BLOCK


def test_a_default_consent_a_missing_test_and_unused_names_are_unwise():
    plain = config_items(config(), categories={"rain"})
    assert "consent_default" in codes(plain) and "no_headphone_test" not in codes(plain)
    own = config(
        consent={"text": "Our board's words."},
        screening={"test": "none"},
        task={"category_names": {"cat": "cat"}},
    )
    found = config_items(own, categories={"rain"})
    assert {"no_headphone_test", "unused_names"} <= codes(found) and "consent_default" not in codes(found)
    assert all(item.level is Level.WARN and item.place for item in found)
    assert "consent_default" in codes(config_items(config(language="fr"), categories=()))


def test_a_plan_that_nobody_wrote_and_a_number_that_nobody_chose_are_said():
    assert {"default_plan", "no_power"} <= codes(plan_items(config()))
    assert "no_power" not in codes(plan_items(config(recruitment={"quota": 30})))
    planned = {"analysis": {"stop_at_n": 40}}
    assert codes(plan_items(config(**planned))) == set()
    assert codes(plan_items(config(**planned, recruitment={"quota": 30}))) == {"places_and_plan"}


def rule_codes(n_sounds=20, **given):
    return codes(rule_items(config(**given), n_sounds=n_sounds))


@pytest.mark.parametrize(
    ("screening", "is_easy"),
    [
        ({}, False), ({"test": "antiphase"}, False), ({"pass_mark": 1}, True), ({"pass_mark": 5}, False),
        ({"pass_mark": 4, "attempts": 1}, True), ({"pass_mark": 1, "action": "record"}, False),
        ({"test": "none", "pass_mark": 1}, False), ({"n_trials": 1}, True), ({"n_trials": 2, "attempts": 5}, True),
        ({"test": "huggins+beat", "pass_mark": 4}, False), ({"test": "antiphase", "attempts": 5}, True),
    ],
)  # fmt: skip
def test_a_headphone_test_that_guessers_pass_is_unwise(screening, is_easy):
    assert rule_codes(screening=screening) == ({"easy_headphone_test"} if is_easy else set())


def test_the_share_of_guessers_is_said():
    (item,) = rule_items(config(screening={"pass_mark": 1}), n_sounds=20)
    assert item.words.startswith("99% of those who only guess pass") and item.place == "screening"


@pytest.mark.parametrize(
    ("attention", "is_idle"),
    [
        ({}, False), ({"beeps": 1}, True), ({"beeps": 2}, False), ({"beeps": 2, "max_wrong": 10}, True),
        ({"beeps": 1, "clips": {"a": "real"}}, False), ({"clips": {"a": "real"}}, True),
        ({"beeps": 1, "max_wrong": 0}, False), ({"beeps": 1, "action": "record"}, False),
        ({"beeps": 1, "action": "flag"}, True),
    ],
)  # fmt: skip
def test_an_attention_rule_that_can_never_apply_is_unwise(attention, is_idle):
    assert rule_codes(attention=attention) == ({"idle_attention"} if is_idle else set())


@pytest.mark.parametrize(("n_stimuli", "is_incomplete"), [(None, False), (19, True), (20, False)])
def test_a_quasi_t_is_planned_only_where_all_sounds_are_heard(n_stimuli, is_incomplete):
    part = {"order": {"n_stimuli": n_stimuli}}
    assert rule_codes(analysis={"primary_test": "quasi_t"}, **part) == (
        {"incomplete_design"} if is_incomplete else set()
    )
    assert rule_codes(**part) == set()


def test_a_plan_for_single_sounds_is_no_plan_for_pairs_or_naturalness():
    for task, words in (("two_interval", "the fake is found is tested"), ("naturalness", "Nothing is tested")):
        (item,) = rule_items(config(task={"type": task}, analysis={"primary_test": "quasi_t"}), n_sounds=20)
        assert item.code == "plan_of_other_task" and words in item.words and item.place == "plan"
        assert rule_codes(task={"type": task}, analysis={"hypotheses": ["Own."]}) == set()
        (no_power,) = [item for item in plan_items(config(task={"type": task})) if item.code == "no_power"]
        assert "from a pilot" in no_power.todo
    assert rule_codes(task={"type": "rating"}) == set()


def test_the_preset_of_pairs_has_hypotheses_of_pairs_which_are_still_a_default_plan():
    pairs = find_preset("two_interval").config
    assert "plan_of_other_task" not in rule_codes(**pairs)
    assert "default_plan" in codes(plan_items(config(**pairs)))
    assert "default_plan" not in codes(plan_items(config(analysis={"hypotheses": ["Own."]})))


def age(**given):
    return {"eligibility": {"questions": [{"code": "age", "text": "Age?", "kind": "number"} | given]}}


@pytest.mark.parametrize(
    "limits",
    [
        {"admit_from": 50, "admit_to": 18}, {"maximum": 10, "admit_from": 18}, {"minimum": 30, "admit_to": 29},
        {"maximum": 40, "admit_from": 41, "admit_to": 99},
    ],
)  # fmt: skip
def test_a_question_that_admits_nobody_is_refused(limits):
    with pytest.raises(ConfigError) as refused:
        config(**age(**limits))
    ((path, message),) = refused.value.problems
    assert path == "eligibility.questions.0"
    assert message.startswith("age: nobody would be admitted; some number from admit_from")


@pytest.mark.parametrize(
    "limits", [{}, {"admit_from": 18, "admit_to": 18}, {"maximum": 18, "admit_from": 18}, {"minimum": 9, "admit_to": 9}]
)
def test_a_question_that_admits_a_single_number_is_taken(limits):
    assert config(**age(**limits)).eligibility.questions[0].code == "age"


@pytest.mark.parametrize("day", ["2027-02-31", "2027-02-29", "2027-04-31"])
def test_a_last_day_that_is_in_no_calendar_is_refused(day):
    with pytest.raises(ConfigError) as refused:
        config(analysis={"stop_at": day})
    assert refused.value.problems == [
        ("analysis.stop_at", f"is no day of the calendar: {day}; write one as 2027-03-31")
    ]
    assert config(analysis={"stop_at": "2028-02-29"}).analysis.stop_at == "2028-02-29"


def test_labels_that_give_it_away_or_are_in_doubt_are_said():
    assert codes(label_items(config(), [group()])) == {"one_label"}
    both = [group(), group(label=Label.REAL)]
    assert codes(label_items(config(), both)) == set()
    assert codes(label_items(config(), [*both, group("dog")])) == {"telling_category"}
    assert codes(label_items(config(task={"show_category": False}), [*both, group("dog")])) == set()
    (doubt,) = label_items(config(), [group(in_doubt=1), group(label=Label.REAL)])
    assert "1 of 4 sounds" in doubt.words


def test_loud_sounds_and_long_sessions_are_said():
    levels = np.array([-20.0, -20.0, -5.0])
    assert codes(sound_items(config(), [group()], levels, -20.0)) == {"loud_sounds"}
    many = [group(n=500)]
    assert codes(sound_items(config(), many, levels[:2], -20.0)) == {"long_session"}
    assert codes(sound_items(config(order={"n_stimuli": 50}), many, levels[:2], -20.0)) == set()


def test_a_paid_recruiter_without_places_is_said():
    assert "no_quota" in recruitment_codes(recruiter="prolific")
    assert "no_quota" in recruitment_codes(recruiter="mturk")
    assert "no_quota" not in recruitment_codes(recruiter="prolific", quota=10)
    assert "no_quota" not in recruitment_codes(recruiter="prolific", groups={"places": {"a": 3}})
    assert recruitment_codes() == set()


def test_places_that_do_not_add_up_are_said():
    assert recruitment_codes(quota=5, groups={"places": {"a": 3, "b": 3}}) == {"quota_and_groups"}
    assert recruitment_codes(quota=6, groups={"places": {"a": 3, "b": 3}}) == set()


def test_a_closing_time_in_the_past_blocks():
    found = recruitment_items(config(recruitment={"closes_at": "2026-06-01T01:00+02:00"}), now=NOW)
    assert [(item.code, item.level) for item in found] == [("closing_past", Level.BLOCK)]
    assert recruitment_codes(closes_at="2026-06-01T01:00-02:00") == set()


def test_exits_that_send_nobody_back_to_the_recruiter_are_named():
    found = recruitment_items(config(recruitment={"recruiter": "prolific", "quota": 1}), now=NOW)
    assert any("10 exits send nobody back" in item.words for item in found)
    ends = {name: {"code": "C" + name} for name in type(config().end).model_fields}
    full = config(recruitment={"recruiter": "prolific", "quota": 1}, end=ends)
    assert recruitment_items(full, now=NOW) == []


@pytest.mark.parametrize(
    ("recruitment", "path", "words"),
    [
        ({"closes_at": "tomorrow"}, "recruitment.closes_at", "is no time"),
        ({"closes_at": "2027-01-01T10:00"}, "recruitment.closes_at", "has no time zone"),
        ({"closes_at": datetime(2027, 1, 1, tzinfo=UTC)}, "recruitment.closes_at", "in quotes"),
        ({"groups": {"places": {"a": 0}}}, "recruitment.groups.places.a", "at least 1"),
        ({"groups": {"places": {"a": "two"}}}, "recruitment.groups.places.a", "whole number"),
        ({"groups": {"parameter": "pilot", "places": {"a": 1}}}, "recruitment.groups", "meaning of its own"),
        ({"groups": {"parameter": "participant", "places": {"a": 1}}}, "recruitment", "recruiter's ids"),
        ({"groups": {"places": {}, "size": 1}}, "recruitment.groups.size", "not a setting"),
    ],
)
def test_wrong_places_and_times_are_refused_with_their_path(recruitment, path, words):
    with pytest.raises(ConfigError) as caught:
        config(recruitment=recruitment)
    assert any(found == path and words in message for found, message in caught.value.problems)


def test_an_exit_may_carry_the_group():
    end = {"completed": {"url": "https://example.org/?g={group}"}}
    assert config(recruitment={"groups": {"places": {"a": 1}}}, end=end)
    with pytest.raises(ConfigError, match="known are"):
        config(end=end)
