import re
from typing import Any

import pytest

from studyapp.reports.analysis_charts import draw_reasons
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.analysis_sentences import answer_sentences, sentences_of_tests
from studyapp.services.analysis import analyze
from studyapp.vocab import Label, Outcome
from tests.factories import make_session, make_version

pytestmark = pytest.mark.django_db
# What only a statistician reads; it stands in the tests behind the sentences.
JARGON = re.compile(r"\bt\(|\bp [=<]|\bdf\b|mixed model|quasi-t|-sided|Holm")


def analysed(**found: dict[str, Any]) -> dict[str, Any]:
    """Return an analysis with what is given in place of what its tests of listeners and clips found."""
    version = make_version(n_fake=8, n_real=8)
    for offset in range(5):
        make_session(version, says_fake=lambda frozen, index, offset=offset: index % 8 < offset + 2)
    analysis = analyze(study=version.study)
    for measure, given in found.items():
        analysis["tests"]["headline"]["listeners_and_clips"][measure] |= given
    return analysis


def test_good_listeners_are_said_to_tell_fake_from_real() -> None:
    version = make_version(n_fake=10, n_real=10)
    for offset in range(6):
        make_session(
            version,
            says_fake=lambda frozen, index, offset=offset: (frozen.label == Label.FAKE) != (index % 10 < offset // 2),
        )
    text = " ".join(answer_sentences(analyze(study=version.study)))
    assert "6 listeners gave 120 judgements of 20 clips." in text
    assert "They tell fake from real. The estimate " in text
    assert text.count("for listeners and clips like these is ") == 3
    assert text.count("that is more often than by guessing (50 %)") == 2
    assert not JARGON.search(text)


def test_guessing_listeners_are_never_said_to_be_at_chance() -> None:
    text = " ".join(answer_sentences(analysed()))
    assert "is not shown to differ from guessing (50 %), nor to lie within 10 points of it." in text
    assert "That they tell fake from real is not shown." in text
    assert "at chance" not in text
    assert "no difference" not in text
    assert not JARGON.search(text)


def test_a_share_near_guessing_is_said_to_be_near_only_where_it_is_shown() -> None:
    text = " ".join(answer_sentences(analysed(fake_identified={"equivalence": {"p_value": 0.01}})))
    assert "is not shown to differ from guessing (50 %), but is shown to lie within 10 points of it." in text


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"low": 0.51, "p": 0.03, "p_adjusted": 0.06}, "the plan asks for more: level 0.05 for its 2 tests together."),
        ({"low": 0.51, "p": 0.06, "p_adjusted": None}, "the plan asks for more: level 0.05."),
        ({"low": 0.49, "p": 0.06, "p_adjusted": 0.12}, ""),
        ({"low": 0.51, "p": 0.01, "p_adjusted": 0.02}, ""),
    ],
)
def test_where_the_plan_asks_for_more_than_the_interval_shows_that_is_said(found: dict[str, Any], words: str) -> None:
    interval = {"low": found.pop("low"), "high": 0.7}
    analysis = analysed(fake_identified={**found, "t": 2.0, "estimate": 0.6, "interval": interval})
    said = next(each for each in answer_sentences(analysis) if each.startswith("Fakes"))
    assert said.endswith(f"Its interval leaves guessing out, but {words}" if words else "50 %).") or (
        not words and said.endswith("points of it.")
    )


def test_a_test_of_one_direction_says_so_and_finds_nothing_in_the_other() -> None:
    below = {"p": 0.99, "p_adjusted": None, "t": -3.0, "estimate": 0.3, "interval": {"low": 0.2, "high": 0.4}}
    above = {"p": 0.01, "p_adjusted": None, "t": 3.0, "estimate": 0.7, "interval": {"low": 0.6, "high": 0.8}}
    analysis = analysed(fake_identified=below, real_identified=above)
    analysis["tests"]["sides"] = "one"
    fakes, reals = (each for each in answer_sentences(analysis) if each.startswith(("Fakes", "Real")))
    assert "is not shown to be more often than by guessing (50 %)" in fakes
    assert "leaves guessing out" not in fakes
    assert reals.endswith("more often than by guessing (50 %). Only this direction was tested, as planned.")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            {"unit": "d_prime", "estimate": 1.0, "interval": {"low": 0.0, "high": 2.0}},
            "in 76.0 % of tries, 95 % interval 50.0 to 92.1 %; guessing gives 50 % (d′ = 1.00, 0.00 to 2.00).",
        ),
        (
            {"unit": "difference", "estimate": -0.2, "interval": {"low": -0.3, "high": -0.1}},
            "is −20.0 points, 95 % interval −30.0 to −10.0 points; guessing gives 0.",
        ),
    ],
)
def test_telling_apart_is_said_in_shares(found: dict[str, Any], words: str) -> None:
    said = answer_sentences(analysed(discrimination={**found, "p": 0.01, "t": -3.0}))
    assert any("They mistake one for the other more than by guessing." in each and words in each for each in said)


