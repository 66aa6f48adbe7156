"""The editor's forms come from the configuration itself: nothing is missing, and nothing is there twice."""

from collections import Counter

import pytest

from studyapp.design.config_change import (
    default_config,
    differences,
    filled,
    leaf_settings,
    value_at,
    with_value,
    without_value,
)
from studyapp.design.config_fields import NEW, Setting, find_setting, settings_tree
from studyapp.design.config_reading import read_config
from studyapp.design.editor_sections import editor_sections, find_section, section_of
from studyapp.design.presets import PRESETS, find_preset
from studyapp.design.session_estimate import estimate_session
from studyapp.design.setting_words import CHOICE_WORDS

pytestmark = pytest.mark.once
BARE = {"slug": "s", "title": "T", "stimulus_set": "x"}


def test_every_setting_stands_in_one_section():
    shown = Counter(path for section in editor_sections() for path in leaf_settings(section.settings))
    assert set(shown) == set(leaf_settings())
    assert set(shown.values()) == {1}
    for path in shown:
        section = section_of(path)
        assert section is not None
        assert path in leaf_settings(section.settings)


def test_every_setting_has_help_and_no_unknown_kind():
    for path, setting in leaf_settings().items():
        assert setting.kind != "yaml", path  # nobody has to write code into a form
        assert setting.help, path
        assert setting.label, path
    assert find_section("reasons").settings[0].path == "task.reasons.after"
    assert find_section("nowhere") is None
    assert find_setting("task.reasons.items.3.code").pattern
    assert find_setting("attention.clips.a.b.wav").choices == ("real", "fake")
    group, places = find_setting("recruitment.groups.places").parts
    assert (group.label, group.pattern, places.allowed) == (
        "Group",
        r"^[A-Za-z0-9_.-]{1,60}$",
        "a whole number from 1 to 1000000",
    )


def with_choices(settings: tuple[Setting, ...]) -> dict[str, tuple[str, ...]]:
    """Return the choices of every setting that has some, also of the parts of items, by path."""
    found = {each.path.replace(f".{NEW}", ""): each.choices for each in settings if each.choices}
    return found | {path: words for each in settings for path, words in with_choices(each.parts).items()}


def test_every_choice_has_words_and_no_others_have():
    named = {path: tuple(words.choices) for path, words in CHOICE_WORDS.items()}
    assert {path: sorted(choices) for path, choices in with_choices(tuple(settings_tree().values())).items()} == {
        path: sorted(choices) for path, choices in named.items()
    }
    assert find_setting("task.type").offered[0] == ("yes_no", "One sound: real or fake")
    assert find_setting("eligibility.questions.0.kind").offered[1] == ("number", "A whole number")


def test_no_help_of_a_choice_speaks_of_the_values_in_files():
    for path, setting in leaf_settings().items():
        values = [choice for choice in setting.choices if choice.isidentifier() and "_" in choice]
        assert not [value for value in values if value in setting.help], path


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.code)
def test_a_preset_is_a_study_that_differs_from_the_papers_only_in_what_it_names(preset):
    config = read_config(BARE | preset.config)
    assert preset.purpose.endswith(".")
    changed = {each.path for each in differences(BARE, BARE | preset.config)}
    assert all(value_at(preset.config, path) is not None for path in changed)
    assert find_preset(preset.code) is preset
    assert config.slug == "s"


def test_a_value_that_is_the_default_is_left_out_again():
    changed = with_value(BARE, "task.reasons.mode", "multiple")
    assert changed["task"] == {"reasons": {"mode": "multiple"}}
    assert with_value(changed, "task.reasons.mode", "single") == BARE
    assert without_value(changed, "task.reasons.mode") == BARE
    assert with_value(BARE, "task.plays", True)["task"] == {"plays": True}  # wrong, and no default


def test_an_exit_that_is_a_plain_text_keeps_it():
    config = BARE | {"end": {"completed": "Thanks"}}
    assert with_value(config, "end.completed.code", "A1")["end"] == {"completed": {"text": "Thanks", "code": "A1"}}
    assert value_at(config, "end.completed.text") == "Thanks"
    assert without_value(config, "end.completed.text") == BARE
    assert filled(config)["end"]["completed"]["text"] == "Thanks"


def test_the_defaults_are_those_of_the_language():
    french = BARE | {"language": "fr"}
    assert "étude" in default_config(french)["consent"]["text"]
    assert filled(french)["consent"] == default_config(french)["consent"]
    assert filled(BARE | {"task": {"plays": "x"}})["task"]["plays"] == "x"


def test_the_estimate_counts_what_is_heard():
    def estimate(**changes):
        return estimate_session(read_config(BARE | changes), n_sounds=60, n_pairs=20, mean_duration_s=4.0)

    paper = estimate()
    assert paper.n_trials == 60
    assert paper.trials == pytest.approx((60 * 8 + 60 * 0.5 * 4) / 60)
    assert estimate(order={"n_stimuli": 30}).n_trials == 30
    assert estimate(task={"type": "two_interval"}).n_trials == 20
    assert estimate(attention={"beeps": 2}, order={"n_repeats": 5}).n_trials == 67
    bare = estimate(screening={"test": "none"}, channels={"enabled": False}, volume={"enabled": False})
    assert (bare.tests, bare.minutes < paper.minutes) == (0, True)
