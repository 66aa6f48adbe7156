"""The detectors' first page, and the forms on it that start work."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from detector.forms import EmbedForm, TrainForm
from detector.ml.embeddings.registry import broken_encoders
from detector.models import Training
from detector.posts_only import posts_only
from detector.selectors import overview
from detector.selectors.progress import embedding_progresses, training_progress
from detector.selectors.runs import control_kind
from detector.selectors.weights import encoder_rows
from detector.services.embedding import enqueue_shards, plan_embedding
from detector.services.training import plan_training
from detector.views.set_choices import set_choices
from studyapp.errors import EarwitnessError
from studyapp.reports.numbers import counted
from studyapp.selectors.jobs import may_cancel
from studyapp.selectors.stimulus_sets import get_set
from studyapp.services.jobs import enqueue
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import JobState


@login_required
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """List encoders, embedding runs, trainings and selections, with forms to start work."""
    return _index(request)


@login_required
@posts_only(back="detector:index")
def embed(request: SignedInRequest) -> HttpResponse:
    """Plan an embedding run and send its shards to the workers."""
    form = EmbedForm(request.POST, prefix="embed", sets=set_choices(request.user))
    if not form.is_valid():
        return _index(request, embed=form)
    given = form.cleaned_data
    try:
        found = get_set(request.user, given["stimulus_set"])
        run = plan_embedding(stimulus_set=found, encoder=given["encoder"], owner=request.user)
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _index(request, embed=form)
    enqueue_shards(run)
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
    form = TrainForm(request.POST, prefix="train", sets=set_choices(request.user))
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
            config={
                **({"n_epochs": given["n_epochs"]} if given["n_epochs"] else {}),
                "warm_up_epochs": given["warm_up_epochs"] or 0,
                "permute_labels": given["permute_labels"],
            },
            owner=request.user,
        )
    except EarwitnessError as error:
        form.add_error(None, str(error))
        return _index(request, train=form)
    enqueue(Training, [training.pk])
    return redirect("detector:training", pk=training.pk)


def _index(request: SignedInRequest, *, embed: Form | None = None, train: Form | None = None) -> HttpResponse:
    sets, runs = set_choices(request.user), list(overview.embedding_runs(request.user))
    context = {
        "encoders": encoder_rows(),
        "broken_encoders": broken_encoders(),
        "embedding_runs": [
            (run, progress, may_cancel(request.user, run))
            for run, progress in zip(runs, embedding_progresses(runs), strict=True)
        ],
        "trainings": [(each, training_progress(each), control_kind(each)) for each in overview.trainings(request.user)],
        "selections": overview.selections(request.user),
        "has_sets": bool(sets),
        "has_stand_ins": overview.has_stand_ins(request.user),
        "embed_form": embed or EmbedForm(prefix="embed", sets=sets),
        "train_form": train or TrainForm(prefix="train", sets=sets),
    }
    refused = embed is not None or train is not None
    return render(request, "detector/index.html", context, status=422 if refused else 200)
