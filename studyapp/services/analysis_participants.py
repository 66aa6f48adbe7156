"""Who took part, as section VI.B of the paper reports it, with no group so small that it points at somebody."""

from typing import Any

from django.db.models import QuerySet

from studyapp.design.small_cells import AGE_BANDS, LEAST_ALIKE, SUPPRESSED, age_band, is_few, told_counts
from studyapp.models import Session, Study
from studyapp.selectors.participants import AskedQuestion, took_part
from studyapp.stats.descriptive import mean_of, sd_of

AGE = "age"  # code of the question whose answers are told in bands
AGE_DECIMALS = 1


def participant_results(*, study: Study, sessions: QuerySet[Session]) -> dict[str, Any]:
    """Return the numbers of the participants of the analysed sessions.

    An answer that fewer than `least_alike` participants gave is counted with those who gave none, with another one
    where these are few (`told_counts`), and so are recruiters; a mean of fewer is None.
    """
    found = took_part(study=study, sessions=sessions)
    recruiters = told_counts(found.recruiters)
    return {
        "n_participants": found.n_participants,
        "n_sessions": found.n_sessions,
        "least_alike": LEAST_ALIKE,
        "questions": [_question(asked, found.n_participants) for asked in found.questions],
        "recruiters": [{"recruiter": name, "n": n} for name, n in recruiters.items()],
        "n_recruiters_pooled": found.n_participants - sum(recruiters.values()),
        "headphone_test": {"n_taken": found.n_screened, "n_failed": found.n_failed},
    }


def _question(asked: AskedQuestion, n_participants: int) -> dict[str, Any]:
    """Return the answers to one question; of numbers the mean and SD, and of ages the bands too.

    Mean and SD of ages are rounded here already: two exact means, with and without one participant, tell that one's
    age.
    """
    numbers = [int(answer) for answer, n in asked.counts.items() if answer.isdigit() for _ in range(n)]
    is_told = asked.kind == "number" and len(numbers) >= LEAST_ALIKE
    counts = {answer: asked.counts.get(answer, 0) for answer in asked.labels} | asked.counts
    if asked.kind == "number":
        counts = _bands(asked.counts) if asked.code == AGE else {}
    n_answered = sum(asked.counts.values())
    n_silent = n_participants - n_answered
    told = told_counts(counts, n_silent=n_silent)
    mean, sd = (mean_of(numbers), sd_of(numbers)) if is_told else (None, None)
    if asked.code == AGE:
        mean, sd = _rounded(mean), _rounded(sd)
    return {
        "step": asked.step,
        "code": asked.code,
        "text": asked.text,
        "kind": asked.kind,
        "n_answered": None if is_few(n_answered) or is_few(n_silent) else n_answered,
        "mean": mean,
        "sd": sd,
        "answers": [{"value": value, "label": asked.labels.get(value, value), "n": n} for value, n in told.items()],
        "n_pooled": n_participants - sum(told.values()) if counts or asked.code == AGE else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, AGE_DECIMALS)


def _bands(ages: dict[str, int]) -> dict[str, int]:
    """Return the participants of each band, from ages in years and from bands, as which ages come in a bundle."""
    counts = dict.fromkeys((*AGE_BANDS, SUPPRESSED), 0)
    for age, n in ages.items():
        band = age_band(int(age)) if age.isdigit() else age
        counts[band if band in counts else SUPPRESSED] += n
    return {band: n for band, n in counts.items() if n}
