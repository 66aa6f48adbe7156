"""A text that names what made a sound is found before anybody reads it."""

from typing import Any

import pytest

from studyapp.design.config_reading import read_config
from studyapp.models import Stimulus, Study
from studyapp.services.launch_words import telling_words
from studyapp.services.study_create import create_study
from tests.studyapp.launched import make_set

pytestmark = pytest.mark.django_db


def told(study: Study, **changes: Any) -> list[str]:
    return telling_words(study, read_config(study.config | changes))


@pytest.fixture
def study() -> Study:
    own, practice = make_set(n_fake=2, n_real=2), make_set("trying", n_fake=1, n_real=1)
    Stimulus.objects.filter(home_set=own, label="fake").update(generator="WaveDreamer", team="Team_Chang", track="A")
    Stimulus.objects.filter(home_set=own, label="real").update(team="RecordedBySmith", track="trackB")
    Stimulus.objects.filter(home_set=practice).update(generator="TrialSynth")
    return create_study(config={"slug": "study", "title": "A study", "stimulus_set": "sounds"}, owner=None)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"title": "Can you hear WaveDreamer?"}, ["WaveDreamer"]),
        ({"consent": {"text": "Sounds of wavedreamer and Team_Chang."}}, ["Team_Chang", "WaveDreamer"]),
        ({"instructions": {"text": "They are from TRACKB."}}, ["trackB"]),
        ({"task": {"category_names": {"rain": "rain (RecordedBySmith)"}}}, ["RecordedBySmith"]),
        ({"task": {"reasons": {"items": [{"code": "a", "label": "Like WaveDreamer"}]}}}, ["WaveDreamer"]),
        ({"end": {"completed": {"text": "WaveDreamer made half of it."}}}, ["WaveDreamer"]),
        ({"questions": {"questions": [{"code": "q", "text": "WaveDreamer?", "kind": "text"}]}}, ["WaveDreamer"]),
    ],
)
def test_a_generator_team_or_track_in_a_text_is_found(study: Study, changes: dict[str, Any], names: list[str]) -> None:
    assert told(study, **changes) == names


def test_what_the_sounds_of_the_practice_are_made_by_counts_once_they_are_practised_on(study: Study) -> None:
    text = {"text": "First a sound of TrialSynth."}
    assert told(study, instructions=text) == []
    assert told(study, instructions=text, practice={"stimulus_set": "trying"}) == ["TrialSynth"]


def test_short_names_and_what_nobody_reads_are_left_alone(study: Study) -> None:
    assert told(study, consent={"text": "A study on track A."}) == []
    assert told(study, recruitment={"groups": {"places": {"WaveDreamer": 3}}}) == []
