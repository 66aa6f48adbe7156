"""The detectors' pages. Nothing here computes with sounds: work goes to workers, pages read what they stored."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.charts import curve_rows, draw_learning_curves
from detector.forms import EmbedForm, ScoreForm, SelectForm, TrainForm
from detector.ml.embeddings.registry import broken_encoders
from detector.models import EmbeddingRun, Selection, Training
from detector.posts_only import posts_only
from detector.selectors import overview
from detector.selectors.held_out import by_confidence, held_out_clips, score_rows
from detector.selectors.progress import embedding_progress, scoring_progress, training_progress
from detector.selectors.report import training_report
from detector.selectors.report_text import group_lines, matrix_rows
from detector.selectors.runs import BEST, chosen_runs
from detector.selectors.weights import encoder_rows
from detector.services.embedding import cancel_embedding, plan_embedding
from detector.services.queueing import enqueue_embedding, enqueue_scoring, enqueue_training
from detector.services.scoring_work import plan_scoring
from detector.services.selection import select_misclassified
from detector.services.training import cancel_training, plan_training
from studyapp.errors import EarwitnessError, NotFound
from studyapp.models import StimulusSet, User
from studyapp.reports.numbers import counted
from studyapp.selectors.stimulus_sets import get_set, list_sets
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import JobState

PAGE_SIZE = 50


@login_required
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """List encoders, embedding runs, trainings and selections, with forms to start work."""
    return _index(request)


@login_required
@posts_only(back="detector:index")
def embed(request: SignedInRequest) -> HttpResponse:
    """Plan an embedding run and send its shards to the workers."""
    form = EmbedForm(request.POST, prefix="embed", sets=_set_choices(request.user))
    if not form.is_valid():
        return _index(request, embed=form)
    given = form.cleaned_data
    try:
        found = get_set(request.user, given["stimulus_set"])
        run = plan_embedding(stimulus_set=found, encoder=given["encoder"], owner=request.user)
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _index(request, embed=form)
    enqueue_embedding(run)
    if run.state == JobState.DONE.value:
        messages.success(request, f"All {run.n_clips} clips of {found} have {run.encoder} vectors already.")
    else:
        n_missing = run.n_clips - run.n_reused
        messages.success(
            request, f"A worker embeds {n_missing} of {counted(run.n_clips, 'clip')}; the others are there already."
        )
    return redirect("detector:index")


@login_required
@posts_only(back="detector:index")
def train(request: SignedInRequest) -> HttpResponse:
    """Plan a training and send it to a worker."""
    form = TrainForm(request.POST, prefix="train", sets=_set_choices(request.user))
    if not form.is_valid():
        return _index(request, train=form)
    given = form.cleaned_data
    try:
        training = plan_training(
            stimulus_set=get_set(request.user, given["stimulus_set"]),
            encoder=given["encoder"],
            protocol=given["protocol"],
            n_runs=given["n_runs"],
            seed=given["seed"],
            config={"warm_up_epochs": given["warm_up_epochs"] or 0, "permute_labels": given["permute_labels"]},
            owner=request.user,
        )
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _index(request, train=form)
    enqueue_training(training)
    return redirect("detector:training", pk=training.pk)


@login_required
@require_safe
def training(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a training: progress while it runs, then its report and what it says of held-out clips."""
    return _training(request, _training_or_404(request.user, pk))


