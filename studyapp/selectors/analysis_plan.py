"""Read the analysis plans that a study's versions froze, and what became of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max

from studyapp.design.config_plan import AnalysisPlan, plan_sha256
from studyapp.models import Exclusion, Session, Study, StudyVersion
from studyapp.vocab import ExclusionReason, Origin, Outcome, StudyState

MEASURE_WORDS = {
    "fake_identified": "the share of fakes recognised",
    "real_identified": "the share of real sounds recognised",
    "discrimination": "telling fake from real",
}


@dataclass(frozen=True, kw_only=True)
class FrozenPlan:
    """A version's plan. Both are None for a version that was launched before there were plans."""

    version: StudyVersion
    plan: AnalysisPlan | None
    sha256: str | None


def plan_of(version: StudyVersion) -> FrozenPlan:
    """Return the plan that the version froze at its launch."""
    given = version.config.get("analysis")
    if given is None:
        return FrozenPlan(version=version, plan=None, sha256=None)
    return FrozenPlan(version=version, plan=AnalysisPlan.model_validate(given), sha256=plan_sha256(given))


def frozen_plans(study: Study) -> list[FrozenPlan]:
    """Return the plan of each version, the latest first. One query."""
    return [plan_of(version) for version in study.versions.order_by("-number")]


def plan_in_force(study: Study, origin: Origin) -> FrozenPlan | None:
    """Return the plan of the first version that answers of the origin were given to, else of the latest; or None.

    The first, since a plan that came after the first answer is no plan.
    """
    with_answers = study.versions.filter(sessions__origin=origin.value).order_by("number").first()
    version = with_answers or study.versions.order_by("-number").first()
    return plan_of(version) if version else None


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which answers an analysis takes in."""

    include_incomplete: bool
    leave_out_in_doubt: bool
    include_excluded: bool = False  # no plan has it: it is there to see what the exclusions change
    leave_out_flagged: bool = False

    @property
    def of_sessions(self) -> dict[str, bool]:
        """What they say of sessions, as analysed_sessions takes it."""
        return {name: value for name, value in asdict(self).items() if name != "leave_out_in_doubt"}


def planned_rules(frozen: FrozenPlan | None) -> Rules:
    """Return the plan's own rules, or, without a plan, those of a plan that says nothing."""
    plan = (frozen.plan if frozen else None) or AnalysisPlan()
    return Rules(
        include_incomplete=plan.incomplete == "include",
        leave_out_in_doubt=plan.label_in_doubt == "leave_out",
        leave_out_flagged=plan.flagged == "leave_out",
    )


