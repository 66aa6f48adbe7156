"""Questions that a study asks beside its trials: who may take part, what was understood, who took part. Pure."""

from typing import Literal

from pydantic import Field, model_validator

from studyapp.design.config_types import Code, Section, ShortText, Text, repeated


class Option(Section):
    value: Code = Field(description="Short name stored with the answer: a-z, 0-9 and _.")
    label: ShortText = Field(description="What participants read.")


class Question(Section):
    code: Code = Field(description="Short name stored with the answer: a-z, 0-9 and _.")
    text: ShortText = Field(description="The question.")
    kind: Literal["choice", "number", "text"] = Field(
        default="choice", description="choice: one of the options; number: a whole number; text: a few words."
    )
    options: list[Option] = Field(
        default_factory=list, max_length=30, description="What can be chosen; only for the kind choice."
    )
    required: bool = Field(default=False, description="Whether the page can only be left with an answer.")
    minimum: int = Field(default=0, ge=0, le=1_000_000, description="Least number that is taken.")
    maximum: int = Field(default=1_000_000, ge=0, le=1_000_000, description="Largest number that is taken.")

    @model_validator(mode="after")
    def _can_be_answered(self) -> "Question":
        if self.kind == "choice" and len(self.options) < 2:
            raise ValueError(f"{self.code}: a question of the kind choice needs at least two options")
        if self.kind != "choice" and self.options:
            raise ValueError(f"{self.code}: only a question of the kind choice has options")
        twice = repeated([option.value for option in self.options])
        if twice:
            raise ValueError(f"{self.code}: the option {twice} stands more than once")
        if self.minimum > self.maximum:
            raise ValueError(f"{self.code}: minimum ({self.minimum}) is above maximum ({self.maximum})")
        return self


class EligibilityQuestion(Question):
    required: bool = Field(default=True, description="Whether the page can only be left with an answer.")
    admit: list[Code] = Field(
        default_factory=list,
        description="Options that admit; any other one ends the session as ineligible. Empty: every answer admits.",
    )
    admit_from: int | None = Field(default=None, description="Least number that admits; empty for none.")
    admit_to: int | None = Field(default=None, description="Largest number that admits; empty for none.")

    @model_validator(mode="after")
    def _admits_what_can_be_answered(self) -> "EligibilityQuestion":
        unknown = sorted(set(self.admit) - {option.value for option in self.options})
        if unknown:
            raise ValueError(f"{self.code}: admit names {', '.join(unknown)}, which is no option of the question")
        if self.kind != "number" and not (self.admit_from is None and self.admit_to is None):
            raise ValueError(f"{self.code}: admit_from and admit_to are for questions of the kind number")
        low = self.minimum if self.admit_from is None else self.admit_from
        high = self.maximum if self.admit_to is None else self.admit_to
        if max(low, self.minimum) > min(high, self.maximum):
            raise ValueError(
                f"{self.code}: nobody would be admitted; some number from admit_from ({self.admit_from}) to admit_to "
                f"({self.admit_to}) must be an answer that is taken, from {self.minimum} to {self.maximum}"
            )
        return self


class ComprehensionQuestion(Question):
    required: bool = Field(default=True, description="Whether the page can only be left with an answer.")
    right: Code = Field(description="The right option.")

    @model_validator(mode="after")
    def _right_is_an_option(self) -> "ComprehensionQuestion":
        if self.right not in {option.value for option in self.options}:
            raise ValueError(f"{self.code}: right is {self.right!r}, which is no option of the question")
        return self


class Tick(Section):
    code: Code = Field(description="Short name stored with the consent: a-z, 0-9 and _.")
    label: Text = Field(description="What the participant agrees to with this tick.")
    required: bool = Field(default=True, description="Whether nobody can take part without it.")
