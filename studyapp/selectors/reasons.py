"""The reasons that listeners gave, and the menu they chose from."""

from dataclasses import dataclass

import pandas as pd

from studyapp.models import ChosenReason, Study, StudyVersion
from studyapp.selectors.analysis import analysed_sessions
from studyapp.vocab import PAPER_REASONS, Origin, TrialKind

CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class ReasonMenu:
    """The menu of a study: code -> words, in the order of the latest version that has each code."""

    labels: dict[str, str]
    mode: str
    after: str


def reason_menu(*, study: Study, codes_in_use: list[str]) -> ReasonMenu:
    """Return the menu of all launched versions together. Codes in use but in no menu stand last, with their code."""
    labels: dict[str, str] = {}
    mode, after = "single", "fake"
    for config in StudyVersion.objects.filter(study=study).order_by("number").values_list("config", flat=True):
        reasons = config.get("task", {}).get("reasons", {})
        mode, after = reasons.get("mode", mode), reasons.get("after", after)
        labels.update({item["code"]: item["label"] for item in reasons.get("items", [])})
    if not labels and after != "never":
        labels = dict(PAPER_REASONS)
    labels.update({code: code for code in codes_in_use if code not in labels})
    return ReasonMenu(labels=labels, mode=mode, after=after)


def reason_frame(*, study: Study, origin: Origin, include_incomplete: bool = False) -> pd.DataFrame:
    """Return one row per chosen reason of the analysed judgements: judgement, listener, truth, code. One query.

    `truth` is the label of the clip judged; `judgement` is the key of the answer, repeated where several reasons stand.
    """
    rows = (
        ChosenReason.objects.filter(
            response__trial__session__in=analysed_sessions(
                study=study, origin=origin, include_incomplete=include_incomplete
            ),
            response__trial__kind=TrialKind.MAIN.value,
            response__trial__presentations__interval=0,
        )
        .order_by()
        .values_list(
            "response_id",
            "response__trial__session__participant__pseudonym",
            "response__trial__presentations__frozen_stimulus__label",
            "code",
        )
    )
    return pd.DataFrame(rows.iterator(CHUNK), columns=["judgement", "listener", "truth", "code"])
