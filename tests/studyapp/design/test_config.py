"""The configuration: the paper's defaults, and every problem named with its path."""

from pathlib import Path

import pytest

from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.design.config_reference import write_reference
from studyapp.design.config_yaml import MAX_YAML_BYTES, load_yaml
from studyapp.design.screening_plan import screening_stages
from studyapp.errors import ConfigError
from studyapp.vocab import PAPER_REASONS

pytestmark = pytest.mark.once
YES_NO = {"code": "a", "text": "A?", "options": [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]}
REQUIRED = {"slug": "s", "title": "T", "stimulus_set": "x"}
DOCS = Path(__file__).parents[3] / "docs"


def problems(config):
    with pytest.raises(ConfigError) as caught:
        read_config(config)
    return dict(caught.value.problems)


def test_three_keys_are_enough_and_give_the_papers_study():
    config = read_config(REQUIRED)
    assert config.task.show_category
    assert config.task.plays == 1
    assert config.task.reasons.after == "fake"
    assert config.task.reasons.mode == "single"
    assert {item.code: item.label for item in config.task.reasons.items} == PAPER_REASONS
    assert (config.screening.test, config.screening.n_trials, config.screening.attempts) == ("huggins", 6, 2)
    assert [(stage.test, stage.pass_mark) for stage in screening_stages(config)] == [("channels", 4), ("huggins", 6)]
    assert "Background noise is **not** a sign" in config.instructions.text


def test_a_dumped_configuration_reads_back_the_same():
    config = read_config(REQUIRED | {"task": {"category_names": {"rain": "rain"}}, "order": {"max_same_label": 3}})
    assert StudyConfig.model_validate(config.model_dump(mode="json")) == config


def test_every_problem_is_listed_at_once_with_its_path():
    found = problems(
        {
            "slug": "Not A Slug",
            "title": 3,
            "conset": {},
            "task": {"plays": 0, "reasons": {"mode": "many", "items": [{"code": "x", "label": "X", "weight": 1}]}},
            "screening": {"test": "franssen"},
            "volume": {"enabled": "yes"},
            "order": "random",
        }
    )
    assert set(found) == {
        "slug", "title", "stimulus_set", "conset", "task.plays", "task.reasons.mode", "task.reasons.items.0.weight",
        "screening.test", "volume.enabled", "order",
    }  # fmt: skip
    assert found["stimulus_set"].startswith("is required: the name of a stimulus set")
    assert found["screening.test"].startswith("must be 'none', 'huggins', 'antiphase'")
    assert found["screening.test"].endswith("not 'franssen'")
    assert found["task.plays"] == "must be at least 1, not 0; allowed: a whole number from 1 to 10"
    assert found["task.reasons.items.0.weight"] == "is not a setting; allowed here: code, label, needs_text"
    assert "kind, max_same_label" in found["order"]
    assert "consent" in found["conset"]


@pytest.mark.parametrize(
    ("section", "path", "words"),
    [
        ({"screening": {"n_trials": 4, "pass_mark": 5}}, "screening", "nobody could pass"),
        ({"task": {"reasons": {"items": []}}}, "task.reasons.items", "at least 1"),
        (
            {"task": {"reasons": {"items": [{"code": "a", "label": "A"}] * 2}}},
            "task.reasons",
            "the code a stands more than once",
        ),
        ({"task": {"confidence": 4}}, "task.confidence", "must be true or false"),
        ({"eligibility": {"questions": [{"code": "a", "text": "A?"}]}}, "eligibility.questions.0", "two options"),
        ({"eligibility": {"questions": [{**YES_NO, "admit": ["maybe"]}]}}, "eligibility.questions.0", "no option"),
        ({"instructions": {"questions": [{**YES_NO, "right": "maybe"}]}}, "instructions.questions.0", "no option"),
        ({"questions": {"questions": [YES_NO, YES_NO]}}, "questions.questions", "the code a stands more than once"),
        ({"end": {"completed": {"url": "ftp://x.org"}}}, "end.completed.url", "must start with https://"),
        ({"end": {"completed": {"url": "https://{code}.org"}}}, "end.completed.url", "no placeholder"),
        (
            {"end": {"completed": {"url": "https://x.org/{who}"}}},
            "end.completed.url",
            "known are {code}, {participant}",
        ),
        ({"task": {"category_names": {"rain": 3}}}, "task.category_names.rain", "must be text"),
        ({"consent": {"text": "a\x00b"}}, "consent.text", "control character"),
        ({"slug": "new"}, "slug", "choose another"),
        ({"title": "  "}, "title", "must not be empty"),
        ({"recruitment": {"quota": 0}}, "recruitment.quota", "at least 1"),
    ],
)
def test_a_wrong_value_says_what_to_do(section, path, words):
    assert words in problems(REQUIRED | section)[path]


@pytest.mark.parametrize("field", ["plays: {}", "plays: [{}]", "confidence: {}", "category_names: {{a: {}}}", "z: {}"])
def test_a_number_too_long_to_write_out_is_refused_as_any_other(field):
    text = f"slug: s\ntitle: T\nstimulus_set: x\ntask:\n  {field.format('0x' + 'F' * 6000)}"
    assert len(problems(load_yaml(text))) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slug: a\nslug: b", "line 2: slug: is given twice, first in line 1"),
        ("task:\n  plays: 1\n  plays: 2", "line 3"),
        ("slug: [", "line 1"),
        ("- slug", "must be a mapping"),
        ("", "must be a mapping"),
        ("1: a", "is not text"),
        ("? [a]\n: b", "is not text"),
        ("a: &x {b: 1}\nc: *x", "aliases"),
        ("a: !!python/object/apply:os.system [ls]", "line 1"),
        ("a: \x00", "cannot be read"),
        ("a: " + "x" * MAX_YAML_BYTES, "larger than"),
        ("a: " + "[" * 5000, ""),
        ("a: " + "[" * 5000 + "]" * 5000, ""),
    ],
)
def test_unusable_yaml_is_refused_with_its_line(text, words):
    with pytest.raises(ConfigError) as caught:
        load_yaml(text)
    assert words in str(caught.value)


def test_the_example_is_the_papers_study():
    config = read_config(load_yaml((DOCS / "examples/paper_study.yaml").read_text()))
    default = read_config({"slug": config.slug, "title": config.title, "stimulus_set": config.stimulus_set})
    named = default.model_dump()
    named["task"]["category_names"] = config.task.category_names
    named["screening"]["test"] = "antiphase"  # which one the paper used it does not say
    assert config.model_dump() == named


def test_the_reference_page_is_in_step_with_the_program():
    """Make it again with: manage.py create_study --reference > docs/study_config.md"""
    assert (DOCS / "study_config.md").read_text() == write_reference()
