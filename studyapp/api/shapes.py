"""What the API sends: every field named here, so that no other one leaves."""

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class Problem(Schema):
    path: str
    message: str
    line: int | None = Field(None, description="Of a YAML file.")


class ProblemOut(Schema):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    problems: list[Problem] | None = None


class SetOut(Schema):
    slug: str
    title: str
    description: str
    caution: str
    is_stand_in: bool
    created_at: datetime
    n_stimuli: int
    n_real: int
    n_fake: int


class StimulusOut(Schema):
    id: int
    sha256: str
    name: str
    label: str
    category: str
    generator: str
    team: str
    track: str
    source_group: str
    split: str = Field(validation_alias="original_split")
    label_in_doubt: bool
    container: str
    n_bytes: int
    n_channels: int
    sample_rate_hz: int
    duration_s: float
    level_dbfs: float
    peak_dbfs: float
    bandwidth_hz: float
    loudness_lufs: float | None


class RejectedOut(Schema):
    name: str
    reason: str
    detail: str


class UploadedOut(Schema):
    """What became of a sent sound: it is in the set, or `rejected` says why not."""

    stimulus: StimulusOut | None
    was_there: bool
    rejected: RejectedOut | None


class MachineOut(Schema):
    slug: str
    title: str
    description: str
    threshold: float
    n_scores: int


class ScoreOut(Schema):
    machine: str = Field(validation_alias="machine_slug")
    stimulus_id: int
    stimulus_sha256: str
    stimulus_name: str
    fake_score: float | None
    decision: str
    split: str


class VersionOut(Schema):
    number: int
    sha256: str
    launched_at: datetime


class LaunchOut(Schema):
    """A launch: n_done of n_total copies are made. When it is done, `version` is what participants get."""

    id: int
    state: str = Field(description="queued, running, done, failed or cancelled.")
    as_pilot: bool
    n_done: int
    n_total: int
    error: str = Field(description="Why it failed, one reason a line.")
    created_at: datetime
    finished_at: datetime | None
    version: VersionOut | None


class StudyOut(Schema):
    slug: str
    title: str
    state: str
    stimulus_set: str
    revision: int
    created_at: datetime
    updated_at: datetime


class StudyDetailOut(StudyOut):
    rights: list[str]
    link: str
    versions: list[VersionOut]


class ConfigOut(Schema):
    revision: int
    config: dict[str, Any]


class ProblemsOut(Schema):
    problems: list[Problem]


class CheckOut(Schema):
    problems: list[str]
    warnings: list[str]


class CountOut(Schema):
    origin: str
    state: str = Field(description="open or ended.")
    step: str = Field(description="Where open sessions stand.")
    outcome: str = Field(description="How ended sessions ended.")
    n: int


class CountsOut(Schema):
    state: str
    last_activity_at: datetime | None
    counts: list[CountOut]


class SessionOut(Schema):
    id: int
    participant: str = Field(validation_alias="pseudonym")
    version: int = Field(validation_alias="version_number")
    origin: str
    group: str
    step: str
    outcome: str
    started_at: datetime = Field(description="Of an imported session, as all its times: when it was imported.")
    last_seen_at: datetime
    ended_at: datetime | None
    n_trials: int
    n_answered: int


class ExportOut(Schema):
    id: int
    state: str
    format: str
    origin: str
    n_done: int
    n_total: int
    error: str
    created_at: datetime
    finished_at: datetime | None
    file_sha256: str
    file_n_bytes: int


class PageOut(Schema):
    n: int = Field(description="Rows in all.")
    limit: int
    offset: int


class SetPage(PageOut):
    items: list[SetOut]


class StimulusPage(PageOut):
    items: list[StimulusOut]


class ScorePage(PageOut):
    items: list[ScoreOut]


class StudyPage(PageOut):
    items: list[StudyOut]


class SessionPage(PageOut):
    items: list[SessionOut]


class JudgementPage(PageOut):
    origin: str
    items: list[dict[str, Any]] = Field(description="The columns of judgements.csv.")
