"""A study with all that a bundle must restore; and bundles that somebody has tampered with."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studyapp.exports.bundle import export_study
from studyapp.models import Machine, MachineScore, RecruiterIdentity, Session, Stimulus, Study
from studyapp.services.launch import launch_study
from studyapp.services.session_manage import exclude_by_hand
from studyapp.services.withdrawal import withdraw_by_code
from studyapp.vocab import Origin
from tests.factories import make_user
from tests.studyapp.launched import Walker, launch, make_set

QUESTIONS = [
    {"code": "age", "text": "Your age", "kind": "number", "minimum": 18, "maximum": 99},
    {"code": "gender", "text": "Gender", "kind": "choice", "options": [{"value": n, "label": n} for n in "xy"]},
    {"code": "words", "text": "In your words", "kind": "text"},
]


def walk(study: Study, *, seed: int, origin: Origin = Origin.LIVE, n_trials: int | None = None) -> Session:
    """Let a bot take the study, to its end or to a trial, and count it among the sessions of the origin."""
    walker = Walker(study, seed=seed)
    state = walker.to("trials")
    n_done = 0
    while state["step"] == "trials" and n_done != n_trials:
        values = [choice["value"] for choice in state["trial"]["choices"]]
        choice = values[(seed + n_done) % 2] if "fake" in values else ""  # beeps are counted by whoever walks
        state, n_done = walker.trial(state, choice), n_done + 1
    if state["step"] == "questions":
        walker.act("questions", answers={"age": "33", "gender": "x", "words": "CANARYWORDS"})
    walker.send("event", event="audio_ready", data={"sample_rate_hz": 48000})
    Session.objects.filter(token=walker.token).update(origin=origin.value, time_scale=1.0)
    return Session.objects.get(token=walker.token)


def make_study(slug: str = "heard") -> Study:
    """Make a study of two versions, practice, every screening, sessions of three fates and origins, and a detector."""
    launch(slug="before", n_fake=1, n_real=1)  # numbers do not begin at 1
    make_set("warm-up", n_fake=1, n_real=1, categories=("rain",))
    version = launch(
        slug=slug,
        config={
            "practice": {"stimulus_set": "warm-up", "n_trials": 2},
            "attention": {"beeps": 1},
            "questions": {"questions": QUESTIONS},
        },
        n_fake=3,
        n_real=4,
    )
    study = version.study
    first = walk(study, seed=1)
    RecruiterIdentity.objects.create(
        participant=first.participant, study=study, recruiter="prolific", external_id="CANARYPID"
    )
    study.config = {**study.config, "title": "A second title"}
    study.title = "A second title"
    study.save()
    launch_study(study=study)
    excluded = walk(study, seed=2)
    exclude_by_hand(session=excluded, detail="fell asleep", actor=make_user())
    withdrawn = walk(study, seed=3)
    withdraw_by_code(slug=slug, code=withdrawn.withdrawal_code or "")
    walk(study, seed=4)
    walk(study, seed=5, n_trials=2)
    walk(study, seed=6, origin=Origin.PILOT)
    machine = Machine.objects.create(slug="ear", title="Ear", provenance={"version": "abc"})
    for index, stimulus in enumerate(Stimulus.objects.filter(home_set=study.stimulus_set)):
        MachineScore.objects.create(
            machine=machine, stimulus=stimulus, fake_score=0.1 * index, decision="fake" if index > 4 else "real"
        )
    study.refresh_from_db()
    return study


def export(study: Study, folder: Path) -> Path:
    export_study(study=study, folder=folder, origin=Origin.LIVE, with_sounds=True)
    return folder


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sign_again(folder: Path) -> None:
    """Write the checksums of the files as they are now, as somebody who forges a bundle does."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files_below(folder).items())
    ]
    (folder / "CHECKSUMS.sha256").write_text("".join(line for line in lines if "CHECKSUMS" not in line))


def change_rows(folder: Path, table: str, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    """Let a function change a table's rows in place, and sign the bundle again."""
    path = folder / f"materials/rows/{table}.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    change(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sign_again(folder)
