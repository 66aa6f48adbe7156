"""The analysis plan of a study, fixed before its first answer. Pure."""

import hashlib
import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from studyapp.design.config_types import Section, Text


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"is no day of the calendar: {value}; write one as 2027-03-31") from None
    return value


DAY_PATTERN = r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
Day = Annotated[str, StringConstraints(pattern=DAY_PATTERN), AfterValidator(_day)]

HYPOTHESES = [
    "Generated sounds that the detector takes for recorded are called fake by listeners more often than not.",
    "Recorded sounds that the detector takes for generated are called real by listeners more often than not.",
]
PAIR_HYPOTHESES = ["Of two sounds of one category, listeners find the generated one more often than by guessing."]

Measure = Literal["fake_identified", "real_identified", "discrimination"]
MEASURES: list[Measure] = ["fake_identified", "real_identified"]


class AnalysisPlan(Section):
    hypotheses: list[Text] = Field(
        default_factory=lambda: list(HYPOTHESES), max_length=20, description="What is expected, one sentence each."
    )
    primary_measures: list[Measure] = Field(
        default_factory=lambda: list(MEASURES),
        min_length=1,
        max_length=3,
        description=(
            "What the primary test is about: the share of fakes called fake, that of reals called real, or how much "
            'more often "fake" is said of fakes than of reals (d\').'
        ),
    )
    primary_test: Literal["crossed_mixed_model", "quasi_t", "t_over_listeners"] = Field(
        default="crossed_mixed_model",
        description=(
            "crossed_mixed_model: logit, listeners and clips random, t with min(listeners, clips) - 1 df; quasi_t: "
            "two-way analysis of variance, complete designs only; t_over_listeners: speaks of these clips alone."
        ),
    )
    sides: Literal["two", "one"] = Field(default="two", description="Whether both directions are tested.")
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="Level of the primary tests together.")
    correction: Literal["holm", "none"] = Field(
        default="holm", description="Correction over the primary measures; exploratory results are named so."
    )
    margin: Annotated[float, Field(gt=0, lt=0.5)] | None = Field(
        default=0.1,
        description="Equivalence is tested against 50 % plus and minus this share when a test finds nothing; or empty.",
    )
    incomplete: Literal["leave_out", "include"] = Field(
        default="leave_out", description="What happens with sessions that were not completed."
    )
    label_in_doubt: Literal["include", "leave_out"] = Field(
        default="include", description="What happens with clips whose label somebody doubts."
    )
    flagged: Literal["include", "leave_out"] = Field(
        default="include",
        description=(
            "What happens with flagged sessions: those that failed a check whose action is flag. The results say what "
            "leaving them out changes."
        ),
    )
    exclusions: list[Text] = Field(
        default_factory=list,
        max_length=20,
        description=(
            "Rules by which sessions are excluded by hand, one sentence each. What the headphone test and the catch "
            "trials exclude follows from what failing them does."
        ),
    )
    stop_at_n: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Completed sessions at which data collection stops; empty where the rule is another."
    )
    stop_at: Day | None = Field(default=None, description="Last day of data collection, such as 2027-03-31; or empty.")
    stopping_rule: Text = Field(default="", description="The stopping rule in words, where there is more to say.")
    secondary: list[Text] = Field(
        default_factory=list, max_length=20, description="Secondary and exploratory analyses, one sentence each."
    )
    seed: int = Field(default=42, ge=0, le=2**31 - 1, description="Seed of every bootstrap and permutation.")


def plan_sha256(plan: dict[str, Any]) -> str:
    """Return the SHA-256, hex, of the plan as canonical JSON: keys sorted, no spaces, UTF-8.

    >>> plan_sha256({"b": 1, "a": 2}) == plan_sha256({"a": 2, "b": 1})
    True
    """
    canonical = json.dumps(plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
