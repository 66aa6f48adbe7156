"""The page of a training, and the forms on it. Nothing here computes: the page reads what workers stored."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.charts import curve_rows, draw_learning_curves, run_curves, unfinished_curves
from detector.forms import ScoreForm, SelectForm
from detector.ml.selection import Bucket
from detector.models import Scoring, Training
from detector.posts_only import posts_only
from detector.selectors import overview
from detector.selectors.progress import scoring_progress
from detector.selectors.report import training_report
from detector.selectors.report_text import doubts, group_lines
from detector.selectors.runs import control_kind
from detector.selectors.training_folds import FoldRow, fold_rows
from detector.selectors.unfinished import live_curves, live_progress
from detector.services.scoring_work import plan_scoring
from detector.services.selection import select_misclassified
from detector.views.access import training_or_404
from detector.views.set_choices import set_choices
from studyapp.errors import EarwitnessError
from studyapp.models.job import OPEN
from studyapp.reports.numbers import counted
from studyapp.selectors.jobs import may_cancel
from studyapp.selectors.stimulus_sets import get_set
from studyapp.services.jobs import enqueue
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import JobState


@login_required
@require_safe
def training(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a training: progress while it runs, then its report and what it says of held-out clips."""
    return _training(request, training_or_404(request.user, pk))


@login_required
@posts_only(back="detector:training")
def score(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a worker score a set with a run of this training."""
    found = training_or_404(request.user, pk)
    form = ScoreForm(request.POST, prefix="score", sets=set_choices(request.user), n_runs=found.n_runs)
    if not form.is_valid():
        return _training(request, found, score=form)
    given = form.cleaned_data
    try:
        wanted = get_set(request.user, given["stimulus_set"])
        scoring = plan_scoring(training=found, run_choice=given["run_choice"], stimulus_set=wanted, owner=request.user)
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _training(request, found, score=form)
    enqueue(Scoring, [scoring.pk])
    return redirect("detector:training", pk=pk)


@login_required
@posts_only(back="detector:training")
def select(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the detector's most confident errors into a new set."""
    found = training_or_404(request.user, pk)
    form = SelectForm(request.POST, n_runs=found.n_runs)
    if not form.is_valid():
        return _training(request, found, select=form)
    given = form.cleaned_data
    try:
        selection = select_misclassified(
            training=found,
            run_choice=given["run_choice"],
            buckets=[Bucket(name) for name in given["buckets"]],
            per_class=given["per_class"],
            per_source=given["per_source"],
            n_controls=given["n_controls"] or 0,
            into=given["into"],
            owner=request.user,
        )
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _training(request, found, select=form)
    n_picked = len(selection.provenance["clips"])
    messages.success(request, f"{counted(n_picked, 'clip')} selected from {found.stimulus_set}.")
    return redirect("stimulus_set", slug=selection.stimulus_set.slug)


def _training(
    request: SignedInRequest, found: Training, *, select: Form | None = None, score: Form | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "training": found,
        "set": found.stimulus_set,
        "control": control_kind(found),
        "progress": live_progress(found),
        "chart_prefix": f"training-{found.pk}-",
        "may_cancel": may_cancel(request.user, found),
    }
    if found.state == JobState.DONE.value:
        into = f"{found.stimulus_set.slug[:60]}-errors-{found.pk}"
        context |= _results(request, found)
        context["scorings"] = [
            (each, scoring_progress(each), may_cancel(request.user, each))
            for each in overview.scorings(request.user, found)
        ]
        context["select_form"] = select or SelectForm(initial={"into": into}, n_runs=found.n_runs)
        context["score_form"] = score or ScoreForm(prefix="score", sets=set_choices(request.user), n_runs=found.n_runs)
    elif found.state in OPEN:
        curves = unfinished_curves(live_curves(found))
        context["has_curves"] = bool(curves)
        context["curves"] = draw_learning_curves(curves, n_epochs=int(found.config["n_epochs"]))
    forms = ((select, "select-heading", "Nothing was selected."), (score, "machine-heading", "Nothing was scored."))
    context["refused"] = refused = [each for each in forms if each[0] is not None]
    return render(request, "detector/training.html", context, status=422 if refused else 200)


def _results(request: SignedInRequest, found: Training) -> dict[str, Any]:
    folds = fold_rows(found)
    shown = _chosen_fold(folds, request.GET.get("fold", ""))
    curves = run_curves(list(shown.fold.runs.all()))
    report = training_report(found)
    return {
        "evaluation": report["evaluation"],
        "folds": folds,
        "groups": group_lines(report["folds"]),
        "doubts": doubts(report),
        "shown": shown,
        "n_held_out": sum(row.fold.n_evaluation for row in folds),
        "curves": draw_learning_curves(curves, n_epochs=int(found.config["n_epochs"])),
        "curve_rows": curve_rows(curves, every=int(found.config["checkpoint_every"])),
    }


def _chosen_fold(folds: Sequence[FoldRow], number: str) -> FoldRow:
    """Return the fold whose curves are shown: the first, unless one is named."""
    if not number:
        return folds[0]
    chosen = next((row for row in folds if str(row.fold.number) == number), None)
    if chosen is None:
        raise Http404("There is no such fold.")
    return chosen
