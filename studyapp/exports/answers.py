"""The answers to a study's questions, as far as they tell nobody who somebody is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from studyapp.design.small_cells import SUPPRESSED, age_band, told_counts
from studyapp.models import QuestionAnswer, Study
from studyapp.selectors.analysis import sessions_of
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Origin, Step

ANSWER_HEADER = ["row_id", "study_id", "session_id", "subject_id", "step", "attempt", "question", "answer"]
AGE = "age"
Told = Mapping[tuple[str, str], set[str]]  # (step, code) of a closed question -> the answers that are told


def answer_rows(study: Study, origin: Origin) -> Iterator[list[Any]]:
    """Yield a row for each answer: ages in bands, what few gave suppressed, words of one's own left out."""
    found = (
        QuestionAnswer.objects.filter(session__in=sessions_of(study=study, origin=origin))
        .select_related("session__participant")
        .order_by("session", "pk")
    )
    in_words = codes_in_words(study)
    may_be_told = answers_told(study, origin)
    answered = (each for each in found.iterator(2000) if each.code not in in_words)
    for number, each in zip(count(1), answered, strict=False):
        yield [
            number,
            study.slug,
            each.session_id,
            each.session.participant.pseudonym,
            each.step,
            each.attempt,
            each.code,
            told(each, may_be_told),
        ]


def codes_in_words(study: Study) -> set[str]:
    """Return the codes of the questions that are answered in words, in any version."""
    return {code for (_, code), kinds in _kinds(study).items() if "text" in kinds}


def answers_told(study: Study, origin: Origin) -> Told:
    """Return what may be told of the participants of that origin: of each closed question, what enough of them gave.

    Closed are all questions but those that take any number, ages excepted. What is asked to see whether the
    instructions were understood says nothing of who somebody is.
    """
    numbers = {key for key, kinds in _kinds(study).items() if kinds == {"number"} and key[1] != AGE}
    found = QuestionAnswer.objects.filter(session__in=sessions_of(study=study, origin=origin))
    given = found.exclude(step=Step.INSTRUCTIONS.value).values_list("session__participant", "step", "code", "answer")
    people = {(person, step, code, as_band(code, answer)) for person, step, code, answer in given.iterator(2000)}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for _, step, code, answer in people:
        if (step, code) not in numbers:
            counts.setdefault((step, code), Counter())[answer] += 1
    return {key: set(told_counts(each)) for key, each in counts.items()}


def as_band(code: str, answer: str) -> str:
    """Return an age as its band, any other answer as it is."""
    return age_band(int(answer)) if code == AGE and answer.isascii() and answer.isdigit() else answer


def told(answer: QuestionAnswer, may_be_told: Told) -> str:
    """Return the answer as it leaves the program: an age as its band, and suppressed what few participants gave."""
    shown = as_band(answer.code, answer.answer)
    closed = may_be_told.get((answer.step, answer.code))
    return shown if closed is None or shown in closed else SUPPRESSED


def _kinds(study: Study) -> dict[tuple[str, str], set[str]]:
    """Return (step, code) of every question -> its kinds, in all versions."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for version in study.versions.all():
        config = frozen_config(version)
        for step in (Step.ELIGIBILITY, Step.INSTRUCTIONS, Step.QUESTIONS):
            for question in getattr(config, step.value).questions:
                kinds.setdefault((step.value, question.code), set()).add(question.kind)
    return kinds
