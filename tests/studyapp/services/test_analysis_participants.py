"""Who took part is told so that no answer of fewer than five can be found by subtraction."""

from typing import Any

import pytest

from studyapp.design.small_cells import LEAST_ALIKE, SUPPRESSED, told_counts
from studyapp.models import Study
from studyapp.reports.participants_page import participants_page
from studyapp.selectors.participants import AskedQuestion, TookPart
from studyapp.services import analysis_participants
from studyapp.services.analysis_participants import participant_results
from studyapp.vocab import Origin

pytestmark = pytest.mark.once


def told_of(
    monkeypatch: pytest.MonkeyPatch, n: int, counts: dict[str, int], *, code: str = "normal_hearing", **recruiters: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the numbers of n participants, one question with these answers, and the page of them."""
    labels = {"yes": "yes", "no": "no", "unsure": "unsure"}
    is_age = code == "age"
    asked = AskedQuestion(
        step="questions",
        code=code,
        text="Asked",
        kind="number" if is_age else "choice",
        labels={} if is_age else labels,
        counts=counts,
    )
    found = TookPart(
        n_participants=n,
        n_sessions=n,
        questions=[asked],
        recruiters=recruiters or {"prolific": n},
        n_screened=0,
        n_failed=0,
    )
    monkeypatch.setattr(analysis_participants, "took_part", lambda **given: found)
    results = participant_results(study=Study(), sessions=None)  # type: ignore[arg-type]
    return results, participants_page({"participants": results, "origin": Origin.LIVE.value})


def test_no_total_gives_a_small_group_away() -> None:
    for yes in range(12):
        for no in range(12):
            for unsure in range(8):
                for n_silent in range(7):
                    counts = {"yes": yes, "no": no, "unsure": unsure}
                    told = told_counts(counts, n_silent=n_silent)
                    n_others = sum(counts.values()) - sum(told.values())
                    assert all(n >= LEAST_ALIKE and counts[answer] == n for answer, n in told.items())
                    for rest in (n_others, n_others + n_silent):
                        assert not told or not 0 < rest < LEAST_ALIKE
                    # What comes back from an export is told alike.
                    again = {**told, SUPPRESSED: n_others}
                    assert told_counts(again, n_silent=n_silent) == told


def test_the_next_rarest_answer_joins_a_small_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    found, page = told_of(monkeypatch, 20, {"yes": 12, "no": 7, "unsure": 1})
    (question,) = found["questions"]
    assert [(answer["value"], answer["n"]) for answer in question["answers"]] == [("yes", 12)]
    assert (question["n_pooled"], question["n_answered"]) == (8, 20)
    assert "Hearing is normal: yes 12; any other answer, or none 8." in page["sentences"]
    assert [(row["answer"], row["n"]) for row in page["rows"]] == [("yes", 12), ("any other answer, or none", 8)]


def test_where_nothing_is_left_to_tell_words_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found, page = told_of(monkeypatch, 20, {"yes": 19, "no": 1})
    assert (found["questions"][0]["answers"], found["questions"][0]["n_pooled"]) == ([], 20)
    words = "not told, for it would point at fewer than 5 participants"
    assert f"Hearing is normal: {words}." in page["sentences"]
    assert [(row["answer"], row["n"], row["value"]) for row in page["rows"]] == [(words, "–", "–")]


def test_the_number_of_answers_tells_nobody_either(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = told_of(monkeypatch, 20, {"yes": 10, "no": 5, "unsure": 1})
    (question,) = found["questions"]
    assert question["n_answered"] is None  # four gave none: their number would leave one
    assert ([answer["n"] for answer in question["answers"]], question["n_pooled"]) == ([10], 10)
    found, page = told_of(monkeypatch, 8, {"20": 3, "21": 3, "23": 1}, code="age")
    assert (found["questions"][0]["mean"], found["questions"][0]["n_answered"]) == (20.9, None)
    assert page["sentences"][0] == "8 participants took part (mean age of those who told it 20.9 years, SD 1.1)."


def test_recruiters_are_told_by_the_same_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    found, page = told_of(monkeypatch, 20, {}, prolific=12, sona=6, link=2)
    assert found["recruiters"] == [{"recruiter": "prolific", "n": 12}] and found["n_recruiters_pooled"] == 8
    assert "Recruitment: 12 from Prolific; 8 in other ways." in page["sentences"]
    _, page = told_of(monkeypatch, 20, {})
    assert "Recruitment: 20 from Prolific." in page["sentences"]
