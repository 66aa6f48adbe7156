"""The reasons that listeners gave, and the menu they chose from."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from studyapp.models import ChosenReason, Study, StudyVersion
from studyapp.selectors.analysis import analysed_sessions
from studyapp.vocab import PAPER_REASONS, Origin, TrialKind

CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class ReasonMenu:
    """What pooled versions of a study ask for.

    `labels`: code -> words, those of the latest version that has the code. `mode` is multiple as soon as one version
    allows several reasons. `after_by_version`: version number -> the answers that it asks after (fake, both, never).
    """

    labels: dict[str, str]
    mode: str
    after_by_version: dict[int, str]

    @property
    def after(self) -> str:
        """The rule of all versions that ask at all; mixed when they differ, never when none asks."""
        rules = set(self.after_by_version.values()) - {"never"}
        return "never" if not rules else "mixed" if len(rules) > 1 else rules.pop()


def reason_menu(*, study: Study, codes_in_use: list[str], numbers: Collection[int] = ()) -> ReasonMenu:
    """Return the menu of the versions of these numbers together, or of all launched ones where none is given.

    Codes in use but in no menu stand last, with their code.
    """
    labels: dict[str, str] = {}
    modes: set[str] = set()
    after_by_version: dict[int, str] = {}
    versions = StudyVersion.objects.filter(study=study).order_by("number")
    if numbers:
        versions = versions.filter(number__in=numbers)
    for number, config in versions.values_list("number", "config"):
        reasons = config.get("task", {}).get("reasons", {})
        modes.add(reasons.get("mode", "single"))
        after_by_version[number] = reasons.get("after", "fake")
        labels.update({item["code"]: item["label"] for item in reasons.get("items", [])})
    if not labels and set(after_by_version.values()) != {"never"}:
        labels = dict(PAPER_REASONS)
    labels.update({code: code for code in codes_in_use if code not in labels})
    mode = "multiple" if "multiple" in modes else "single"
    return ReasonMenu(labels=labels, mode=mode, after_by_version=after_by_version)


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
