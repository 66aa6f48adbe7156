"""Analyses that a worker computed and stored, as far as they are of the data as they are now."""

import json
from dataclasses import asdict
from typing import Any

from studyapp.models import StoredAnalysis, Study
from studyapp.selectors.analysis_data import data_fingerprint
from studyapp.selectors.analysis_plan import Rules
from studyapp.vocab import Origin


def stored_result(*, study: Study, origin: Origin, rules: Rules) -> dict[str, Any] | None:
    """Return the stored analysis by these rules; None where there is none, or the data have changed since."""
    found = StoredAnalysis.objects.filter(study=study, origin=origin.value, **asdict(rules)).exclude(result="").first()
    if found is None or found.fingerprint != data_fingerprint(study=study, origin=origin, rules=rules):
        return None
    return dict(json.loads(found.result))
