"""Listeners and machines on the same clips, with the clips to listen to."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.models import Study
from studyapp.reports.computed_page import computed_page
from studyapp.reports.machine_page import ALL, WHO_WORDS, clip_list, clip_row, machine_list, machine_page, machines_head
from studyapp.selectors.machine_comparison import clips_in_set
from studyapp.views.analysis import asked_results, changing_switches
from studyapp.views.listing import PAGE_SIZE
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right


@login_required
@require_safe
def study_machines(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show one machine beside the listeners, and a page of the clips that both judged."""
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    origin, found = asked_results(request, study)
    context = {"study": study, "tab": "results", "origin": origin, **computed_page(found)}
    if found.analysis is None:
        return render(request, "experimenter/analysis_waiting.html", context)
    machines, who = found.analysis["machines"], request.GET.get("who", ALL)
    asked = request.GET.get("machine") or (machines[0]["machine"] if machines else "")
    machine = next((each for each in machines if each["machine"] == asked), None)
    if who not in WHO_WORDS or (asked and machine is None):
        raise Http404("there is no such machine, or no such kind of clips")
    context |= {"changes": changing_switches(study, origin, found.analysis), **machines_head(found.analysis)}
    if machine is not None:
        sounds = _sounds(study)
        page = Paginator(clip_list(machine, who=who), PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {
            "machines": machine_list(machines, current=machine),
            "machine": machine_page(machine, sounds=sounds),
            "page": page,
            "rows": [clip_row(clip, sounds=sounds) for clip in page],
            "who": who,
            "who_words": WHO_WORDS[who],
            "chart_prefix": f"{study.slug}-",
        }
    return render(request, "experimenter/machines.html", context)


def _sounds(study: Study) -> dict[int, str]:
    """Return the address of each clip that the study's set still holds; who sees results may hear it."""
    address = reverse("stimulus_sound", args=[study.stimulus_set.slug, 0]).removesuffix("0")
    return {clip: f"{address}{clip}" for clip in clips_in_set(study)}