def deviations(*, study: Study, origin: Origin, rules: Rules, other_tests: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return how the answers and their analysis differ from the plan, as (code, words); empty where they do not.

    `other_tests` are the primary measures whose planned test could not be made and whose headline is another one. Only
    of data: pilots, previews and simulated participants are bound by no plan.
    """
    frozen = plan_in_force(study, origin)
    if origin not in (Origin.LIVE, Origin.IMPORTED) or frozen is None:
        return []
    if frozen.plan is None:
        return [_deviation("no_plan", f"Version {frozen.version.number} was launched without an analysis plan.")]
    found = _changed_plans(study, origin, frozen) + _other_rules(frozen, rules)
    if other_tests:
        names = " and ".join(MEASURE_WORDS[measure] for measure in other_tests)
        found.append(_deviation("other_test", f"The planned test could not be made of {names}; another one stands in."))
    found += _by_hand(study, origin, frozen.plan)
    return found + _stopping(study, origin, frozen.plan)


def _deviation(code: str, words: str) -> dict[str, str]:
    return {"code": code, "words": words}


def _changed_plans(study: Study, origin: Origin, frozen: FrozenPlan) -> list[dict[str, str]]:
    versions = study.versions.filter(sessions__origin=origin.value).distinct().order_by("number")
    changed = [plan_of(version) for version in versions if version.pk != frozen.version.pk]
    return [
        _deviation(
            "plan_changed",
            f"Version {each.version.number}, launched {_day(each.version.launched_at)}, has another plan than version "
            f"{frozen.version.number}, to which answers had been given; the earlier one counts.",
        )
        for each in changed
        if each.plan != frozen.plan  # and not their hashes: a plan of before lacks settings that came later
    ]


def _other_rules(frozen: FrozenPlan, rules: Rules) -> list[dict[str, str]]:
    planned, found = planned_rules(frozen), []
    if rules.include_incomplete != planned.include_incomplete:
        words = "are in this analysis" if rules.include_incomplete else "are left out of this analysis"
        found.append(_deviation("incomplete", f"Sessions that were not completed {words}; the plan says otherwise."))
    if rules.leave_out_in_doubt != planned.leave_out_in_doubt:
        words = "are left out of this analysis" if rules.leave_out_in_doubt else "are in this analysis"
        found.append(_deviation("label_in_doubt", f"Clips whose label is in doubt {words}; the plan says otherwise."))
    if rules.leave_out_flagged != planned.leave_out_flagged:
        words = "are left out of this analysis" if rules.leave_out_flagged else "are in this analysis"
        found.append(_deviation("flagged", f"Flagged sessions {words}; the plan says otherwise."))
    if rules.include_excluded:
        found.append(_deviation("excluded_kept", "Excluded sessions are in this analysis; by the plan they are not."))
    return found


def _by_hand(study: Study, origin: Origin, plan: AnalysisPlan) -> list[dict[str, str]]:
    n = (
        Exclusion.objects.filter(
            session__version__study=study, session__origin=origin.value, reason=ExclusionReason.MANUAL.value
        )
        .values("session")
        .distinct()
        .count()
    )
    if not n:
        return []
    sessions = "1 session was" if n == 1 else f"{n} sessions were"
    rule = f"The plan's rules are: {' '.join(plan.exclusions)}" if plan.exclusions else "The plan has no rule for it."
    return [_deviation("excluded_by_hand", f"{sessions} excluded by hand. {rule}")]


def _stopping(study: Study, origin: Origin, plan: AnalysisPlan) -> list[dict[str, str]]:
    sessions = Session.objects.filter(version__study=study, origin=origin.value)
    completed = sessions.filter(outcome=Outcome.COMPLETED.value).aggregate(n=Count("pk"), last=Max("started_at"))
    n, last, found = completed["n"], completed["last"], []
    if plan.stop_at_n is not None and n > plan.stop_at_n:
        found.append(_deviation("too_many", f"{n} sessions were completed; the plan stops at {plan.stop_at_n}."))
    if plan.stop_at_n is not None and n < plan.stop_at_n and study.state == StudyState.CLOSED.value:
        found.append(
            _deviation(
                "stopped_early", f"The study is closed with {n} completed sessions; the plan has {plan.stop_at_n}."
            )
        )
    if plan.stop_at is not None and last is not None and last.date() > date.fromisoformat(plan.stop_at):
        found.append(_deviation("too_late", f"A session began on {_day(last)}; the plan's last day is {plan.stop_at}."))
    return found


def _day(at: datetime) -> str:
    return at.date().isoformat()


def plan_summary(study: Study, origin: Origin) -> dict[str, Any] | None:
    """Return what an analysis says of the plan in force: version, hash, time of its freezing, and the plan itself."""
    frozen = plan_in_force(study, origin)
    if frozen is None or frozen.plan is None:
        return None
    return {
        "version": frozen.version.number,
        "sha256": frozen.sha256,
        "frozen_at": frozen.version.launched_at.isoformat(),
        "primary_test": frozen.plan.primary_test,
        "primary_measures": list(frozen.plan.primary_measures),
        "seed": frozen.plan.seed,
    }


def planned_seed(frozen: FrozenPlan | None) -> int:
    """Return the plan's seed, or, without a plan, that of a plan that says nothing."""
    return ((frozen.plan if frozen else None) or AnalysisPlan()).seed
