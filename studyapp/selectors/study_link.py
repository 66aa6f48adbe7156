"""A study's link as a recruiter takes it: what it must hold, what was captured of one, and where each end leads."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from studyapp.design.arrival import Arrival, read_arrival
from studyapp.design.config import StudyConfig
from studyapp.design.config_flow import End
from studyapp.selectors.session_exit import exit_for
from studyapp.vocab import Outcome

# What a recruiter puts in the place of each id, by recruiter and what the id is of.
FILLED_BY = {
    "prolific": {"person": "{{%PROLIFIC_PID%}}", "study": "{{%STUDY_ID%}}", "submission": "{{%SESSION_ID%}}"},
    "sona": {"person": "%SURVEY_CODE%"},
    "mturk": {},  # it adds its own parameters
    "link": {},  # one link for everybody
}
# A plain link that tells people apart: {{ID}} is replaced by hand, for each person, and counts as missing until then.
PERSONAL = {"person": "{{ID}}"}
MEANINGS = {"person": "the person", "submission": "this sitting", "study": "the study at the recruiter"}


@dataclass(frozen=True, kw_only=True)
class Captured:
    """What a link would bring: (meaning, parameter, value) of each id, and what is left out of it."""

    rows: list[tuple[str, str, str]]
    ignored: list[str]
    is_preview: bool


@dataclass(frozen=True, kw_only=True)
class ExitRow:
    """Where an outcome leads, with example values."""

    outcome: str
    code: str
    has_text: bool
    method: str
    url: str
    fields: dict[str, str] = field(default_factory=dict)


def recruiter_link(config: StudyConfig, address: str, *, group: str = "", pilot: str = "") -> str:
    """Return the link to paste at the recruiter, its ids as the recruiter fills them in.

    group: one of recruitment.groups; pilot: the token of the pilot link. Empty: left out.
    """
    return _link(config, address, FILLED_BY[config.recruitment.recruiter], group=group, pilot=pilot)


def personal_link(config: StudyConfig, address: str, *, group: str = "", pilot: str = "") -> str:
    """Return the plain link with a place for an id of each person's own; empty where a recruiter fills in ids."""
    if config.recruitment.recruiter != "link":
        return ""
    return _link(config, address, PERSONAL, group=group, pilot=pilot)


def _link(config: StudyConfig, address: str, filled: dict[str, str], *, group: str, pilot: str) -> str:
    names = config.recruitment.names
    pairs = [f"{names[what]}={filled[what]}" for what in ("person", "study", "submission") if what in filled]
    if group:
        pairs.append(f"{config.recruitment.groups.parameter}={group}")
    if pilot:
        pairs.append(f"pilot={pilot}")
    return f"{address}?{'&'.join(pairs)}" if pairs else address


def link_problem(url: str, address: str) -> str:
    """Return in words why a link does not lead to the study's first page, whose address is given; empty: it does."""
    try:
        given, right = urlsplit(url.strip()), urlsplit(address)
        port = given.port  # raises ValueError where it is no number
    except ValueError:
        return "This is no web address: look at its brackets and its port."
    if given.scheme not in ("http", "https") or not given.hostname:
        return f"This is no web address: it must begin with {address}"
    if (given.hostname, port) != (right.hostname, right.port):
        return f"This leads to another site, {given.netloc}: the link must begin with {address}"
    if given.path.rstrip("/") != right.path.rstrip("/"):
        return f"This leads to another page, {given.path or '/'}: the link must begin with {address}"
    return ""


def capture(config: StudyConfig, url: str) -> Captured:
    """Return what a link that somebody came by would store."""
    given = dict(parse_qsl(urlsplit(url.strip()).query, keep_blank_values=True))
    arrival = read_arrival(config, given)
    names = config.recruitment.names
    rows = [(MEANINGS[what], name, arrival.parameters.get(name, "")) for what, name in names.items()]
    if config.recruitment.groups.places:
        rows.append(("the group", config.recruitment.groups.parameter, arrival.group))
    known = set(arrival.parameters) | {name for _, name, _ in rows}
    return Captured(rows=rows, ignored=sorted(set(given) - known), is_preview=arrival.is_preview)


def exit_rows(config: StudyConfig) -> list[ExitRow]:
    """Return where each outcome leads somebody whose ids are EXAMPLE-person and the like."""
    example = {name: f"EXAMPLE-{what}" for what, name in config.recruitment.names.items()}
    return [_exit_row(config, outcome, Arrival(parameters=example)) for outcome in map(Outcome, End.model_fields)]


def _exit_row(config: StudyConfig, outcome: Outcome, arrival: Arrival) -> ExitRow:
    given = getattr(config.end, outcome.value)
    code = given.code or ("a random one" if outcome is Outcome.COMPLETED else "")
    shown = given.code or ("RANDOM" if outcome is Outcome.COMPLETED else "")
    found = exit_for(config, outcome, code=shown, parameters=arrival.parameters) or {}
    return ExitRow(
        outcome=outcome.value.replace("_", " "),
        code=code,
        has_text=bool(given.text.strip()),
        method=found.get("method", ""),
        url=found.get("url", ""),
        fields=found.get("fields", {}),
    )
