"""Why listeners answered as they did: counts, shares and intervals of the reasons."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from studyapp.models import Study
from studyapp.selectors.clip_sources import clip_sources
from studyapp.selectors.reasons import reason_frame, reason_menu
from studyapp.services.analysis_reason_tables import reason_tables
from studyapp.stats.reason_shares import reason_shares
from studyapp.vocab import Label, Origin

DENOMINATORS = {
    "fake": "judgements “fake” for which a reason was given",
    "both": "judgements for which a reason was given",
    "mixed": "judgements for which a reason was given (versions of the study ask after different answers)",
    "never": "the study asks for no reason",
}


def reason_results(*, study: Study, origin: Origin, judgements: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Return the shares of the reasons, with the denominator in words and how many asked judgements have none.

    And their tables by truth, category and generator, tested by permutations that `seed` draws.
    """
    chosen = reason_frame(study=study, origin=origin, judgements=judgements)
    menu = reason_menu(
        study=study, codes_in_use=sorted(chosen["code"].unique()), numbers=judgements["version"].unique().tolist()
    )
    listeners = sorted(judgements["listener"].unique())
    with_reason = chosen.groupby("listener", observed=True)["judgement"].nunique().to_dict()
    counts: dict[str, dict[str, int]] = {}
    sizes = chosen.groupby(["listener", "code"], observed=True).size().reset_index(name="n")
    for listener, code, n in sizes.itertuples(index=False, name=None):
        counts.setdefault(listener, {})[code] = int(n)
    shares = reason_shares(
        codes=list(menu.labels),
        counts_by_listener=counts,
        judgements_by_listener={listener: int(with_reason.get(listener, 0)) for listener in listeners},
        is_single_choice=menu.mode == "single",
    )
    generators = {clip: generator for clip, generator, *_ in clip_sources(study)}
    n_with_reason = int(chosen["judgement"].nunique())
    by_truth = chosen.groupby(["code", "truth"], observed=True).size().to_dict()
    return {
        "mode": menu.mode,
        "asked_after": menu.after,
        "denominator": DENOMINATORS[menu.after],
        "n_judgements": n_with_reason,
        "n_asked_without_reason": max(_n_asked(judgements, menu.after_by_version) - n_with_reason, 0),
        "n_listeners": sum(1 for listener in listeners if with_reason.get(listener)),
        "n_listeners_without": sum(1 for listener in listeners if not with_reason.get(listener)),
        "n_texts": int(chosen["has_text"].sum()),
        "shares": [
            {
                **asdict(share),
                "label": menu.labels[share.code],
                "n_on_fake": int(by_truth.get((share.code, Label.FAKE.value), 0)),
                "n_on_real": int(by_truth.get((share.code, Label.REAL.value), 0)),
            }
            for share in shares
        ],
        "tables": reason_tables(chosen=chosen, codes=list(menu.labels), generators=generators, seed=seed),
    }


def _n_asked(judgements: pd.DataFrame, after_by_version: Mapping[int, str]) -> int:
    """Count the judgements after which their own version asks for a reason."""
    after = judgements["version"].map(after_by_version)
    return int(((after == "both") | ((after == "fake") & judgements["said_fake"])).sum())