@login_required
@posts_only(back="detector:training")
def score(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a worker score a set with a run of this training."""
    found = _training_or_404(request.user, pk)
    form = ScoreForm(request.POST, prefix="score", sets=_set_choices(request.user), n_runs=found.n_runs)
    if not form.is_valid():
        return _training(request, found, score=form)
    given = form.cleaned_data
    try:
        wanted = get_set(request.user, given["stimulus_set"])
        scoring = plan_scoring(training=found, run_choice=given["run_choice"], stimulus_set=wanted, owner=request.user)
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _training(request, found, score=form)
    enqueue_scoring(scoring)
    return redirect("detector:training", pk=pk)


@login_required
@posts_only(back="detector:training")
def select(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the detector's most confident errors into a new set."""
    found = _training_or_404(request.user, pk)
    form = SelectForm(request.POST, n_runs=found.n_runs)
    if not form.is_valid():
        return _training(request, found, select=form)
    given = form.cleaned_data
    try:
        selection = select_misclassified(
            training=found,
            run_choice=given["run_choice"],
            per_class=given["per_class"],
            into=given["into"],
            owner=request.user,
        )
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _training(request, found, select=form)
    n_picked = len(selection.provenance["clips"])
    messages.success(request, f"{counted(n_picked, 'clip')} selected from {found.stimulus_set}.")
    return redirect("stimulus_set", slug=selection.stimulus_set.slug)


@login_required
@posts_only(back="detector:training")
def cancel_training_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a training. Refused to others than its owner and staff."""
    found = _training_or_404(request.user, pk)
    _needs_right_to_cancel(request.user, found)
    _say_cancelled(request, cancelled=cancel_training(training=found))
    return redirect("detector:training", pk=pk)


@login_required
@posts_only(back="detector:index")
def cancel_embedding_job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel an embedding run. Refused to others than its owner and staff."""
    found = _embedding_or_404(request.user, pk)
    _needs_right_to_cancel(request.user, found)
    _say_cancelled(request, cancelled=cancel_embedding(run=found))
    return redirect("detector:index")


@login_required
@require_safe
def training_job(request: SignedInRequest, pk: int) -> JsonResponse:
    return JsonResponse(training_progress(_training_or_404(request.user, pk)))


@login_required
@require_safe
def embedding_job(request: SignedInRequest, pk: int) -> JsonResponse:
    return JsonResponse(embedding_progress(_embedding_or_404(request.user, pk)))


@login_required
@require_safe
def scoring_job(request: SignedInRequest, pk: int) -> JsonResponse:
    try:
        return JsonResponse(scoring_progress(overview.visible_scoring(request.user, pk)))
    except NotFound as error:
        raise Http404(str(error)) from None


def _index(request: SignedInRequest, *, embed: Form | None = None, train: Form | None = None) -> HttpResponse:
    sets = _set_choices(request.user)
    context = {
        "encoders": encoder_rows(),
        "broken_encoders": broken_encoders(),
        "embedding_runs": [
            (run, embedding_progress(run), overview.may_cancel(request.user, run))
            for run in overview.embedding_runs(request.user)
        ],
        "trainings": [(each, training_progress(each)) for each in overview.trainings(request.user)],
        "selections": overview.selections(request.user),
        "has_sets": bool(sets),
        "has_stand_ins": overview.has_stand_ins(request.user),
        "embed_form": embed or EmbedForm(prefix="embed", sets=sets),
        "train_form": train or TrainForm(prefix="train", sets=sets),
    }
    refused = embed is not None or train is not None
    return render(request, "detector/index.html", context, status=422 if refused else 200)


def _training(
    request: SignedInRequest, found: Training, *, select: Form | None = None, score: Form | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "training": found,
        "set": found.stimulus_set,
        "progress": training_progress(found),
        "may_cancel": overview.may_cancel(request.user, found),
    }
    if found.state == JobState.DONE.value:
        into = f"{found.stimulus_set.slug[:60]}-errors-{found.pk}"
        context |= _results(request, found)
        context["scorings"] = [(each, scoring_progress(each)) for each in overview.scorings(request.user, found)]
        context["select_form"] = select or SelectForm(initial={"into": into}, n_runs=found.n_runs)
        context["score_form"] = score or ScoreForm(prefix="score", sets=_set_choices(request.user), n_runs=found.n_runs)
    forms = ((select, "select-heading", "Nothing was selected."), (score, "machine-heading", "Nothing was scored."))
    context["refused"] = refused = [each for each in forms if each[0] is not None]
    return render(request, "detector/training.html", context, status=422 if refused else 200)


def _results(request: SignedInRequest, found: Training) -> dict[str, Any]:
    report = training_report(found)
    runs = list(found.runs.filter(fold__number=0))
    choice = request.GET.get("run", BEST)
    try:
        shown = chosen_runs(found, choice)
        clips = held_out_clips(shown)
    except EarwitnessError as error:
        raise Http404(str(error)) from None
    threshold = float(found.config["threshold"])
    errors_only = request.GET.get("errors") == "1"
    ordered = by_confidence(clips, threshold=threshold, errors_only=errors_only)
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "report": report,
        "n_folds": len(report["folds"]),
        "groups": group_lines(report["folds"]),
        "confusion": {name: matrix_rows(matrix) for name, matrix in report["confusion"].items()},
        "best": [run.pk for run in chosen_runs(found, BEST)],
        "runs": runs,
        "curves": draw_learning_curves(runs),
        "curve_rows": curve_rows(runs, every=int(found.config["checkpoint_every"])),
        "shown": shown,
        "choice": choice,
        "errors_only": errors_only,
        "n_held_out": len(clips),
        "page": page,
        "scores": score_rows(list(page), threshold=threshold),
    }


def _set_choices(user: User) -> list[tuple[str, str]]:
    """Return the sets with clips; selections come last, since nobody wants to train on them first."""
    # list_sets annotates n_stimuli, which the type of its result cannot say.
    sets: list[StimulusSet] = [each for each in list_sets(user) if each.n_stimuli]  # type: ignore[attr-defined]
    selected = set(Selection.objects.values_list("stimulus_set_id", flat=True))
    sets.sort(key=lambda each: each.pk in selected)
    return [
        (each.slug, _set_words(each, each.n_stimuli))  # type: ignore[attr-defined]
        for each in sets
    ]


def _set_words(stimulus_set: StimulusSet, n_clips: int) -> str:
    """Return a set's title with its name, which tells sets of one title apart, and what is in it."""
    n = counted(n_clips, "synthetic stand-in" if stimulus_set.is_stand_in else "clip")
    facts = f"{stimulus_set.slug}, {n}" if stimulus_set.title else n
    return f"{stimulus_set} ({facts})"


def _training_or_404(user: User, pk: int) -> Training:
    try:
        return overview.visible_training(user, pk)
    except NotFound as error:
        raise Http404(str(error)) from None


def _embedding_or_404(user: User, pk: int) -> EmbeddingRun:
    try:
        return overview.visible_embedding(user, pk)
    except NotFound as error:
        raise Http404(str(error)) from None


def _needs_right_to_cancel(user: User, job: EmbeddingRun | Training) -> None:
    if not overview.may_cancel(user, job):
        raise PermissionDenied("Somebody else started this work; they, or staff, can cancel it.")


def _say_cancelled(request: SignedInRequest, *, cancelled: bool) -> None:
    if cancelled:
        messages.success(request, "Cancelled. What was stored before stays.")
    else:
        messages.info(request, "It had ended already.")
