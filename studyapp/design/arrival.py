"""Read what a recruiter's link brings with it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from studyapp.design.config import StudyConfig

MAX_VALUE_LETTERS = 200
# What recruiters write into a link before they fill it in: {{%PROLIFIC_PID%}}, %SURVEY_CODE%, ${workerId}.
_UNFILLED = re.compile(r"\{\{.*\}\}|%[A-Za-z_]+%|\$\{.*\}")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

MTURK_SUBMIT_TO = "turkSubmitTo"
MTURK_HOSTS = ("https://www.mturk.com", "https://workersandbox.mturk.com")
MTURK_PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Who came, as the recruiter names them; empty where the link says nothing.

    Parameters
    ----------
    person, submission
        The recruiter's ids of the person and of this sitting.
    group
        The quota group; empty where the study has none, or not one of that name.
    parameters
        Every value that the study asks for, by its name in the link.
    """

    person: str = ""
    submission: str = ""
    group: str = ""
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def is_preview(self) -> bool:
        """Whether Mechanical Turk shows the page to somebody who has not accepted it."""
        return self.submission == MTURK_PREVIEW


def read_arrival(config: StudyConfig, given: Mapping[str, str]) -> Arrival:
    """Return what the link's parameters say. Unknown ones are left out; unfilled or unfit ones are missing."""
    names = config.recruitment.names
    wanted = list(names.values())
    if config.recruitment.recruiter == "mturk":
        wanted.append(MTURK_SUBMIT_TO)
    groups = config.recruitment.groups
    if groups.places:
        wanted.append(groups.parameter)
    parameters = {name: value for name in wanted if (value := clean_value(given.get(name, "")))}
    if parameters.get(MTURK_SUBMIT_TO, MTURK_HOSTS[0]).rstrip("/") not in MTURK_HOSTS:
        del parameters[MTURK_SUBMIT_TO]
    named = parameters.get(groups.parameter, "") if groups.places else ""
    return Arrival(
        group=named if named in groups.places else "",
        person=parameters.get(names.get("person", ""), ""),
        submission=parameters.get(names.get("submission", ""), ""),
        parameters=parameters,
    )


def clean_value(value: str) -> str:
    """Return a parameter's value without the space round it; empty for one that is no id.

    >>> clean_value(" 5f2a "), clean_value("{{%PROLIFIC_PID%}}"), clean_value("%SURVEY_CODE%"), clean_value("a" * 201)
    ('5f2a', '', '', '')
    """
    stripped = value.strip()
    unfit = len(stripped) > MAX_VALUE_LETTERS or _CONTROL.search(stripped) or _UNFILLED.fullmatch(stripped)
    return "" if unfit else stripped
