"""How many take part, of which groups, and until when, as a study's configuration has it. Pure."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from studyapp.design.config_types import Parameter, Section

# What the program itself looks for in a study's link.
RESERVED = ("pilot", "bot", "preview")

GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Places = Annotated[int, Field(ge=1, le=1_000_000)]
EXAMPLE = "2027-01-31T18:00+01:00"


def _quoted(value: Any) -> Any:
    if isinstance(value, date):  # what YAML makes of a time without quotes; a datetime is one too
        raise ValueError(f'must be text: put it in quotes, such as "{EXAMPLE}"')
    return value


def _moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f'is no time; write it as "{EXAMPLE}"') from None
    if moment.tzinfo is None:
        raise ValueError(f'has no time zone; write it as "{EXAMPLE}", or with Z at the end for UTC')
    return value


Moment = Annotated[str, BeforeValidator(_quoted), StringConstraints(strip_whitespace=True), AfterValidator(_moment)]


class Groups(Section):
    """Quota groups, told apart by a parameter of the link."""

    parameter: Parameter = Field(
        default="group", description="Name of the parameter in the link that says which group a participant is of."
    )
    places: dict[GroupName, Places] = Field(
        default_factory=dict,
        max_length=50,
        description=(
            "Places of each group: completed sessions and open ones of the group together never exceed them. Whoever "
            "comes when the group is full gets the exit “quota full”; a link without a known group starts nothing. "
            "Empty: no groups."
        ),
    )

    @model_validator(mode="after")
    def _parameter_is_free(self) -> "Groups":
        if self.parameter in RESERVED:
            raise ValueError(f"parameter: {self.parameter} has a meaning of its own in a link; choose another name")
        return self
