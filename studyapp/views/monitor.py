"""How a study stands, live: the page, its part that is asked for again and again, and how often sounds were judged."""

import hashlib
import math
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.design.monitor_rules import exposure_message
from studyapp.models import Study
from studyapp.reports.bars import draw_bars, in_ranges
from studyapp.reports.monitor_page import monitor_page
from studyapp.selectors.exposures import clip_exposures
from studyapp.selectors.monitor import change_mark, monitored, n_by_origin
from studyapp.selectors.monitor_sessions import find_sessions, session_rows
from studyapp.views.listing import Column, list_rows
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Origin, Outcome, Right

COLUMNS = (
    Column(key="who", label="Pseudonym", order=("participant__pseudonym",)),
    Column(key="state", label="State", order=("outcome", "step")),
    Column(key="trials", label="Trials", is_number=True),
    Column(key="seen", label="Last seen", order=("last_seen_at",)),
    Column(key="started", label="Started", order=("started_at",)),
    Column(key="took", label="Minutes", order=("took",), is_number=True),
    Column(key="screening", label="Headphone tests"),
    Column(key="problems", label="Problems"),
    Column(key="browser", label="Device", order=("client__browser",)),
    Column(key="group", label="Group", order=("group",)),
    Column(key="version", label="Version", order=("version__number",), is_number=True),
)
PLACES = [("", "all"), ("open", "open"), ("ended", "ended early"), ("excluded", "excluded"), ("flagged", "flagged")]


@login_required
@require_safe
def study_monitor(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.SEE_PROGRESS)
    context = _context(request, study)
    return render(request, "experimenter/monitor.html", context)


@login_required
@require_safe
def study_monitor_live(request: SignedInRequest, slug: str) -> HttpResponse:
    """Answer the part of the page that changes; 304 where it has not."""
    study = study_or_404(request.user, slug, Right.SEE_PROGRESS)
    told = f"{change_mark(study)} {sorted(study.rights)} {request.GET.urlencode()}"
    tag = f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    response = render(request, "experimenter/monitor_live.html", _context(request, study))
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


@login_required
@require_safe
def study_exposure(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show how often each sound was planned and judged; its label only to who may see results."""
    study = study_or_404(request.user, slug, Right.SEE_PROGRESS)
    asked = _asked(request, n_by_origin(study))
    rows = clip_exposures(monitored(study=study, **asked))
    counts = [each["n_judged"] for each in rows]
    context = {
        "study": study,
        "tab": "monitor",
        "rows": rows,
        "least": min(counts, default=0),
        "most": max(counts, default=0),
        "found": exposure_message(counts),
        "figure": draw_bars(in_ranges(counts)),
        "origin": asked["origin"],
    }
    return render(request, "experimenter/exposure.html", context)


def _context(request: HttpRequest, study: Study) -> dict[str, Any]:
    counts = n_by_origin(study)
    asked, pay = _asked(request, counts), _pay(request)
    place, words = request.GET.get("place", ""), request.GET.get("q", "").replace("\x00", "")
    found = find_sessions(monitored(study=study, **asked), place=place, words=words)
    listing = list_rows(request, found, COLUMNS, start="-seen")
    return monitor_page(study=study, pay=pay, **asked) | {
        "study": study,
        "tab": "monitor",
        "origins": list(Origin),
        "others": [(origin, n) for origin, n in counts.items() if origin is not asked["origin"]],
        "versions": list(study.versions.values_list("number", flat=True)),
        "listing": listing,
        "rows": session_rows(list(listing.page)),
        "places": PLACES + [(each.value, each.value.replace("_", " ")) for each in Outcome],
        "place": place,
        "q": words,
        "pay": pay,
        **asked,
    }


def _asked(request: HttpRequest, counts: dict[Origin, int]) -> dict[str, Any]:
    """Return the origin (where none is asked for, the first that has sessions) and the version's number, or None."""
    origin, version = request.GET.get("origin", ""), request.GET.get("version", "")
    return {
        "origin": Origin(origin)
        if origin in list(Origin)
        else next((each for each in counts if each is not Origin.PREVIEW), Origin.LIVE),
        "version": int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None,
    }


def _pay(request: HttpRequest) -> float | None:
    """Return the pay of a participant that is asked about; None for anything that is no sum."""
    try:
        pay = float(request.GET.get("pay", ""))
    except ValueError:
        return None
    return pay if math.isfinite(pay) and 0 < pay <= 1e6 else None
