"""French is complete: every default text, every word of the pages."""

from dataclasses import fields

import pytest

from studyapp.design.config_reading import read_config
from studyapp.design.landing_words import LANDING
from studyapp.design.words import WORDS
from studyapp.errors import ConfigError
from studyapp.vocab import Outcome

pytestmark = pytest.mark.once
REQUIRED = {"slug": "s", "title": "T", "stimulus_set": "x"}
# The same in both languages, or no text.
ALIKE = {"language", "slug", "title", "stimulus_set", "code", "value", "kind", "admit", "right", "url"}


def texts_of(value, path=""):
    """Return every text that somebody reads, by its place."""
    if isinstance(value, dict):
        found = {}
        for key, inner in value.items():
            if key not in ALIKE:
                found |= texts_of(inner, f"{path}.{key}")
        return found
    if isinstance(value, list):
        return {place: text for n, each in enumerate(value) for place, text in texts_of(each, f"{path}.{n}").items()}
    return {path: value} if isinstance(value, str) else {}


def test_three_keys_and_the_language_give_a_study_in_that_language():
    english = texts_of(read_config(REQUIRED).model_dump(mode="json"))
    french = texts_of(read_config(REQUIRED | {"language": "fr"}).model_dump(mode="json"))
    assert set(english) == set(french)
    settings = {path for path in english if english[path] == french[path]}
    # What is left are settings, not texts; the analysis plan is the experimenter's.
    settings = {path for path in settings if not path.startswith(".analysis.")}
    assert all(" " not in english[path] for path in settings), settings
    assert len(set(english) - settings) > 60


def test_what_is_given_wins_over_the_language():
    given = {
        "language": "fr",
        "consent": {"text": "Mon texte."},
        "end": {"completed": "Fini."},
        "questions": {"questions": []},
    }
    config = read_config(REQUIRED | given)
    assert config.consent.text == "Mon texte."
    assert config.consent.agree_label == "J'accepte de participer"
    assert config.end.completed.text == "Fini."
    assert "retiré" in config.end.withdrawn.text
    assert config.questions.questions == []


def test_problems_keep_their_places_in_every_language():
    with pytest.raises(ConfigError) as caught:
        read_config(REQUIRED | {"language": "fr", "consent": {"texte": "x"}, "end": "Fini."})
    assert {path for path, _ in caught.value.problems} == {"consent.texte", "end"}
    with pytest.raises(ConfigError, match="must be 'en' or 'fr'"):
        read_config(REQUIRED | {"language": "de"})


def test_every_word_of_the_pages_is_in_every_language():
    english, french = WORDS["en"], WORDS["fr"]
    assert set(french.headings) == set(english.headings) == set(Outcome)
    for name in ("labels", "headings"):
        assert not set(getattr(english, name).values()) & set(getattr(french, name).values())
    for name in ("intervals", "rating", "naturalness", "confidence"):
        assert len(getattr(english, name)) == len(getattr(french, name))
    for each in fields(LANDING["en"]):
        first, second = getattr(LANDING["en"], each.name), getattr(LANDING["fr"], each.name)
        assert first and second and first != second
    assert "{minutes}" in LANDING["fr"].takes
