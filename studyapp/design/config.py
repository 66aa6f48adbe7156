"""The configuration of a study. Three keys are required; every other one defaults to the paper's study (section VI).

The paper's listening test: category name shown, one play, real or fake, and after "fake" one of six reasons. The models
below are the one definition: the YAML file, the form, the JSON Schema and docs/study_config.md all come from them.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from studyapp.design import texts
from studyapp.vocab import PAPER_REASONS

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _no_control_characters(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("holds a control character; remove it")
    return value


def _not_an_address(value: str) -> str:
    if value == "new":
        raise ValueError("'new' is the address of the page that makes a study; choose another name")
    return value


Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_no_control_characters)]
ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_no_control_characters)
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$"), AfterValidator(_not_an_address)]
SetName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]


class Section(BaseModel):
    """A part of the configuration: unknown keys and values of the wrong type are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Consent(Section):
    text: Text = Field(default=texts.CONSENT, description="What participants agree to, in Markdown.")
    agree_label: ShortText = Field(default="I agree to take part", description="Label of the button that agrees.")
    decline_label: ShortText = Field(
        default="I do not want to take part", description="Label of the button that declines."
    )


class Volume(Section):
    enabled: bool = Field(
        default=True, description="Whether participants set their volume to a looped noise at the clips' level first."
    )


class Screening(Section):
    test: Literal["none", "antiphase"] = Field(
        default="antiphase",
        description="Headphone test: none, or antiphase (Woods et al. 2017: which of three tones is quietest).",
    )
    n_trials: int = Field(default=6, ge=1, le=24, description="Trials of one attempt.")
    pass_mark: int = Field(default=5, ge=1, le=24, description="Right answers needed to pass; at most n_trials.")
    attempts: int = Field(default=2, ge=1, le=5, description="How often a participant may try.")
    action: Literal["exclude", "flag", "record"] = Field(
        default="exclude",
        description=(
            "What failing does: exclude ends the session and leaves it out; flag goes on, for analyses to compare with "
            "and without; record goes on and only stores the answers."
        ),
    )

    @model_validator(mode="after")
    def _pass_mark_can_be_reached(self) -> "Screening":
        if self.pass_mark > self.n_trials:
            raise ValueError(f"pass_mark ({self.pass_mark}) is above n_trials ({self.n_trials}); nobody could pass")
        return self


class Instructions(Section):
    text: Text = Field(default=texts.INSTRUCTIONS, description="Shown before the first trial, in Markdown.")


class ReasonItem(Section):
    code: Code = Field(description="Short name stored with the answer: a-z, 0-9 and _.")
    label: ShortText = Field(description="What participants read.")
    needs_text: bool = Field(default=False, description="Whether choosing it asks for a few words.")


def _paper_reasons() -> list[ReasonItem]:
    return [ReasonItem(code=code, label=label) for code, label in PAPER_REASONS.items()]


class Reasons(Section):
    after: Literal["fake", "both", "never"] = Field(
        default="fake", description="After which answers the menu is shown."
    )
    mode: Literal["single", "multiple"] = Field(
        default="single", description="Whether one or several reasons can be chosen."
    )
    shuffle: bool = Field(default=False, description="Whether the order of the menu is drawn for each participant.")
    items: list[ReasonItem] = Field(
        default_factory=_paper_reasons,
        min_length=1,
        max_length=30,
        description="The menu; the default is the paper's six.",
    )

    @model_validator(mode="after")
    def _codes_differ(self) -> "Reasons":
        codes = [item.code for item in self.items]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"items: the code {', '.join(twice)} stands more than once; each reason needs its own")
        return self


class Task(Section):
    type: Literal["yes_no"] = Field(default="yes_no", description="yes_no: one sound, real or fake.")
    show_category: bool = Field(default=True, description="Whether the sound's category is named on the screen.")
    category_names: dict[Annotated[str, StringConstraints(min_length=1, max_length=100)], ShortText] = Field(
        default_factory=dict,
        description="Category as imported -> words that participants see; missing ones are made from its name.",
    )
    plays: int = Field(default=1, ge=1, le=10, description="How often each sound may be heard.")
    replays_after_fault: int = Field(
        default=1, ge=0, le=5, description="Plays granted beyond that when every play of a sound was interrupted."
    )
    confidence: Literal[False] = Field(
        default=False, description="Whether a confidence is asked for; only false is built."
    )
    reasons: Reasons = Field(default_factory=Reasons, description="The menu of reasons after an answer.")


class Order(Section):
    kind: Literal["random", "by_category"] = Field(
        default="random",
        description="random: all sounds mixed; by_category: one category after another, both drawn at random.",
    )
    max_same_label: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="At most so many real or fake sounds in a row; empty for no limit."
    )


class End(Section):
    completed: Text = Field(default=texts.END_COMPLETED, description="Shown after the last trial, in Markdown.")
    no_consent: Text = Field(default=texts.END_NO_CONSENT, description="Shown to those who do not agree.")
    failed_headphone: Text = Field(
        default=texts.END_FAILED_HEADPHONE, description="Shown to those whom the headphone test excludes."
    )
    other: Text = Field(default=texts.END_OTHER, description="Shown at every other outcome.")


class Recruitment(Section):
    quota: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Completed sessions after which the study admits nobody more; empty for no limit."
    )


class StudyConfig(Section):
    """A study, whole. Raises pydantic's ValidationError; studyapp.design.config_reading turns it into ConfigError."""

    slug: Slug = Field(description="The name in the study's address: a-z, 0-9, - and _, at most 80 characters.")
    title: ShortText = Field(description="The title that participants see.")
    stimulus_set: SetName = Field(description="Name of the stimulus set whose sounds are presented.")
    consent: Consent = Field(default_factory=Consent, description="The first page.")
    volume: Volume = Field(default_factory=Volume, description="The volume page.")
    screening: Screening = Field(default_factory=Screening, description="The headphone test.")
    instructions: Instructions = Field(default_factory=Instructions, description="The page before the first trial.")
    task: Task = Field(default_factory=Task, description="The trials.")
    order: Order = Field(default_factory=Order, description="The order of the sounds, drawn anew for each session.")
    end: End = Field(default_factory=End, description="The last page, by outcome.")
    recruitment: Recruitment = Field(default_factory=Recruitment, description="Who is admitted.")
