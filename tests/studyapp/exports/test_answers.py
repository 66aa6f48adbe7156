"""Answers to questions leave the installation so that nobody can be told by them."""

import csv
from collections import Counter
from io import StringIO
from typing import Any

import pytest

from studyapp.exports.answers import ANSWER_HEADER, answer_rows
from studyapp.exports.cells import csv_lines
from studyapp.exports.tables import trials_table
from studyapp.models import QuestionAnswer, Session
from studyapp.vocab import Origin
from tests.factories import CONFIG, make_session, make_version
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db


def rows_of(version):
    return [dict(zip(ANSWER_HEADER, row, strict=True)) for row in answer_rows(version.study, Origin.LIVE)]


def config() -> dict[str, Any]:
    choices = {"gender": ("woman", "man", "nonbinary"), "normal_hearing": ("yes", "no")}
    asked = [
        {"code": code, "text": code, "options": [{"value": value, "label": value} for value in values]}
        for code, values in choices.items()
    ]
    asked += [{"code": code, "text": code, "kind": "number"} for code in ("age", "years_of_music")]
    check = {"code": "check", "text": "Which?", "options": [{"value": n, "label": n} for n in "ab"], "right": "a"}
    asked.append({"code": "remarks", "text": "Remarks", "kind": "text"})
    return {"questions": {"questions": asked}, "instructions": {"questions": [check]}}


def test_ages_are_banded_what_few_gave_is_suppressed_and_words_are_left_out():
    version = make_version(n_fake=1, n_real=1, config=CONFIG | config())
    sessions = [make_session(version, screening_correct=None) for _ in range(16)]
    for number, session in enumerate(sessions):
        answers = {
            "age": str(18 + number),  # seven are 18 to 24, nine 25 to 33
            "gender": "nonbinary" if number == 0 else "man" if number < 7 else "woman",
            "normal_hearing": "yes" if number else "no",
            "years_of_music": str(number),
            "check": "a" if number else "b",
            "remarks": "I am J. Doe.",
        }
        QuestionAnswer.objects.bulk_create(
            QuestionAnswer(
                session=session, step="instructions" if code == "check" else "questions", code=code, answer=answer
            )
            for code, answer in answers.items()
        )
    rows = rows_of(version)
    told = {code: Counter(row["answer"] for row in rows if row["question"] == code) for code in answers}
    assert told["age"] == {"18-24": 7, "25-34": 9}
    assert told["gender"] == {"woman": 9, "suppressed": 7}  # one alone would be told by subtraction
    assert told["normal_hearing"] == {"suppressed": 16}
    assert told["years_of_music"] == {str(number): 1 for number in range(16)}
    assert told["check"] == {"a": 15, "b": 1}
    assert not told["remarks"]
    assert {row["subject_id"] for row in rows} == {session.participant.pseudonym for session in sessions}
    assert [row["row_id"] for row in rows] == list(range(1, 16 * 5 + 1))
    # Somebody's second sitting makes no group of five of four.
    again = make_session(version, screening_correct=None)
    QuestionAnswer.objects.filter(code="age").delete()
    for session, age in [*zip(sessions[:4], (20, 21, 22, 23), strict=True), (again, 24)]:
        QuestionAnswer.objects.create(session=session, step="questions", code="age", answer=str(age))
    Session.objects.filter(pk=again.pk).update(participant=sessions[0].participant)
    assert {row["answer"] for row in rows_of(version) if row["question"] == "age"} == {"suppressed"}


@pytest.mark.parametrize("task", ["yes_no", "rating", "naturalness", "two_interval"])
def test_every_kind_of_trial_is_exported_with_what_it_was_for(task):
    config = {"task": {"type": task, "reasons": {"after": "both"}}, "attention": {"beeps": 1}, "order": {}}
    if task != "two_interval":
        config["order"] = {"n_repeats": 1}
    version = launch(n_fake=4, n_real=4, config=BARE | config)
    walker = Walker(version.study)
    walker.to("ended")
    Session.objects.update(origin="live", time_scale=1.0)
    table = trials_table(version.study, Origin.LIVE)
    rows = list(csv.DictReader(StringIO("".join(csv_lines(table.header, table.rows)))))
    phases = sorted(row["phase"] for row in rows)
    n_main = 4 if task == "two_interval" else 8
    assert phases == ["catch"] + ["main"] * n_main + (["repeat"] if task != "two_interval" else [])
    for row in rows:
        if row["phase"] == "catch":
            assert row["builtin_sound"].startswith("beeps:") and row["stimulus_id"] == row["truth"] == ""
            assert row["correct"] == ("true" if row["builtin_sound"] == f"beeps:{row['value']}" else "false")
            assert row["reasons"] == ""
            continue
        assert row["stimulus_id"] and row["reasons"]
        assert bool(row["second_stimulus_id"]) == (task == "two_interval")
        if task == "two_interval":
            assert row["correct"] == ("true" if (row["truth"] == "fake") == (row["value"] == "1") else "false")
        else:
            assert row["correct"] == ("" if task == "naturalness" else str(row["choice"] == row["truth"]).lower())
