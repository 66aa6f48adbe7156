import pytest

from studyapp.reports.analysis_charts import draw_reasons
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.analysis_sentences import answer_sentences
from studyapp.services.analysis import analyze
from studyapp.vocab import Label, Outcome
from tests.factories import make_session, make_version

pytestmark = pytest.mark.django_db


def test_good_listeners_are_said_to_tell_fake_from_real() -> None:
    version = make_version(n_fake=10, n_real=10)
    for offset in range(6):
        make_session(
            version,
            says_fake=lambda frozen, index, offset=offset: (frozen.label == Label.FAKE) != (index % 10 < offset // 2),
        )
    text = " ".join(answer_sentences(analyze(study=version.study)))
    assert "6 listeners gave 120 judgements of 20 clips." in text
    assert "They tell fake from real: mean d′" in text
    assert "more often than by guessing" in text


def test_guessing_listeners_are_never_said_to_be_at_chance() -> None:
    version = make_version(n_fake=8, n_real=8)
    for offset in range(5):
        make_session(version, says_fake=lambda frozen, index, offset=offset: index % 8 < offset + 2)
    text = " ".join(answer_sentences(analyze(study=version.study)))
    assert "not significantly different from guessing" in text
    assert "at chance" not in text


def test_an_interval_of_few_listeners_is_cut_to_shares_and_called_formal() -> None:
    version = make_version(n_fake=4, n_real=4)
    for n in (0, 2, 4):  # fakes called fake
        make_session(version, says_fake=lambda frozen, index, n=n: frozen.label == Label.FAKE and index < n)
    analysis = analyze(study=version.study)
    panel = analysis["classes"]["fake"]["section_vi"]["by_listener"]
    assert panel["interval"]["low"] < 0
    assert panel["interval"]["high"] > 1
    text = " ".join(answer_sentences(analysis))
    assert "95 % interval 0.0 to 100.0 %, cut at 0 and 100 %, t(2)" in text
    assert "With 3 listeners, intervals over listeners are only formal" in text
    assert "-" not in text.replace("two-sided", "")
    shown = analysis_page(analysis)["panels"][0]
    assert "0.0 to 100.0 % (cut at 0 and 100 %)" in [row["interval"] for row in shown["rows"]]
    assert len(shown["notes"]) == 2


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


def test_the_chart_has_a_bar_and_an_interval_for_each_reason_and_none_without_reasons() -> None:
    version = make_version()
    assert draw_reasons(analyze(study=version.study)["reasons"]) is None
    make_session(version)
    chart = draw_reasons(analyze(study=version.study)["reasons"])
    assert chart is not None
    assert len(chart["layer"]) == 2
