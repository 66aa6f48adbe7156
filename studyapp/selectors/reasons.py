"""The reasons that listeners gave, and the menu they chose from."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from django.db.models import Case, F, Field, Q, QuerySet, When

from studyapp.models import ChosenReason, Study, StudyVersion
from studyapp.selectors.analysis import analysed_sessions, sessions_of
from studyapp.selectors.analysis_plan import Rules
from studyapp.vocab import PAPER_REASONS, Origin, TrialKind

CHUNK = 2000
REASON_COLUMNS = ["judgement", "listener", "clip", "truth", "category", "code", "has_text"]


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


def reason_frame(*, study: Study, origin: Origin, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return one row per chosen reason of the judgements (see judgement_frame), with REASON_COLUMNS.

    `judgement` is the key of the answer, repeated where several reasons stand; `truth` and `category` are those of the
    clip judged; `has_text` says whether something was written. One query.
    """
    chosen = ChosenReason.objects.filter(response__trial__session__in=sessions_of(study=study, origin=origin))
    # Of no kind of field in particular: else each number would go through a converter of its own.
    has_text = Case(When(text="", then=0), default=1, output_field=Field())
    rows = chosen.order_by().annotate(has_text=has_text).values_list("response_id", "code", "has_text")
    found = pd.DataFrame(rows.iterator(CHUNK), columns=["judgement", "code", "has_text"])
    found = found.astype({"code": "category", "has_text": bool})
    return judgements[["judgement", "listener", "clip", "truth", "category"]].merge(found, on="judgement")


def reason_texts(*, study: Study, origin: Origin, rules: Rules, words: str = "") -> QuerySet[ChosenReason]:
    """Return the reasons of the analysed judgements with which something was written, and with these words in it.

    `category`, `truth` and `listener` (the pseudonym) stand beside each. Not ordered.
    """
    sessions = analysed_sessions(study=study, origin=origin, **rules.of_sessions)
    presentation = "response__trial__presentations"
    chosen = ChosenReason.objects.filter(
        **{f"{presentation}__interval": 0, f"{presentation}__frozen_stimulus__isnull": False},
        response__trial__session__in=sessions,
        response__trial__kind=TrialKind.MAIN.value,
    ).exclude(Q(text="") | Q(response__choice=""))
    if rules.leave_out_in_doubt:
        chosen = chosen.filter(**{f"{presentation}__frozen_stimulus__stimulus__label_in_doubt": False})
    if words:
        chosen = chosen.filter(text__icontains=words)
    return chosen.annotate(
        category=F(f"{presentation}__frozen_stimulus__category"),
        truth=F(f"{presentation}__frozen_stimulus__label"),
        listener=F("response__trial__session__participant__pseudonym"),
    )
