"""The states that the participant's page shows, made up from a draft's configuration: nothing is stored for them."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.urls import reverse

from studyapp.design.answers import BEEPS, choices, confidence_choices
from studyapp.design.config import StudyConfig
from studyapp.design.markup import render_markdown
from studyapp.design.screening_plan import CHANNELS, screening_stages
from studyapp.design.words import WORDS
from studyapp.errors import NotFound
from studyapp.models import Stimulus, Study
from studyapp.selectors.session_exit import exit_for
from studyapp.selectors.session_state import consent_fields, question_fields
from studyapp.vocab import Label, Outcome

NOISE = "noise"  # the page makes a soft noise itself, where a study has its sounds only once it is launched
CODE = "PREVIEW1"
N_TRIALS, NUMBER = 20, 3
ANSWERS = {"yes_no": "fake", "rating": "5", "naturalness": "3", "two_interval": "2"}


def preview_state(study: Study, config: StudyConfig, screen: str) -> dict[str, Any]:
    """Return the state of the screen, as `session_state` returns it. Raises NotFound for an unknown screen."""
    base = {
        "title": config.title,
        "session": "preview",
        "progress": {"done": NUMBER - 1, "total": N_TRIALS},
        "notice": None,
    }
    if screen.startswith("end_"):
        return base | {"step": "ended", "end": _end(config, screen.removeprefix("end_"))}
    make = SCREENS.get(screen)
    if make is None:
        raise NotFound(f"there is no screen {screen[:40]!r} to preview")
    return base | make(study, config)


def _plain(
    step: str, fields: Callable[[StudyConfig], dict[str, Any]]
) -> Callable[[Study, StudyConfig], dict[str, Any]]:
    return lambda study, config: {"step": step, **fields(config)}


def _instructions(config: StudyConfig) -> dict[str, Any]:
    asked = question_fields(config.instructions.questions)
    html = render_markdown(config.instructions.text)
    return {"instructions": {"html": html, "questions": asked, "tries": 0, "wrong": []}}


def _screening(config: StudyConfig, test: str | None = None) -> dict[str, Any]:
    stages = screening_stages(config)
    stage = next((each for each in stages if (each.test == CHANNELS) == (test == CHANNELS)), None)
    if stage is None:
        return {"message": "This study has no such test; choose one to see it."}
    return {
        "screening": {
            "test": stage.test,
            "attempt": 1,
            "attempts": stage.attempts,
            "position": 0,
            "n_trials": stage.n_trials,
            "played": False,
            "wait_ms": 0,
            "sound": NOISE,
            "next_sound": None,
            "answers": [1, 2, 3],
            "failed_before": False,
            "example": {"sound": NOISE, "answer": 2} if stage.test != CHANNELS else None,
        }
    }


def _trial(
    study: Study, config: StudyConfig, *, phase: str = "play", task: str = "", step: str = "trials"
) -> dict[str, Any]:
    if step == "practice" and config.practice.stimulus_set is None:
        return {"step": step, "message": "This study has no practice; choose a set for it to see it."}
    task = task or config.task.type
    sounds, category = _sounds(study, n=2 if task == "two_interval" else 1)
    words = WORDS[config.language]
    offered = choices(task, fake_is_first=False, words=words)
    confidence = confidence_choices(words) if config.task.confidence and task != BEEPS else None
    trial = {
        "position": NUMBER,
        "number": NUMBER,
        "n_trials": config.practice.n_trials if step == "practice" else N_TRIALS,
        "phase": phase,
        "task": task,
        "answer": ANSWERS.get(config.task.type),
        "wait_ms": 0,
        "category": config.task.category_names.get(category) or words.category(category)
        if config.task.show_category and task != BEEPS
        else None,
        "sounds": sounds if task != BEEPS else [NOISE],
        "gap_ms": config.task.gap_ms,
        "ahead": [],
        "duration_s": 0,
        "plays_left": config.task.plays,
        "choices": [asdict(choice) for choice in offered],
        "confidence": [asdict(choice) for choice in confidence] if confidence else None,
        "reasons": [item.model_dump() for item in config.task.reasons.items],
        "reason_mode": config.task.reasons.mode,
        "feedback": {"truth": "fake", "label": words.labels["fake"], "is_right": True} if phase == "feedback" else None,
        "may_skip": False,
    }
    return {"step": step, "trial": trial}


def _reason(study: Study, config: StudyConfig) -> dict[str, Any]:
    if config.task.reasons.after == "never":
        return {"step": "trials", "message": "This study asks for no reason; choose after which answers it should."}
    return _trial(study, config, phase="reason")


def _sounds(study: Study, *, n: int) -> tuple[list[str], str]:
    """Return the addresses of the first sounds of the set, and their category."""
    members = study.stimulus_set.members.order_by("position", "pk")
    found = list(Stimulus.objects.filter(memberships__in=members).order_by("memberships__position", "pk")[:1])
    if not found:
        return [NOISE] * n, ""
    label = Label.REAL.value if found[0].label == Label.FAKE.value else Label.FAKE.value
    partner = Stimulus.objects.filter(
        memberships__stimulus_set=study.stimulus_set, category=found[0].category, label=label
    ).first()
    chosen = [found[0], partner or found[0]][:n]
    addresses = [reverse("stimulus_sound", args=[study.stimulus_set.slug, each.pk]) for each in chosen]
    return addresses, found[0].category


def _end(config: StudyConfig, name: str) -> dict[str, Any]:
    if name not in [outcome.value for outcome in Outcome]:
        raise NotFound(f"there is no outcome {name[:40]!r}")
    outcome = Outcome(name)
    is_completed = outcome is Outcome.COMPLETED
    given = getattr(config.end, name)
    code = given.code or (CODE if is_completed else "")
    names = dict.fromkeys(config.recruitment.names.values(), "PREVIEW")
    return {
        "outcome": name,
        "heading": WORDS[config.language].headings[outcome],
        "html": render_markdown(given.text),
        "completion_code": code or None,
        "withdrawal_code": None,
        "withdrawal_url": None,
        "exit": exit_for(config, outcome, code=code, parameters=names),
        "debrief": _debrief(config) if is_completed else None,
    }


def _debrief(config: StudyConfig) -> dict[str, Any] | None:
    reveal = config.debrief.reveal
    if not config.debrief.text.strip() and reveal == "nothing":
        return None
    labels = WORDS[config.language].labels
    row = {"category": None, "answer": labels["fake"], "truth": labels["fake"], "is_right": True}
    return {
        "html": render_markdown(config.debrief.text),
        "n_right": 14 if reveal != "nothing" else None,
        "n_judged": N_TRIALS if reveal != "nothing" else None,
        "rows": [row] if reveal == "truth" else [],
    }


SCREENS: dict[str, Callable[[Study, StudyConfig], dict[str, Any]]] = {
    "device": _plain("device", lambda config: {}),
    "consent": _plain("consent", lambda config: {"consent": consent_fields(config)}),
    "eligibility": _plain(
        "eligibility", lambda config: {"eligibility": {"questions": question_fields(config.eligibility.questions)}}
    ),
    "volume": _plain("volume", lambda config: {"volume": {"sound": NOISE}}),
    "channels": _plain("screening", lambda config: _screening(config, CHANNELS)),
    "screening": _plain("screening", _screening),
    "instructions": _plain("instructions", _instructions),
    "practice": lambda study, config: _trial(study, config, step="practice"),
    "feedback": lambda study, config: _trial(study, config, step="practice", phase="feedback"),
    "trial": _trial,
    "reason": _reason,
    "break": lambda study, config: _trial(study, config, phase="break"),
    "beeps": lambda study, config: _trial(study, config, task=BEEPS),
    "questions": _plain(
        "questions", lambda config: {"questions": {"questions": question_fields(config.questions.questions)}}
    ),
}
