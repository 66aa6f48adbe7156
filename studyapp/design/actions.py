"""The bodies of a participant's actions, as docs/participant_protocol.md lists them. Pure.

The client is not trusted: unknown fields, wrong types, NaN, infinities, and text that no database holds are refused.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from studyapp.errors import InvalidAction

MAX_BODY_BYTES = 16 * 1024
MAX_MS = 86_400_000.0  # a day


def _storable(value: str) -> str:
    if "\x00" in value or any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise ValueError("holds a character that cannot be stored")
    return value


Str = Annotated[str, AfterValidator(_storable)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Name = Annotated[Str, StringConstraints(max_length=40)]
Position = Annotated[int, Field(ge=0, le=1_000_000)]
Milliseconds = Annotated[float, Field(ge=-MAX_MS, le=MAX_MS, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
Flat = (
    Annotated[Str, StringConstraints(max_length=500)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | bool
    | Whole
    | None
)


class Action(BaseModel):
    """What every action holds: `key`, made by the client, the same when it sends the same action again."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    key: Key


class DeviceAction(Action):
    kind: Literal["desktop", "tablet", "phone"]
    audio: bool


class ConsentAction(Action):
    agree: bool
    ticks: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list)


class AnswersAction(Action):
    """Answers to the questions of a step, by their codes."""

    answers: Annotated[dict[Name, Annotated[Str, StringConstraints(max_length=2000)]], Field(max_length=60)] = Field(
        default_factory=dict
    )


class EligibilityAction(AnswersAction):
    pass


class VolumeAction(Action):
    pass


class ScreeningPlayAction(Action):
    position: Position


class ScreeningAnswerAction(Action):
    position: Position
    answer: Annotated[int, Field(ge=1, le=3)]
    rt_from_offset_ms: Milliseconds | None = None


class UnplayableAction(Action):
    """The sound of the volume step or of a headphone test cannot be played here, after several tries."""

    problem: Literal["fetch", "decode"]


class InstructionsAction(AnswersAction):
    pass


class PlayAction(Action):
    position: Position


class PlayedAction(Action):
    position: Position
    heard_ms: Annotated[float, Field(ge=0, le=MAX_MS, allow_inf_nan=False)] | None = None
    output_latency_ms: Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)] | None = None


class AnswerAction(Action):
    position: Position
    choice: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,10}$")]
    rt_from_onset_ms: Milliseconds | None = None
    rt_from_offset_ms: Milliseconds | None = None
    confidence: Annotated[int, Field(ge=1, le=4)] | None = None
    source: Literal["button", "keyboard", "bot"]


class ReasonAction(Action):
    position: Position
    codes: Annotated[list[Name], Field(min_length=1, max_length=30)]
    text: Annotated[Str, StringConstraints(max_length=2000)] = ""
    rt_ms: Milliseconds | None = None


class SkipAction(Action):
    position: Position
    problem: Literal["fetch", "decode"]


class ContinueAction(Action):
    position: Position


class QuestionsAction(AnswersAction):
    pass


class WithdrawAction(Action):
    pass


class EventAction(Action):
    event: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,40}$")]
    data: Annotated[dict[Annotated[Str, StringConstraints(max_length=40)], Flat], Field(max_length=20)] = Field(
        default_factory=dict
    )


ACTIONS: dict[str, type[Action]] = {
    "device": DeviceAction,
    "consent": ConsentAction,
    "eligibility": EligibilityAction,
    "volume": VolumeAction,
    "screening-play": ScreeningPlayAction,
    "screening-answer": ScreeningAnswerAction,
    "unplayable": UnplayableAction,
    "instructions": InstructionsAction,
    "play": PlayAction,
    "played": PlayedAction,
    "answer": AnswerAction,
    "reason": ReasonAction,
    "skip": SkipAction,
    "continue": ContinueAction,
    "questions": QuestionsAction,
    "withdraw": WithdrawAction,
    "event": EventAction,
}


def read_action(name: str, body: bytes) -> Action:
    """Return the checked action.

    Parameters
    ----------
    name
        One of ACTIONS.
    body
        The request's body: a JSON object in UTF-8, at most MAX_BODY_BYTES.

    Raises
    ------
    InvalidAction
        Naming the first thing that is wrong.
    """
    if len(body) > MAX_BODY_BYTES:
        raise InvalidAction(f"the body has more than {MAX_BODY_BYTES} bytes")
    try:
        loaded: JsonValue = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise InvalidAction("the body is not JSON") from None
    if not isinstance(loaded, dict):
        raise InvalidAction("the body is not a JSON object")
    try:
        return ACTIONS[name].model_validate(loaded)
    except ValidationError as error:
        first: Any = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"][:2])
        raise InvalidAction(f"{place.encode('ascii', 'replace').decode()[:80]}: {first['msg']}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
