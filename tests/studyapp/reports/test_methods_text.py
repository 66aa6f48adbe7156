"""The methods texts: they hold the study's own settings and numbers, and say nothing of what is not there."""

import re
from copy import deepcopy
from typing import Any

import pytest

from studyapp.models import Response, Stimulus
from studyapp.reports.analysis_tests import estimate_words
from studyapp.reports.methods_references import REFERENCES
from studyapp.reports.methods_text import SECTIONS, methods_document, methods_texts
from studyapp.services.analysis import analyze
from studyapp.vocab import Label, Origin
from tests.factories import CONFIG, make_machine, make_session, make_version

pytestmark = pytest.mark.django_db
SETTINGS = {
    "screening": {"test": "huggins+antiphase", "attempts": 3, "action": "flag"},
    "attention": {"beeps": 4, "max_wrong": 0, "action": "record"},
    "order": {"n_stimuli": 12, "n_repeats": 2},
    "analysis": {"seed": 7, "label_in_doubt": "leave_out"},
}


def _study(origin: Origin = Origin.LIVE, **plan: object) -> Any:
    settings = SETTINGS | {"analysis": {"seed": 7, "label_in_doubt": "leave_out", **plan}}
    version = make_version(n_fake=6, n_real=6, config=CONFIG | settings)
    for number in range(4):
        make_session(
            version,
            origin=origin,
            says_fake=lambda frozen, index, number=number: (frozen.label == Label.FAKE) != (index % 6 <= number),
            reason=lambda index: "distorted" if index % 2 else "other",
        )
    make_machine(version, is_right=lambda frozen, index: False)
    return version.study


def test_texts_hold_the_studys_settings_and_numbers() -> None:
    analysis = analyze(study=_study())
    found = {key: each.text for key, each in methods_texts(analysis).items()}
    assert "4 listeners gave 48 judgements of 12 clips (6 fakes and 6 real sounds)" in found["study"]
    assert "Each listener heard 12 clips. 2 clips were heard again." in found["study"]
    assert (
        "the Huggins pitch test (Milne et al., 2021): 6 of 6 trials right to pass, in at most 3 attempts"
        in (found["screening"])
    )
    assert "the antiphase tone test (Woods et al., 2017): 5 of 6" in found["screening"]
    assert "Of 4 catch trials none could be wrong; more was only recorded." in found["screening"]
    assert f"SHA-256 {analysis['plan']['sha256'][:12]}" in found["exclusions"]
    assert "Clips whose label is in doubt were left out." in found["exclusions"]
    panel = analysis["classes"]["fake"]["section_vi"]["by_listener"]
    assert f"d = {panel['effect_size_d']:.2f}, t(3) = {panel['t']:.2f}".replace("-", "−") in found["section_vi"]
    assert "log-linear corrected rates (Hautus, 1995)" in found["discrimination"]
    assert "2,000 times (seed 7)" in found["reasons"]
    assert "Goodman (1965) and of Sison & Glaz (1995)" in found["reasons"]
    assert "All clips are errors of Machine" in found["machines"]
    assert "logistic mixed model with crossed random intercepts" in found["primary"]
    assert "2 primary tests were two-sided at 0.05 and corrected after Holm (Holm, 1979)" in found["primary"]
    assert "50 % ± 10 %" in found["equivalence"]
    assert "random halves of the listeners" in found["reliability"]
    assert {"listeners", "times"} <= set(found)


def test_the_document_has_every_text_and_only_the_works_that_are_named() -> None:
    analysis = analyze(study=_study())
    document, texts = methods_document(analysis), methods_texts(analysis)
    for each in texts.values():
        assert f"## {each.title}\n\n{each.text}\n" in document
    assert not re.search(r"@|\bNone\b|\bnan\b|–[,;.)]", document)
    listed = document.split("## References\n\n")[1].strip().splitlines()
    names = {words: words.rsplit(", ", 1) for words, _ in REFERENCES.values()}
    named = {
        entry
        for words, entry in REFERENCES.values()
        if words in document or f"{names[words][0]} ({names[words][1]})" in document
    }
    assert {line.removeprefix("- ") for line in listed} == named
    assert methods_document(analysis) == document


def test_a_section_that_the_analysis_lacks_has_no_text() -> None:
    whole = analyze(study=_study())
    for gone in ("tests", "reliability", "listeners", "times"):
        analysis = deepcopy(whole)
        analysis.pop(gone, None)
        found = methods_texts(analysis)
        assert {"tests": "primary"}.get(gone, gone) not in found
        assert "discrimination" in found
    silent = deepcopy(whole)
    silent["reasons"]["n_judgements"], silent["machines"], silent["categories"] = 0, [], []
    assert {"reasons", "machines", "categories"}.isdisjoint(methods_texts(silent))


