"""Fill an installation with the studies that the browser tests walk: python -m tests.browser.study_for_tests FOLDER.

Runs in a process of its own, with the installation's EARWITNESS_DATA_DIR.
"""

import sys
from pathlib import Path
from typing import Any

import django
import numpy as np
import soundfile

SAMPLE_RATE_HZ = 16_000
DURATION_S = 1.0
CATEGORIES = ("dog_bark", "rain", "keyboard")

# Two screening trials of 5 s instead of six: the test of the whole session stays under a minute.
WHOLE: dict[str, Any] = {
    "slug": "whole",
    "title": "Which sounds are real?",
    "stimulus_set": "six",
    "screening": {"n_trials": 2},
    "practice": {"stimulus_set": "two", "n_trials": 2},
    "order": {"block_size": 3},
    "debrief": {"reveal": "truth"},
}
STRICT = WHOLE | {
    "slug": "strict",
    "screening": {"test": "antiphase", "n_trials": 1},
    "practice": {},
    "order": {},
    "debrief": {"text": ""},
}
# Consent, instructions and trials: what no study is without.
BARE: dict[str, Any] = {
    "consent": {"ticks": []},
    "eligibility": {"questions": []},
    "volume": {"enabled": False},
    "channels": {"enabled": False},
    "screening": {"test": "none"},
    "instructions": {"questions": []},
    "questions": {"questions": []},
    "debrief": {"text": ""},
}
SHORT: dict[str, Any] = {"slug": "short", "title": "Trials only", "stimulus_set": "six", **BARE}
ONCE = SHORT | {"slug": "once", "title": "No second chance", "task": {"replays_after_fault": 0}}
TWICE = SHORT | {"slug": "twice", "title": "Two plays", "task": {"plays": 2}}
FRENCH = WHOLE | {"slug": "french", "title": "Lesquels sont réels ?", "language": "fr", "channels": {"enabled": False}}
WORDS = SHORT | {
    "slug": "words",
    "title": "Several reasons",
    "task": {
        "reasons": {
            "mode": "multiple",
            "after": "both",
            "items": [
                {"code": "distorted", "label": "It is distorted"},
                {"code": "repetitive", "label": "It repeats itself"},
                {"code": "other", "label": "Something else", "needs_text": True},
            ],
        }
    },
}
NEVER = {"reasons": {"after": "never"}}
RATING = SHORT | {"slug": "rating", "title": "Rating", "task": {"type": "rating", **NEVER}}
NATURAL = SHORT | {"slug": "natural", "title": "Naturalness", "task": {"type": "naturalness", **NEVER}}
PAIRS = SHORT | {"slug": "pairs", "title": "Pairs", "task": {"type": "two_interval", **NEVER}}
SURE = SHORT | {"slug": "sure", "title": "How sure", "task": {"confidence": True, **NEVER}}
CATCH = SHORT | {"slug": "catch", "title": "Beeps", "task": NEVER, "attention": {"beeps": 2, "max_wrong": 0}}
FRAGILE = SHORT | {"slug": "fragile", "title": "Sounds that break", "task": {"max_skipped": 0}}
LEAVING = SHORT | {
    "slug": "leaving",
    "title": "With exits",
    "task": NEVER,
    "recruitment": {"recruiter": "prolific"},
    "end": {
        "completed": {
            "text": "Thank you.",
            "code": "DONE1",
            "url": "https://recruiter.invalid/?cc={code}&p={PROLIFIC_PID}",
        },
        "no_consent": {"text": "No.", "url": "https://recruiter.invalid/no"},
    },
}
TASK = SHORT | {"slug": "task", "title": "A task at MTurk", "task": NEVER, "recruitment": {"recruiter": "mturk"}}
CREDIT = SHORT | {
    "slug": "credit",
    "title": "For credit",
    "task": NEVER,
    "recruitment": {"recruiter": "sona", "require_person": True},
    "end": {"completed": {"text": "Thank you.", "url": "https://school.invalid/credit?survey_code={survey_code}"}},
}
FULL = SHORT | {"slug": "full", "title": "One place", "recruitment": {"quota": 1}}
# What the test of every byte looks for stands in the names of its set; a machine has scored it.
BLIND = WHOLE | {
    "slug": "blind",
    "title": "A study",
    "stimulus_set": "canaryset",
    "practice": {},
    "order": {"block_size": 4},
    "attention": {"beeps": 2, "max_wrong": 2},
    "debrief": {"text": "Thank you."},
}
STUDIES = (
    BLIND,
    FULL,
    WHOLE,
    STRICT,
    SHORT,
    ONCE,
    TWICE,
    FRENCH,
    WORDS,
    RATING,
    NATURAL,
    PAIRS,
    SURE,
    CATCH,
    FRAGILE,
    LEAVING,
    TASK,
    CREDIT,
)


def write_clips(
    folder: Path,
    *,
    seed: int,
    categories: tuple[str, ...] = CATEGORIES,
    generator: str = "generator_a",
    name: str = "clip",
) -> None:
    """Write a real and a fake clip of each category, each a different shaped noise of DURATION_S."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(SAMPLE_RATE_HZ * DURATION_S)) / SAMPLE_RATE_HZ
    for index, category in enumerate(categories):
        for place in (f"real/{category}", f"fake/{generator}/{category}"):
            tone = np.sin(2 * np.pi * (300 + 170 * index) * time_s)
            samples = 0.1 * tone + 0.02 * rng.standard_normal(time_s.size)
            (folder / place).mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / place / f"{name}{index}.wav", samples, SAMPLE_RATE_HZ, subtype="PCM_16")


def main(folder: Path) -> None:
    django.setup()
    from studyapp.models import Machine, MachineScore
    from studyapp.services.launch import launch_study
    from studyapp.services.stimulus_import import import_stimuli
    from studyapp.services.study_create import create_study

    for name, seed, categories in (("six", 7, CATEGORIES), ("two", 8, ("gunshot",))):
        write_clips(folder / name, seed=seed, categories=categories)
        import_stimuli(path=folder / name, set_slug=name, layout="folders")
    canaries = {"generator": "canarygenerator", "name": "canaryname"}
    write_clips(folder / "canaryset", seed=9, **canaries)
    found = import_stimuli(path=folder / "canaryset", set_slug="canaryset", layout="folders")
    machine = Machine.objects.create(slug="canarymachine", title="A machine")
    MachineScore.objects.bulk_create(
        MachineScore(
            machine=machine, stimulus=member.stimulus, fake_score=0.8675309, decision="fake", split="evaluation"
        )
        for member in found.stimulus_set.members.select_related("stimulus")
    )
    for config in STUDIES:
        launch_study(study=create_study(config=config, owner=None))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
