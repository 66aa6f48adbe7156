"""Which switches of the results change anything, so that a page offers no other."""

from studyapp.models import Exclusion, FrozenStimulus, Study
from studyapp.selectors.analysis import analysed_sessions
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.flags import is_flagged
from studyapp.selectors.judgement_stream import answered_trials
from studyapp.vocab import Origin, Outcome, TrialKind


def switches_that_change(*, study: Study, origin: Origin, rules: Rules) -> dict[str, bool]:
    """Say of each switch whether answers hang on it, the others being as the rules have them. Four queries."""
    sessions, with_incomplete, with_excluded, with_flagged = (
        analysed_sessions(study=study, origin=origin, **rules.of_sessions | more)
        for more in ({}, {"include_incomplete": True}, {"include_excluded": True}, {"leave_out_flagged": False})
    )
    flagged = with_flagged.alias(is_flagged=is_flagged()).filter(is_flagged=True)
    heard, heard_by_flagged = (
        answered_trials(each).filter(trial__kind=TrialKind.MAIN.value).exclude(trial__response__choice="")
        for each in (sessions, flagged)
    )
    # As a list of its own, which is short: with a join every answer would be looked at where no label is in doubt.
    in_doubt = FrozenStimulus.objects.filter(version__study=study, stimulus__label_in_doubt=True)
    return {
        "incomplete": with_incomplete.exclude(outcome=Outcome.COMPLETED.value).exists(),
        "in_doubt": heard.filter(frozen_stimulus__in=in_doubt).exists(),
        "excluded": Exclusion.objects.filter(session__in=with_excluded).exists(),
        "flagged": heard_by_flagged.exists(),
    }
