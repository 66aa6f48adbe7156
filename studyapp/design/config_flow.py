"""The steps of a session round its trials, as a study's configuration has them. Pure."""

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from studyapp.design import texts
from studyapp.design.config_questions import ComprehensionQuestion, EligibilityQuestion, Question, Tick
from studyapp.design.config_types import Section, SetName, ShortText, Text, repeated
from studyapp.vocab import Outcome


def _codes_differ(questions: list[Any]) -> list[Any]:
    twice = repeated([question.code for question in questions])
    if twice:
        raise ValueError(f"the code {twice} stands more than once; each needs its own")
    return questions


class Device(Section):
    allow: Literal["desktop", "any"] = Field(
        default="desktop",
        description="desktop: computers only, since phones and tablets change levels on their own; any: every device.",
    )


class Consent(Section):
    text: Text = Field(default=texts.CONSENT, description="What participants agree to, in Markdown.")
    ticks: list[Tick] = Field(
        default_factory=lambda: [Tick(**tick) for tick in texts.TICKS],
        max_length=20,
        description="Boxes to tick one by one below the text; empty for none.",
    )
    agree_label: ShortText = Field(default=texts.AGREE, description="Label of the button that agrees.")
    decline_label: ShortText = Field(default=texts.DECLINE, description="Label of the button that declines.")
    on_withdrawal: Literal["erase", "keep"] = Field(
        default="erase",
        description=(
            "What becomes of the answers of somebody who withdraws: erase deletes them and keeps a row that says so; "
            "keep leaves them out of analyses. Say in the text which it is."
        ),
    )

    _differ = field_validator("ticks")(_codes_differ)


class Eligibility(Section):
    questions: list[EligibilityQuestion] = Field(
        default_factory=lambda: [EligibilityQuestion(**question) for question in texts.ELIGIBILITY],
        max_length=20,
        description="Questions that decide who may take part; empty for none.",
    )

    _differ = field_validator("questions")(_codes_differ)


class Volume(Section):
    enabled: bool = Field(
        default=True, description="Whether participants set their volume to a looped noise at the clips' level first."
    )


class Channels(Section):
    enabled: bool = Field(
        default=True,
        description="Whether a sound left, right and in both ears is asked for: finds mono and swapped headphones.",
    )
    attempts: int = Field(default=2, ge=1, le=5, description="How often a participant may try.")
    action: Literal["exclude", "flag", "record"] = Field(
        default="exclude",
        description=(
            "What mono or unclear answers do after the last attempt, in the words of screening.action. Swapped "
            "headphones are only warned of."
        ),
    )


class Screening(Section):
    test: Literal["none", "huggins", "antiphase", "beat", "huggins+antiphase", "huggins+beat"] = Field(
        default="huggins",
        description=(
            "Headphone test: huggins (Milne et al. 2021: which noise holds a tone), antiphase (Woods et al. 2017: "
            "which tone is quietest), beat (which sound is smoothest), two one after the other, or none. The paper "
            "names none."
        ),
    )
    n_trials: int = Field(default=6, ge=1, le=24, description="Trials of one attempt at one test.")
    pass_mark: int | None = Field(
        default=None,
        ge=1,
        le=24,
        description=(
            "Right answers needed to pass, at most the number of trials; empty for the published ones: all of Huggins "
            "pitch and beat, five in six of antiphase."
        ),
    )
    attempts: int = Field(default=2, ge=1, le=5, description="How often a participant may try each test.")
    action: Literal["exclude", "flag", "record"] = Field(
        default="exclude",
        description=(
            "What failing does: exclude ends the session and leaves it out; flag goes on and marks the session, for "
            "analyses with and without it (analysis.flagged); record goes on and only stores the answers."
        ),
    )

    @property
    def tests(self) -> list[str]:
        """The tests in their order; empty for none."""
        return [] if self.test == "none" else self.test.split("+")

    @model_validator(mode="after")
    def _pass_mark_can_be_reached(self) -> "Screening":
        if self.pass_mark is not None and self.pass_mark > self.n_trials:
            raise ValueError(f"pass_mark ({self.pass_mark}) is above n_trials ({self.n_trials}); nobody could pass")
        return self


