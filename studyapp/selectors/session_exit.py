"""Where the button on the last page leads."""

import re
from typing import Any
from urllib.parse import quote

from studyapp.design.arrival import MTURK_HOSTS, MTURK_SUBMIT_TO
from studyapp.design.config import StudyConfig
from studyapp.models import RecruiterVisit, Session
from studyapp.vocab import Outcome

PROLIFIC_RETURN = "https://app.prolific.com/submissions/complete?cc={code}"


def exit_of(session: Session, config: StudyConfig) -> dict[str, Any] | None:
    """Return {url, method, fields} of the exit; None where the page is the end. One query."""
    visit = RecruiterVisit.objects.filter(session=session).first()
    parameters: dict[str, str] = visit.parameters if visit else {}
    code = session.completion_code
    return exit_for(config, Outcome(session.outcome), code=code, parameters=parameters)


def exit_for(config: StudyConfig, outcome: Outcome, *, code: str, parameters: dict[str, str]) -> dict[str, Any] | None:
    """Return the exit of an outcome for who came with these parameters of the link.

    The study's own address goes first. Else Prolific gets the code, and Mechanical Turk a form with the assignment.
    """
    url = address_template(config, outcome)
    if url is not None:
        values = parameters | {"code": code}
        filled = re.sub(r"\{([^{}]*)\}", lambda match: quote(values.get(match[1], ""), safe=""), url)
        return {"url": filled, "method": "GET", "fields": {}}
    assignment = parameters.get(config.recruitment.parameter("submission"), "")
    if config.recruitment.recruiter == "mturk" and assignment:
        host = parameters.get(MTURK_SUBMIT_TO, MTURK_HOSTS[0]).rstrip("/")
        fields = {"assignmentId": assignment, "outcome": outcome.value, "completion_code": code}
        return {"url": f"{host}/mturk/externalSubmit", "method": "POST", "fields": fields}
    return None


def address_template(config: StudyConfig, outcome: Outcome) -> str | None:
    """Return the exit's address with its placeholders; None without one."""
    given: str | None = getattr(config.end, outcome.value).url
    # Prolific knows only the codes that the study was given for it; a random one would be refused there.
    has_code = getattr(config.end, outcome.value).code is not None
    if given is None and config.recruitment.recruiter == "prolific" and has_code:
        return PROLIFIC_RETURN
    return given
