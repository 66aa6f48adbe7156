"""What a participant's browser is told at the end of a session."""

from typing import Any

from django.urls import reverse

from studyapp.design.answers import is_right
from studyapp.design.config import StudyConfig
from studyapp.design.landing_words import LANDING
from studyapp.design.markup import render_markdown
from studyapp.design.words import WORDS, Words
from studyapp.models import Presentation, Session
from studyapp.selectors.session_exit import exit_of
from studyapp.selectors.session_trial import trial_truth
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Outcome, TrialKind


def withdrawn_words(session: Session) -> str:
    """Return what became of the answers of a withdrawn session, in its language."""
    words = LANDING[frozen_config(session.version).language]
    return words.answers_erased if session.erased_at else words.answers_kept


def end_state(session: Session, config: StudyConfig) -> dict[str, Any]:
    """Return the fields of `end`."""
    outcome = Outcome(session.outcome)
    is_withdrawn = outcome is Outcome.WITHDRAWN
    told = f"\n\n{withdrawn_words(session)}" if is_withdrawn else ""
    withdrawal_code = None if is_withdrawn else session.withdrawal_code
    return {
        "outcome": outcome.value,
        "heading": WORDS[config.language].headings[outcome],
        "html": render_markdown(getattr(config.end, outcome.value).text + told),
        "completion_code": session.completion_code or None,
        "withdrawal_code": withdrawal_code,
        "withdrawal_url": reverse("participant_withdraw", args=[session.version.study.slug])
        if withdrawal_code
        else None,
        "exit": exit_of(session, config),
        "debrief": _debrief(session, config) if outcome is Outcome.COMPLETED else None,
    }


def _withdrawal_url(session: Session) -> str:
    """Return the address by the study's name here: an imported study's frozen configuration may have another."""
    return reverse("participant_withdraw", args=[session.version.study.slug])


def _debrief(session: Session, config: StudyConfig) -> dict[str, Any] | None:
    """Return the debriefing: what the study says, and how the answers were as far as it reveals that."""
    reveal = config.debrief.reveal
    if not config.debrief.text.strip() and reveal == "nothing":
        return None
    rows = _judged(session, config) if reveal != "nothing" else []
    judged = [row for row in rows if row["is_right"] is not None]
    return {
        "html": render_markdown(config.debrief.text),
        "n_right": sum(row["is_right"] for row in judged) if judged else None,
        "n_judged": len(judged) or None,
        "rows": rows if reveal == "truth" else [],
    }


def _judged(session: Session, config: StudyConfig) -> list[dict[str, Any]]:
    """Return a row for each answered main trial, in the order heard. One query."""
    presentations: dict[int, list[Presentation]] = {}
    found = (
        Presentation.objects.filter(
            trial__session=session, trial__kind=TrialKind.MAIN.value, trial__response__isnull=False
        )
        .select_related("trial__response", "frozen_stimulus")
        .order_by("trial__position", "interval")
    )
    for each in found:
        presentations.setdefault(each.trial_id, []).append(each)
    return [_row(of_trial, config, WORDS[config.language]) for of_trial in presentations.values()]


def _row(of_trial: list[Presentation], config: StudyConfig, words: Words) -> dict[str, Any]:
    response, frozen, truth = of_trial[0].trial.response, of_trial[0].frozen_stimulus, trial_truth(of_trial)
    category = frozen.category if frozen else ""
    answer = response.choice if response.value is None else str(response.value)
    scale = {"rating": words.rating, "naturalness": words.naturalness, "two_interval": words.intervals}
    spoken = words.labels[answer] if answer in words.labels else scale[config.task.type][int(answer) - 1]
    return {
        "category": config.task.category_names.get(category, category) if config.task.show_category else None,
        "answer": spoken,
        "truth": words.labels[truth] if truth in words.labels else words.intervals[int(truth) - 1],
        "is_right": is_right(choice=response.choice, value=response.value, truth=truth),
    }
