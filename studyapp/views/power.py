"""How many listeners and clips a study needs: with a study, from its pilot; without one, from assumptions."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.design.config_reading import read_config
from studyapp.errors import ConfigError
from studyapp.forms.power import PowerForm
from studyapp.models import StoredAnalysis, Study
from studyapp.reports.computed_page import job_context
from studyapp.reports.numbers import counted
from studyapp.reports.power_page import power_context, read_question
from studyapp.selectors.analysis import origins_with_sessions
from studyapp.selectors.stimulus_sets import count_labels
from studyapp.services.audit import record_audit
from studyapp.services.stored_analyses import spread_of
from studyapp.stats.crossed_components import ContrastComponents, LatentSpread, latent_contrast
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import ORIGIN_WORDS, Label, Origin, Right

SOURCES = (Origin.PILOT, Origin.LIVE, Origin.IMPORTED)  # bots and previews say nothing of people

TOO_FEW = "These sessions cannot tell the spread yet: {}."
AWAITED = "A worker is computing the spread of these answers."
OTHER_TASKS = {
    "two_interval": (
        "These numbers are for sounds heard one at a time and called real or fake. This study asks for pairs, of which "
        "the share is tested over listeners, and from the same d′ another share follows: Φ(d′ / √2)."
    ),
    "naturalness": (
        "These numbers are for sounds called real or fake. This study asks for naturalness, of which nothing is tested."
    ),
}
INSTEAD = "The numbers below are used instead."


class Found(NamedTuple):
    """The components to go by, why a pilot could not give them (in words), and the stored ones, where they are."""

    components: ContrastComponents
    problem: str = ""
    row: StoredAnalysis | None = None


@login_required
@require_safe
def power(request: SignedInRequest) -> HttpResponse:
    """Show the page without a study."""
    return render(request, "experimenter/power.html", _context(request.GET, {}, None))


@login_required
@require_safe
def study_power(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the page for a study: its clips to begin with, and its pilot's spread where there is one."""
    study = study_or_404(request.user, slug, Right.EDIT)
    counts = count_labels(study.stimulus_set)
    start = {"n_fake": max(counts[Label.FAKE], 2), "n_real": max(counts[Label.REAL], 2)} if sum(counts.values()) else {}
    context = _context(request.GET, start, study) | {"other_task": _other_task(study)}
    if context["spread_from"]:
        record_audit(
            actor=request.user,
            action="see_spread",
            object_type="study",
            object_id=study.slug,
            detail={"origin": context["spread_from"]},
        )
    return render(request, "experimenter/study_power.html", context | {"study": study, "tab": "power"})


def _other_task(study: Study) -> str:
    """Return in words what the study asks for that this page is not for; empty where it is."""
    try:
        task = read_config(study.config).task
    except ConfigError:
        return ""
    return OTHER_TASKS.get(task.type, "")


def _context(asked: QueryDict, start: dict[str, Any], study: Study | None) -> dict[str, Any]:
    there = origins_with_sessions(study) if study else {}
    sources = [
        (origin.value, f"estimated from {counted(there[origin], f'{ORIGIN_WORDS[origin]} session')}")
        for origin in SOURCES
        if origin in there
    ]
    form = PowerForm(sources=sources)
    defaults = {name: field.initial for name, field in form.fields.items()} | start
    if sources and "spread_from" not in asked:
        defaults["spread_from"] = sources[0][0]
    # What the address leaves out has its default: one number can be changed alone.
    form = PowerForm({name: asked.get(name, value) for name, value in defaults.items()}, sources=sources)
    context: dict[str, Any] = {"form": form, "has_pilot": bool(sources), "spread_from": ""}
    if not form.is_valid():
        return context
    given = form.cleaned_data
    if study is not None and given["spread_from"] != "assumed":
        context["spread_from"] = given["spread_from"]
    found = _components(given, study)
    page = power_context(read_question(given), found.components) | {"problem": found.problem}
    return context | page | (job_context(found.row) if found.row else {})


def _components(given: dict[str, Any], study: Study | None) -> Found:
    """Return the components asked for, with the effect asked for."""
    spread = LatentSpread(**{name: given[name] for name in ("listener_sd", "sensitivity_sd", "clip_sd")})
    assumed = latent_contrast(d_prime=given["d_prime"], criterion_c=given["criterion_c"], spread=spread)
    if study is None or given["spread_from"] == "assumed":
        return Found(assumed)
    found = spread_of(study=study, origin=Origin(given["spread_from"]))
    if found.components is None:
        return Found(assumed, f"{TOO_FEW.format(found.problem) if found.problem else AWAITED} {INSTEAD}", found.row)
    return Found(found.components.with_means(fake=assumed.fake.mean, real=assumed.real.mean), "", found.row)
