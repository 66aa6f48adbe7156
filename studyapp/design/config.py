"""The configuration of a study. Three keys are required; every other one defaults to the paper's study (section VI).

The paper's listening test: category name shown, one play, real or fake, and after "fake" one of six reasons. The models
of the config_* files are the one definition: the YAML file, the form, the JSON Schema and docs/study_config.md all come
from them.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from studyapp.design.config_flow import (
    Channels,
    Consent,
    Debrief,
    Device,
    Eligibility,
    End,
    Instructions,
    Practice,
    Questions,
    Screening,
    Volume,
)
from studyapp.design.config_places import Groups, Moment
from studyapp.design.config_plan import AnalysisPlan
from studyapp.design.config_sound import Sound
from studyapp.design.config_task import Attention, Order, Task
from studyapp.design.config_types import Parameter, Section, SetName, ShortText, Slug

# Recruiter -> the names under which it sends the person, the submission and the study.
RECRUITER_PARAMETERS: dict[str, dict[str, str]] = {
    "link": {"person": "participant"},
    "prolific": {"person": "PROLIFIC_PID", "submission": "SESSION_ID", "study": "STUDY_ID"},
    "sona": {"person": "survey_code"},
    "mturk": {"person": "workerId", "submission": "assignmentId", "study": "hitId"},
}


class Recruitment(Section):
    recruiter: Literal["link", "prolific", "sona", "mturk"] = Field(
        default="link",
        description="Who sends participants: a plain link, Prolific, SONA or Mechanical Turk.",
    )
    parameters: dict[Literal["person", "submission", "study"], Parameter] = Field(
        default_factory=dict,
        description=(
            "Names of the parameters in the link that hold the recruiter's ids; missing ones are the recruiter's own, "
            "such as PROLIFIC_PID."
        ),
    )
    require_person: bool = Field(
        default=False, description="Whether nobody can start without the person's id in the link."
    )
    on_return: Literal["refuse", "allow"] = Field(
        default="refuse",
        description=(
            "What happens to a person who comes back after the end: refuse shows the exit duplicate; allow begins a "
            "new session. An open session is always gone on with, in the browser in which it began."
        ),
    )
    quota: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description=(
            "Places: completed sessions and open ones, from the consent on, never exceed it together; empty for no "
            "limit. When all of them "
            "are completed the study closes by itself."
        ),
    )
    groups: Groups = Field(default_factory=Groups, description="Places of groups of participants.")
    closes_at: Moment | None = Field(
        default=None,
        description=(
            "When the study closes by itself: an ISO 8601 time with its zone, such as 2027-01-31T18:00+01:00 (in a "
            "file in quotes); empty: never. Sessions that are open then can be finished."
        ),
    )
    time_limit_min: int = Field(
        default=180,
        ge=5,
        le=100_000,
        description="Minutes after which an open session has timed out, and its place is free again.",
    )

    def parameter(self, what: str) -> str:
        """Return the name of the link's parameter that holds it (person, submission or study); empty for none."""
        given = {str(key): name for key, name in self.parameters.items()}
        return (RECRUITER_PARAMETERS[self.recruiter] | given).get(what, "")

    @property
    def names(self) -> dict[str, str]:
        """What is looked for in the link -> under which name."""
        return {what: name for what in ("person", "submission", "study") if (name := self.parameter(what))}

    @property
    def closing_time(self) -> datetime | None:
        return datetime.fromisoformat(self.closes_at) if self.closes_at else None

    @model_validator(mode="after")
    def _group_is_no_id(self) -> "Recruitment":
        if self.groups.places and self.groups.parameter in self.names.values():
            raise ValueError(f"groups.parameter: {self.groups.parameter} already holds one of the recruiter's ids")
        return self


class StudyConfig(Section):
    """A study, whole. Raises pydantic's ValidationError; studyapp.design.config_reading turns it into ConfigError."""

    slug: Slug = Field(description="The name in the study's address: a-z, 0-9, - and _, at most 80 characters.")
    title: ShortText = Field(description="The title that participants see.")
    stimulus_set: SetName = Field(description="Name of the stimulus set whose sounds are presented.")
    language: Literal["en", "fr"] = Field(
        default="en", description="Language of the pages and of every text that is not given here."
    )
    device: Device = Field(default_factory=Device, description="Which devices are let in.")
    consent: Consent = Field(default_factory=Consent, description="The first page.")
    eligibility: Eligibility = Field(default_factory=Eligibility, description="Who may take part.")
    volume: Volume = Field(default_factory=Volume, description="The volume page.")
    channels: Channels = Field(default_factory=Channels, description="The check of left and right.")
    screening: Screening = Field(default_factory=Screening, description="The headphone test.")
    instructions: Instructions = Field(default_factory=Instructions, description="The page before the first trial.")
    practice: Practice = Field(default_factory=Practice, description="Trials before those that count.")
    sound: Sound = Field(default_factory=Sound, description="What is done to the sounds at the launch.")
    task: Task = Field(default_factory=Task, description="The trials.")
    attention: Attention = Field(default_factory=Attention, description="Catch trials among the others.")
    order: Order = Field(default_factory=Order, description="The order of the sounds, drawn anew for each session.")
    questions: Questions = Field(default_factory=Questions, description="What is asked after the last trial.")
    debrief: Debrief = Field(default_factory=Debrief, description="What is told at the end.")
    end: End = Field(default_factory=End, description="The last page: an exit for each outcome.")
    recruitment: Recruitment = Field(default_factory=Recruitment, description="Who is admitted.")
    analysis: AnalysisPlan = Field(
        default_factory=AnalysisPlan, description="The analysis plan, frozen with each version at its launch."
    )

    @model_validator(mode="after")
    def _exits_name_what_comes_with_the_link(self) -> "StudyConfig":
        known = ["code", *self.recruitment.names.values()]
        if self.recruitment.groups.places:
            known.append(self.recruitment.groups.parameter)
        for outcome in End.model_fields:
            unknown = [name for name in getattr(self.end, outcome).placeholders if name not in known]
            if unknown:
                raise ValueError(
                    f"end.{outcome}.url holds {{{unknown[0]}}}; known are {', '.join(f'{{{name}}}' for name in known)}"
                )
        return self