class Instructions(Section):
    text: Text = Field(default=texts.INSTRUCTIONS, description="Shown before the first trial, in Markdown.")
    questions: list[ComprehensionQuestion] = Field(
        default_factory=lambda: [ComprehensionQuestion(**question) for question in texts.COMPREHENSION],
        max_length=10,
        description=(
            "Comprehension check below the text: it is asked until all answers are right, and every try is stored; "
            "empty for none."
        ),
    )

    _differ = field_validator("questions")(_codes_differ)


class Practice(Section):
    stimulus_set: SetName | None = Field(
        default=None,
        description="Set whose sounds are practised on, none of them in the study's own set; empty for no practice.",
    )
    n_trials: int = Field(
        default=4, ge=1, le=50, description="Practice trials; half of them fake where the set has enough of both."
    )
    feedback: bool = Field(default=True, description="Whether the truth is told after each practice answer.")


class Questions(Section):
    questions: list[Question] = Field(
        default_factory=lambda: [Question(**question) for question in texts.QUESTIONS],
        max_length=50,
        description=(
            "Asked after the last trial; empty for none. The answer to `age` is exported in bands, `gender` only where "
            "at least five gave the same."
        ),
    )

    _differ = field_validator("questions")(_codes_differ)


class Debrief(Section):
    text: Text = Field(default=texts.DEBRIEF, description="Shown with the end of a completed session, in Markdown.")
    reveal: Literal["nothing", "score", "truth"] = Field(
        default="nothing",
        description="nothing; score: how many answers were right; truth: also what each sound was, beside the answer.",
    )


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Exit(Section):
    text: Text = Field(default="", description="Shown on the end page, in Markdown.")
    code: ShortText | None = Field(
        default=None,
        description="Code for the recruiter; empty: none (a completed session gets one of its own).",
    )
    url: ShortText | None = Field(
        default=None,
        description=(
            "Where a button on the end page leads, http or https. {code} stands for the code, {NAME} for a parameter "
            "that came with the link."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _plain_text(cls, value: Any) -> Any:
        """Take a text for an exit that has nothing else."""
        return {"text": value} if isinstance(value, str) else value

    @field_validator("url")
    @classmethod
    def _leads_to_a_page(cls, url: str | None) -> str | None:
        if url is not None and not re.match(r"https?://[^\s{}/]+", url):
            raise ValueError("must start with https:// (or http://) and a host that holds no placeholder")
        return url

    @property
    def placeholders(self) -> list[str]:
        """The names in braces in the address."""
        return _PLACEHOLDER.findall(self.url or "")


def _exit(outcome: Outcome, meaning: str) -> Any:
    return Field(default_factory=lambda: Exit(text=texts.END[outcome.value]), description=meaning)


class End(Section):
    """An exit for every outcome."""

    completed: Exit = _exit(Outcome.COMPLETED, "After the last page.")
    no_consent: Exit = _exit(Outcome.NO_CONSENT, "For those who do not agree.")
    ineligible: Exit = _exit(Outcome.INELIGIBLE, "For those whom the eligibility questions do not admit.")
    device_unsuitable: Exit = _exit(Outcome.DEVICE_UNSUITABLE, "For browsers and devices that the study cannot use.")
    failed_headphone: Exit = _exit(Outcome.FAILED_HEADPHONE, "For those whom the headphone test excludes.")
    failed_attention: Exit = _exit(Outcome.FAILED_ATTENTION, "For those whom the attention rule excludes.")
    quota_full: Exit = _exit(Outcome.QUOTA_FULL, "When no place is left.")
    duplicate: Exit = _exit(Outcome.DUPLICATE, "For those who took part before.")
    timed_out: Exit = _exit(Outcome.TIMED_OUT, "For sessions that took too long.")
    withdrawn: Exit = _exit(Outcome.WITHDRAWN, "For those who withdraw.")
    technical_error: Exit = _exit(Outcome.TECHNICAL_ERROR, "When too many sounds could not be played.")
