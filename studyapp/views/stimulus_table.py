"""The table of a set's clips: filtered, sorted and paged by the database."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from studyapp.errors import AudioError, NotFound
from studyapp.forms.stimulus_filter import StimulusFilterForm, filter_query
from studyapp.models import Stimulus, StimulusSet
from studyapp.selectors.stimulus_filter import count_tags, filter_stimuli, flags_of, list_generators, tags_of
from studyapp.selectors.stimulus_sets import get_stimulus, list_reasons
from studyapp.services import media
from studyapp.services.stimulus_picture import ensure_picture
from studyapp.sound.picture import KINDS, RECIPE_VERSION
from studyapp.sound.presentation import CommonScale
from studyapp.views.listing import Column, list_rows
from studyapp.views.signed_in import SignedInRequest, set_or_404

A_YEAR_S = 31_536_000
START = [
    Column(key="place", label="Play", order=("memberships__position",)),
    Column(key="picture", label="Sound"),
    Column(key="name", label="Name", order=("name",)),
    Column(key="label", label="Label", order=("label",)),
    Column(key="category", label="Category", order=("category",)),
    Column(key="generator", label="Generator", order=("generator",)),
    Column(key="source", label="Source", order=("source_group",)),
]
SELECTION = [
    Column(key="score", label="Fake score", is_number=True),
    Column(key="kind", label="Kind"),
    Column(key="rank", label="Rank", is_number=True),
]
CONTROL = [Column(key="control", label="Control of"), Column(key="difference", label="Difference, dB", is_number=True)]
END = [
    Column(key="duration", label="s", order=("duration_s",), is_number=True),
    Column(key="level", label="dBFS", order=("level_dbfs",), is_number=True),
    Column(key="bandwidth", label="kHz", order=("bandwidth_hz",), is_number=True),
    Column(key="flags", label="Flags", order=("-label_in_doubt", "-clipped_fraction")),
    Column(key="tags", label="Tags"),
]


def table_context(request: HttpRequest, stimulus_set: StimulusSet, categories: list[str]) -> dict[str, Any]:
    """Return what stimulus_table.html shows: the filter, and the page of clips that the address asks for."""
    tags = count_tags(stimulus_set)
    form = StimulusFilterForm(request.GET)
    form.offer(categories=categories, generators=list_generators(stimulus_set), tags=[tag for tag, _ in tags])
    chosen = form.read()
    is_selection = stimulus_set.provenance.get("kind") == "selection"
    has_controls = is_selection and bool(stimulus_set.provenance.get("rule", {}).get("n_controls"))
    columns = [*START, *(SELECTION if is_selection else []), *(CONTROL if has_controls else []), *END]
    listing = list_rows(request, filter_stimuli(stimulus_set, chosen), columns, start="place")
    return {
        "filter_form": form,
        "is_filtered": bool(chosen.asked),
        "is_finely_filtered": bool(set(chosen.asked) - {"label", "category"}) or bool(form.errors),
        "filter_query": filter_query(chosen),
        "listing": listing,
        "page": listing.page,
        "rows": _rows(stimulus_set, list(listing.page), is_selection=is_selection),
        "is_selection": is_selection,
        "has_controls": has_controls,
        "has_tags": bool(tags),
        "recipe": RECIPE_VERSION,
    }


def _rows(stimulus_set: StimulusSet, stimuli: list[Stimulus], *, is_selection: bool) -> list[dict[str, Any]]:
    reasons = list_reasons(stimulus_set, stimuli) if is_selection else [{}] * len(stimuli)
    tags = tags_of(stimuli)
    return [
        {
            "stimulus": each,
            "why": why,
            "flags": flags_of(each),
            "tags": tags.get(each.pk, []),
            "bandwidth_khz": each.bandwidth_hz / 1000,
        }
        for each, why in zip(stimuli, reasons, strict=True)
    ]


@login_required
@require_safe
def stimulus_picture(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Serve a stimulus's thumbnail to its experimenter."""
    try:
        stimulus = get_stimulus(set_or_404(request.user, slug), key)
    except NotFound as error:
        raise Http404(str(error)) from None
    return picture_response(stimulus, "small")


def picture_response(stimulus: Stimulus, kind: str, common: CommonScale | None = None) -> HttpResponse:
    """Return a picture that the browser alone may keep: its address names the recipe. Raises Http404."""
    if kind not in KINDS:
        raise Http404(f"there is no picture of the kind {kind}")
    try:
        content = media.read(ensure_picture(stimulus, KINDS[kind], common))
    except (NotFound, AudioError) as error:
        raise Http404(str(error)) from None
    headers = {"Cache-Control": f"private, max-age={A_YEAR_S}, immutable"}
    return HttpResponse(content, content_type="image/png", headers=headers)
