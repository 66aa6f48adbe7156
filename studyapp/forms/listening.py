"""How to begin a listening pass, and what its page sends."""

from typing import Annotated, Any, Literal

from django import forms
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from studyapp.errors import ChangeRefused
from studyapp.services.listening import MAX_SEED, MAX_TEXT

MAX_TAGS_SENT = 100
ORDERS = [("shuffled", "shuffled"), ("set", "the set's own order")]


class ListeningForm(forms.Form):
    """How to listen: blind or not, and in which order."""

    use_required_attribute = False

    is_blind = forms.BooleanField(
        label="Blind: hide label, name and generator, and let me guess",
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )
    order = forms.ChoiceField(label="Order", choices=ORDERS, widget=forms.Select({"class": "form-select"}))
    seed = forms.IntegerField(
        label="Seed of the shuffled order",
        help_text="The same seed and filter give the same order again. Empty: drawn at random.",
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        widget=forms.NumberInput({"class": "form-control", "aria-describedby": "help-seed"}),
    )


class ClipChanges(BaseModel):
    """What the page says of a clip; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tags: Annotated[list[str], Field(max_length=MAX_TAGS_SENT)] | None = None
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")] | None = None
    guess: Literal["real", "fake", ""] | None = None
    in_doubt: bool | None = None


def read_changes(body: bytes) -> dict[str, Any]:
    """Return the changes of a request's body. Raises ChangeRefused."""
    try:
        return ClipChanges.model_validate_json(body or b"{}").model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ChangeRefused(f"{where}: {first['msg']}" if where else first["msg"]) from None
