"""The gallery: clips that no network of the fold met, the most confident judgements first."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.gallery_charts import draw_scores
from detector.gallery_filters import filter_fields, read_wanted
from detector.selectors.gallery import OUTCOMES, gallery_clips, outcome_counts, with_stimuli
from detector.selectors.runs import BEST, chosen_runs, control_kind, has_dealt_labels
from detector.views.access import training_or_404
from studyapp.errors import EarwitnessError
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import JobState

PAGE_SIZE = 50


@login_required
@require_safe
def gallery(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show held-out clips of a finished training. Another training's page says how far it is.

    Of a training on dealt labels none are shown, only why: its errors are none of the clips'.
    """
    training = training_or_404(request.user, pk)
    if training.state != JobState.DONE.value:
        return redirect("detector:training", pk=pk)
    if has_dealt_labels(training.config):
        context = {"training": training, "set": training.stimulus_set, "control": control_kind(training)}
        return render(request, "detector/gallery_of_control.html", context)
    threshold, choice = float(training.config["threshold"]), request.GET.get("run") or BEST
    try:
        wanted = read_wanted(request.GET.dict())
        clips = gallery_clips(chosen_runs(training, choice), threshold=threshold)
    except EarwitnessError as error:
        raise Http404(str(error)) from None
    page = Paginator([clip for clip in clips if wanted.has(clip)], PAGE_SIZE).get_page(request.GET.get("page"))
    rows = with_stimuli(list(page))
    there = [(clip, stimulus) for clip, stimulus in rows if stimulus is not None]
    context = {
        "training": training,
        "set": training.stimulus_set,
        "control": control_kind(training),
        "fields": filter_fields(wanted, clips, n_runs=training.n_runs, choice=choice),
        "outcome": OUTCOMES[wanted.outcome],
        "counts": outcome_counts(clips),
        "n_held_out": len(clips),
        "page": page,
        "chart_prefix": f"training-{pk}-",
        "rows": rows,
        "several_folds": len({clip.fold for clip in clips}) > 1,
        "chart": draw_scores(there, slug=training.stimulus_set.slug, threshold=threshold) if there else None,
    }
    return render(request, "detector/gallery.html", context)
