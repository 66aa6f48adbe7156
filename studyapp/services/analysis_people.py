"""What the analysis says of people: who took part, each listener, times, reliability; and of where sounds come from."""

from typing import Any

import pandas as pd

from studyapp.design.config_plan import AnalysisPlan
from studyapp.models import Study
from studyapp.selectors.analysis import analysed_sessions
from studyapp.selectors.analysis_plan import Rules, plan_in_force
from studyapp.services.analysis_generators import generator_results
from studyapp.services.analysis_listeners import listener_results
from studyapp.services.analysis_participants import participant_results
from studyapp.services.analysis_reliability import reliability_results
from studyapp.services.analysis_times import time_results
from studyapp.vocab import Origin


def people_results(*, study: Study, origin: Origin, rules: Rules, judgements: pd.DataFrame) -> dict[str, Any]:
    """Return these parts of the analysis by their keys."""
    frozen = plan_in_force(study, origin)
    plan = (frozen.plan if frozen else None) or AnalysisPlan()
    sessions = analysed_sessions(study=study, origin=origin, **rules.of_sessions)
    return {
        "participants": participant_results(study=study, sessions=sessions),
        "listeners": listener_results(judgements),
        **generator_results(study=study, frame=judgements),
        "times": time_results(judgements),
        "reliability": reliability_results(sessions=sessions, frame=judgements, seed=plan.seed),
    }