def test_what_could_not_be_tested_says_why() -> None:
    analysis = analysed(discrimination={"test": None, "note": "one listener allows no test"})
    said = " ".join(answer_sentences(analysis))
    assert "Whether they tell fake from real is not tested: one listener allows no test (pooled d′ " in said
    assert len(sentences_of_tests(analysis)) == 2


def test_an_interval_of_few_listeners_is_cut_to_shares_and_called_formal() -> None:
    version = make_version(n_fake=4, n_real=4)
    for n in (0, 2, 4):  # fakes called fake
        make_session(version, says_fake=lambda frozen, index, n=n: frozen.label == Label.FAKE and index < n)
    analysis = analyze(study=version.study)
    panel = analysis["classes"]["fake"]["section_vi"]["by_listener"]
    assert panel["interval"]["low"] < 0
    assert panel["interval"]["high"] > 1
    text = " ".join(answer_sentences(analysis, "listeners"))
    assert "95 % interval 0.0 to 100.0 %, cut at 0 and 100 %: that is not shown" in text
    assert "The estimate for listeners like these who hear these same clips is " in text
    assert "Fakes called fake: t over listeners, t(2) = " in " ".join(sentences_of_tests(analysis, "listeners"))
    assert "With 3 listeners, intervals over listeners are only formal" in text
    assert "-" not in text
    shown = analysis_page(analysis)["panels"][0]
    assert "0.0 to 100.0 % (cut at 0 and 100 %)" in [row["interval"] for row in shown["rows"]]
    assert len(shown["notes"]) == 2


@pytest.mark.parametrize(
    ("mean", "interval", "words"),
    [
        (300.0, (100.0, 500.0), "Wrong answers came 0.30 s later than right ones: "),
        (-300.0, (-500.0, -100.0), "Wrong answers came 0.30 s earlier than right ones: "),
        (20.0, (-80.0, 120.0), "That wrong answers come later or earlier than right ones is not shown: "),
        (20.0, None, "That wrong answers come later or earlier than right ones is not shown: "),
        (None, None, ""),
    ],
)
def test_times_are_said_to_differ_only_where_the_interval_leaves_out_0(
    mean: float | None, interval: tuple[float, float] | None, words: str
) -> None:
    version = make_version()
    make_session(version, says_fake=lambda frozen, index: index % 2 == 0)
    analysis = analyze(study=version.study)
    ends = None if interval is None else dict(zip(("low", "high"), interval, strict=True))
    analysis["times"]["wrong_minus_right"] |= {"mean_ms": mean, "interval_ms": ends}
    said = analysis_page(analysis)["times"]["difference"]
    assert said.startswith(words) and bool(said) == bool(words)


def test_only_the_plans_own_tests_are_called_primary_and_corrected() -> None:
    version = make_version()
    for offset in range(4):
        make_session(
            version, says_fake=lambda frozen, index, offset=offset: (index + offset) % 3 > 0 or index == offset
        )
    analysis = analyze(study=version.study)
    for scope, roles in ((None, ["primary", "primary", "exploratory"]), ("listeners", ["exploratory"] * 3)):
        page = analysis_page(analysis, scope)
        assert [row["role"] for row in page["headline"]] == roles
        assert page["corrects"] == (scope is None)
        assert ("corrected for 2 tests" in " ".join(sentences_of_tests(analysis, scope))) == (scope is None)


def test_a_study_whose_sessions_are_all_open_says_so() -> None:
    version = make_version()
    make_session(version, outcome=None, n_answers=3)
    assert answer_sentences(analyze(study=version.study)) == [
        "1 session started, none completed: there is nothing to analyse yet."
    ]


def test_a_study_of_fakes_alone_says_what_it_cannot_tell() -> None:
    version = make_version(n_fake=4, n_real=0)
    make_session(version, outcome=Outcome.COMPLETED)
    sentences = answer_sentences(analyze(study=version.study))
    assert "No real sounds were judged." in sentences
    assert any("Only one class of truth was judged" in sentence for sentence in sentences)


def test_the_chart_of_reasons_has_bars_intervals_and_means_and_there_is_none_without_reasons() -> None:
    version = make_version()
    assert draw_reasons(analyze(study=version.study)["reasons"]) is None
    make_session(version)
    chart = draw_reasons(analyze(study=version.study)["reasons"])
    assert chart is not None
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["bar", "rule", "point"]
