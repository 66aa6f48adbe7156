"""The trials of a study, as its configuration has them. Pure."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from studyapp.design import texts
from studyapp.design.config_types import Code, Section, ShortText, no_control_characters, repeated

ClipName = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(no_control_characters)]
CategoryName = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(no_control_characters)]


class ReasonItem(Section):
    code: Code = Field(description="Short name stored with the answer: a-z, 0-9 and _.")
    label: ShortText = Field(description="What participants read.")
    needs_text: bool = Field(default=False, description="Whether choosing it asks for a few words.")


class Reasons(Section):
    after: Literal["fake", "both", "never"] = Field(
        default="fake",
        description="After which answers the menu is shown. A rating of 4 or more counts as fake; a naturalness never.",
    )
    mode: Literal["single", "multiple"] = Field(
        default="single", description="Whether one or several reasons can be chosen."
    )
    shuffle: bool = Field(default=False, description="Whether the order of the menu is drawn for each participant.")
    items: list[ReasonItem] = Field(
        default_factory=lambda: [ReasonItem(code=code, label=label) for code, label in texts.REASONS.items()],
        min_length=1,
        max_length=30,
        description="The menu; the default is the paper's six.",
    )

    @model_validator(mode="after")
    def _codes_differ(self) -> "Reasons":
        twice = repeated([item.code for item in self.items])
        if twice:
            raise ValueError(f"items: the code {twice} stands more than once; each reason needs its own")
        return self


class Task(Section):
    type: Literal["yes_no", "rating", "naturalness", "two_interval"] = Field(
        default="yes_no",
        description=(
            "yes_no: one sound, real or fake; rating: one sound, from 1 (surely real) to 6 (surely fake); naturalness: "
            "one sound, from 1 (bad) to 5 (excellent); two_interval: two sounds of one category, which of them is fake."
        ),
    )
    show_category: bool = Field(default=True, description="Whether the sound's category is named on the screen.")
    category_names: dict[CategoryName, ShortText] = Field(
        default_factory=dict,
        description="Words that participants see for a category as imported; missing ones are made from its name.",
    )
    plays: int = Field(default=1, ge=1, le=10, description="How often each sound may be heard.")
    replays_after_fault: int = Field(
        default=1, ge=0, le=5, description="Plays granted beyond that when every play of a sound was interrupted."
    )
    confidence: bool = Field(
        default=False, description="Whether each answer is followed by how sure it is, from 1 (guessed) to 4 (certain)."
    )
    gap_ms: int = Field(default=500, ge=0, le=5000, description="Silence between the two sounds of a pair, ms.")
    max_skipped: int = Field(
        default=3,
        ge=0,
        le=1000,
        description="Sounds that may be skipped because the browser cannot play them; one more ends the session.",
    )
    reasons: Reasons = Field(default_factory=Reasons, description="The menu of reasons after an answer.")

    @property
    def names_labels(self) -> bool:
        """Whether each answer calls one sound real or fake, as the plan's measures and the power page need."""
        return self.type in ("yes_no", "rating")


class Attention(Section):
    clips: dict[ClipName, Literal["real", "fake"]] = Field(
        default_factory=dict,
        description=(
            "Catch trials: names of sounds in the study's set with an unmistakable answer, each with the right one. "
            "They are no main trials."
        ),
    )
    beeps: int = Field(
        default=0, ge=0, le=20, description="Catch trials with a built-in sound: how many beeps were heard?"
    )
    max_wrong: int = Field(default=1, ge=0, le=50, description="Wrong catch trials that are forgiven.")
    action: Literal["exclude", "flag", "record"] = Field(
        default="exclude",
        description="What one more does, in the words of screening.action: exclude ends the session there.",
    )


class Order(Section):
    kind: Literal["random", "by_category"] = Field(
        default="random",
        description="random: all sounds mixed; by_category: one category after another, both drawn at random.",
    )
    max_same_label: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="At most so many real or fake sounds in a row; empty for no limit."
    )
    n_stimuli: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None,
        description=(
            "Sounds that each participant hears, the least heard ones so far, real and fake in the set's proportion; "
            "empty for all."
        ),
    )
    n_repeats: int = Field(
        default=0, ge=0, le=1000, description="Sounds that are heard a second time, to see how reliable answers are."
    )
    block_size: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=50,
        description="Most trials between two breaks; the blocks are made as equal as can be. Empty for no break.",
    )