def test_answers_that_are_no_data_are_called_so() -> None:
    bots = methods_texts(analyze(study=_study(Origin.BOT), origin=Origin.BOT))
    assert "drawn from an observer model: simulated participants, no listeners" in bots["study"].text
    imported = methods_texts(analyze(study=_study(Origin.IMPORTED), origin=Origin.IMPORTED))
    assert "gathered elsewhere" in imported["study"].text
    assert "not on record" in imported["screening"].text


def test_a_plan_and_times_are_said_to_be_what_they_are_by_origin() -> None:
    analysis = analyze(study=_study())
    plan = "were fixed in an analysis plan"
    by_origin = {}
    for origin in Origin:
        by_origin[origin] = {key: each.text for key, each in methods_texts(analysis | {"origin": origin.value}).items()}
    assert f"{plan} before the first answer (" in by_origin[Origin.LIVE]["exclusions"]
    assert f"{plan} before the answers were imported, which" in by_origin[Origin.IMPORTED]["exclusions"]
    assert plan not in by_origin[Origin.BOT]["exclusions"]
    clock = "audio clock, from the end of the sound and from the start of the sound. Of each listener"
    assert {origin for origin, texts in by_origin.items() if clock in texts["times"]} == {
        Origin.LIVE,
        Origin.PILOT,
        Origin.PREVIEW,
    }
    assert "came with the imported answers and count from the end" in by_origin[Origin.IMPORTED]["times"]
    assert not [texts for texts in by_origin.values() if "missing" in texts["times"] or "left out" in texts["times"]]


def test_times_that_are_not_there_are_not_described() -> None:
    study = _study()
    first = Response.objects.order_by("pk").first()
    assert first is not None
    Response.objects.filter(pk=first.pk).update(rt_from_offset_ms=61_000.0)
    assert "given; 1 time was longer than 60 s, and left out." in _texts(study)["times"]
    Response.objects.update(rt_from_offset_ms=None)
    assert "audio clock, from the start of the sound. Of each listener" in _texts(study)["times"]
    Response.objects.update(rt_from_onset_ms=None)
    assert "times" not in _texts(study)


def _texts(study: Any) -> dict[str, str]:
    return {key: each.text for key, each in methods_texts(analyze(study=study)).items()}


HOW = {  # what each test is of each question
    "crossed_mixed_model": ("with a logistic mixed model", "with a probit mixed model"),
    "quasi_t": ("against 50 % by a two-way quasi-t", "tested against 0 by a two-way quasi-t"),
    "t_over_listeners": ("against 50 % by a one-sample t-test", "were tested against 0 by a one-sample t-test"),
}
FOUND = {
    "crossed_mixed_model": "fake told from real d′ = ",
    "quasi_t": "fake told from real a difference of ",
    "t_over_listeners": "fake told from real d′ = ",
}


@pytest.mark.parametrize("test", HOW)
def test_each_measure_has_the_text_of_its_own_test_and_the_units_of_the_page(test: str) -> None:
    study = _study(primary_test=test, primary_measures=["discrimination"])
    analysis = analyze(study=study)
    texts = _texts(study)
    headline = analysis["tests"]["headline"][analysis["tests"]["generalises_to"]]
    assert {found["test"] for found in headline.values()} == {test}
    for each, words in HOW.items():
        assert [of in texts["primary"] for of in words] == [each == test] * 2
    assert "1 primary test was two-sided at 0.05 (fake told from real); all others are exploratory." in texts["primary"]
    assert ", corrected p" not in texts["primary"] and "could not be made" not in texts["primary"]
    estimate, interval = estimate_words(headline["discrimination"])
    assert f"{FOUND[test]}{estimate} (95 % interval {interval}, t(" in texts["primary"]
    assert ("by the delta method" in texts["equivalence"]) == (test == "crossed_mixed_model")
    assert ("standard error of the test above" in texts["equivalence"]) == (test != "crossed_mixed_model")


def test_a_test_that_was_not_made_is_not_described() -> None:
    version = make_version()
    make_session(version)
    texts = _texts(version.study)
    assert texts["primary"] == "The planned test (mixed model) could not be made of any measure."
    assert "equivalence" not in texts


@pytest.mark.parametrize("n_sessions", [0, 1, 2])
@pytest.mark.parametrize("classes", [(3, 3), (2, 0), (0, 2), (1, 0)])
def test_tiny_and_one_sided_studies_have_whole_sentences(n_sessions: int, classes: tuple[int, int]) -> None:
    version = make_version(n_fake=classes[0], n_real=classes[1])
    Stimulus.objects.update(generator="")
    for _ in range(n_sessions):
        make_session(version, says_fake=lambda frozen, index: True)
    analysis = analyze(study=version.study)
    texts = methods_texts(analysis)
    assert bool(texts) == bool(n_sessions)
    assert set(texts) <= set(SECTIONS)
    assert not re.search(r"\bNone\b|\bnan\b|–[,;.)]|\(\)|: [.;]", methods_document(analysis))
    assert all(each.text.endswith((".", "…).")) for each in texts.values())


def test_a_draft_has_no_methods_yet() -> None:
    version = make_version()
    assert "There are no answers" in methods_document(analyze(study=version.study))
