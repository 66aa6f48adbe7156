"""The kinds of values that a study's configuration is made of. Pure."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def no_control_characters(value: str) -> str:
    """Return the text. Raises ValueError for one that a page or a database cannot hold."""
    if _CONTROL.search(value):
        raise ValueError("holds a control character; remove it")
    return value


def _not_an_address(value: str) -> str:
    if value == "new":
        raise ValueError("'new' is the address of the page that makes a study; choose another name")
    return value


Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(no_control_characters)]
ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(no_control_characters)
]
SLUG, SET_NAME = r"^[a-z0-9][a-z0-9_-]{0,79}$", r"^[A-Za-z0-9_-]{1,80}$"
CODE, PARAMETER = r"^[a-z0-9_]{1,40}$", r"^[A-Za-z0-9_.-]{1,60}$"
Slug = Annotated[str, StringConstraints(pattern=SLUG), AfterValidator(_not_an_address)]
SetName = Annotated[str, StringConstraints(pattern=SET_NAME)]
Code = Annotated[str, StringConstraints(pattern=CODE)]
Parameter = Annotated[str, StringConstraints(pattern=PARAMETER)]
# What a pattern takes, for people.
PATTERN_WORDS = {
    SLUG: "a-z, 0-9, - and _, beginning with a letter or digit, at most 80 characters",
    SET_NAME: "the name of a stimulus set: letters, digits, - and _, at most 80 characters",
    CODE: "a-z, 0-9 and _, at most 40 characters",
    PARAMETER: "letters, digits, _, . and -, at most 60 characters",
}


class Section(BaseModel):
    """A part of the configuration: unknown keys and values of the wrong type are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object, info: ValidationInfo) -> object:
        """Take an empty text for nothing where a setting may be empty: a field that was emptied can say no more."""
        is_optional = cls.model_fields[info.field_name or ""].default is None
        return None if is_optional and isinstance(value, str) and not value.strip() else value


def repeated(codes: list[str]) -> str:
    """Return the codes that stand more than once, joined by commas; empty when all differ."""
    return ", ".join(sorted({code for code in codes if codes.count(code) > 1}))
