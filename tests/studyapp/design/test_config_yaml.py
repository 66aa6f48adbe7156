"""A file with many mistakes: each is told once, with its line, its path and what is allowed."""

import pytest

from studyapp.design.config_problems import find_config_problems
from studyapp.design.config_yaml import load_yaml, read_yaml, write_yaml
from studyapp.errors import ConfigError

pytestmark = pytest.mark.once

TWENTY = """\
slug: Not A Slug
title: 7
language: de
colour: red
device: desktop
consent:
  ticks: none
  on_withdrawal: forget
eligibility:
  questions:
    - code: adult
      text: Are you an adult?
volume:
  enabled: "yes"
screening:
  n_trials: 6
  pass_mark: 7
task:
  plays: 0
  gap_ms: soon
  gap_ms: 400
  category_names:
    rain: 3
  reasons:
    items: []
attention:
  clips:
    a.wav: maybe
  beeps: 21
end:
  completed:
    url: https://x.org/{who}
questions:
  questions:
    - code: age
      text: ""
      kind: number
"""
# (line, path, words of what is allowed); stimulus_set is missing, and stands at the first line.
EXPECTED = [
    (1, "slug", "a-z, 0-9"),
    (1, "stimulus_set", "is required: the name of a stimulus set"),
    (2, "title", "must be text, not 7 (put it in quotes)"),
    (3, "language", "must be 'en' or 'fr', not 'de'"),
    (4, "colour", "is not a setting; allowed here: slug, title, stimulus_set"),
    (5, "device", "must be a mapping with the keys allow"),
    (7, "consent.ticks", "must be a list"),
    (8, "consent.on_withdrawal", "must be 'erase' or 'keep'"),
    (11, "eligibility.questions.0", "needs at least two options"),
    (14, "volume.enabled", "must be true or false"),
    (15, "screening", "pass_mark (7) is above n_trials (6)"),
    (19, "task.plays", "must be at least 1, not 0; allowed: a whole number from 1 to 10"),
    (20, "task.gap_ms", "must be a whole number from 0 to 5000, not 'soon'"),
    (21, "task.gap_ms", "is given twice, first in line 20"),
    (23, "task.category_names.rain", "must be text"),
    (25, "task.reasons.items", "needs at least 1 item"),
    (28, "attention.clips.a.wav", "must be 'real' or 'fake'"),
    (29, "attention.beeps", "must be at most 20, not 21"),
    (32, "end.completed.url", "known are {code}, {participant}"),
    (36, "questions.questions.0.text", "must not be empty"),
]


def test_twenty_mistakes_are_twenty_messages_each_with_its_line_its_path_and_what_is_allowed():
    source = read_yaml(TWENTY)
    error = source.error(find_config_problems(source.config))
    found = [(line, path) for line, (path, _) in zip(error.lines, error.problems, strict=True)]
    assert found == [(line, path) for line, path, _ in EXPECTED]
    assert len(found) == 20
    for (path, message), (_, _, words) in zip(error.problems, EXPECTED, strict=True):
        assert words in message, path


def test_a_rule_between_sections_waits_until_what_it_needs_is_right():
    recruitment = {"recruiter": "prolfic", "parameters": {"colour": "x"}}
    end = {"completed": {"url": "https://x.org/{PROLIFIC_PID}"}}
    config = {"slug": "s", "title": "T", "stimulus_set": "x", "recruitment": recruitment, "end": end}
    problems = dict(find_config_problems(config))
    assert set(problems) == {"recruitment.recruiter", "recruitment.parameters.colour"}
    assert problems["recruitment.parameters.colour"].endswith("allowed: person, submission, study")


def test_what_only_the_second_of_two_sections_says_is_looked_at_too():
    source = read_yaml("slug: s\ntitle: T\nstimulus_set: x\ntask:\n  plays: 2\ntask:\n  plays: 3\n  type: maybe\n")
    error = source.error(find_config_problems(source.config))
    assert [(line, path) for line, (path, _) in zip(error.lines, error.problems, strict=True)] == [
        (6, "task"),
        (8, "task.type"),
    ]
    assert source.config["task"]["plays"] == 2


def test_the_words_of_an_error_name_the_line():
    with pytest.raises(ConfigError) as caught:
        load_yaml("slug: a\nslug: b\ntask: &t {plays: 1}\norder: *t\n1: x\n")
    assert caught.value.words == [
        "line 2: slug: is given twice, first in line 1; keep one",
        "line 4: order: aliases (*name) are not supported; write the value out",
        "line 5: the key '1' is not text; put it in quotes",
    ]


def test_what_is_written_reads_back_the_same():
    config = {"slug": "s", "title": "yes", "consent": {"text": "One\n\n- two: é\n"}, "order": {"block_size": None}}
    assert load_yaml(write_yaml(config)) == config
    assert "text: |" in write_yaml(config)
