"""What an analysis is computed from, without reading the answers: how many there are, and whether anything changed."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from studyapp.models import Exclusion, FrozenStimulus, MachineScore, RecruiterIdentity, Response, Study
from studyapp.selectors.analysis import origins_with_sessions, sessions_of
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.clip_sources import clip_sources
from studyapp.vocab import Origin

FEW_ANSWERS = 2000  # are analysed within the request, in about a second: nobody waits for a worker then
OF_CODE = 16  # digits of a fingerprint that say which code made the numbers
CODE = ("stats", "design", "selectors", "services", "vocab.py")  # what of the code makes the numbers
LIBRARIES = ("numpy", "pandas", "scipy")  # and what it makes them with


def has_more_answers(*, study: Study, origin: Origin, than: int) -> bool:
    """Whether the study has more answers of the origin than that. Counts no further."""
    answers = Response.objects.filter(trial__session__version__study=study, trial__session__origin=origin.value)
    return answers.order_by()[: than + 1].count() > than


def data_fingerprint(*, study: Study, origin: Origin, rules: Rules) -> str:
    """Return 64 hex digits that change whenever the analysis may: with answers, exclusions, plans, scores or the code.

    Answers are not read. A session that has ended gets no more of them, and each action of an open one moves its
    last_seen_at in the same transaction: a service that writes answers in another way must end or touch their session.
    """
    sessions = sessions_of(study=study, origin=origin).order_by()
    stimulus_set = study.stimulus_set
    facts: dict[str, Any] = {
        "code": [settings.VERSION, code_sha256()],
        "study": [study.slug, study.title, study.state],
        "set": [stimulus_set.slug, stimulus_set.title, stimulus_set.caution, stimulus_set.is_stand_in],
        "set_made": stimulus_set.provenance,  # whose errors were selected
        "versions": list(study.versions.order_by("number").values_list("number", "sha256")),  # with the plans
        "origins": origins_with_sessions(study),
        "sessions": list(
            sessions.values_list("version_id", "outcome")
            .annotate(Count("pk"), Max("pk"), Max("started_at"), Max("ended_at"), Count("erased_at"))
            .order_by("version_id", "outcome")
        ),
        "exclusions": list(
            Exclusion.objects.filter(session__in=sessions).order_by("pk").values_list("session_id", "reason")
        ),
        "open": _open_sessions(sessions) if rules.include_incomplete else [],
        "in_doubt": _clips_in_doubt(study) if rules.leave_out_in_doubt else [],
        "scores": _scores(study),
        "sources": _sources(study),
        "recruiters": list(
            RecruiterIdentity.objects.filter(participant__sessions__in=sessions)
            .values_list("recruiter")
            .annotate(n=Count("pk", distinct=True))
            .order_by("recruiter")
        ),
    }
    of_data = hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()
    return code_sha256()[:OF_CODE] + of_data[:-OF_CODE]


def is_of_this_code(fingerprint: str) -> bool:
    """Whether this code computed what has the fingerprint: what other code computed may lack what pages show."""
    return fingerprint.startswith(code_sha256()[:OF_CODE])


def _open_sessions(sessions: Any) -> list[Any]:
    """Return when each open session was last seen; the latest alone would hide an action that commits late."""
    return list(sessions.filter(outcome="").order_by("pk").values_list("pk", "last_seen_at"))


def _clips_in_doubt(study: Study) -> list[int]:
    doubted = FrozenStimulus.objects.filter(version__study=study, stimulus__label_in_doubt=True)
    return list(doubted.order_by("pk").values_list("pk", flat=True))


def _sources(study: Study) -> list[Any]:
    """Return where the clips come from, which may be changed after the launch."""
    return list(clip_sources(study))


def _scores(study: Study) -> list[Any]:
    clips = FrozenStimulus.objects.filter(version__study=study).values("stimulus_id")
    scores = MachineScore.objects.filter(stimulus__in=clips).order_by("machine_id", "stimulus_id")
    said = ("decision", "fake_score", "split")
    of_clip = ("stimulus_id", "stimulus__name", "stimulus__generator", "stimulus__source_group")
    of_machine = ("machine__slug", "machine__title", "machine__threshold", "machine__provenance")
    return list(scores.values_list(*of_machine, *of_clip, *said))


@cache
def code_sha256() -> str:
    """Return a hash of the code that makes the numbers, so that nobody has to remember to count a version up.

    The versions of the libraries that it computes with are part of it.
    """
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    parts = [root / part for part in CODE]
    for path in sorted(path for part in parts for path in ([part] if part.suffix else part.rglob("*.py"))):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
