"""What the page "Pilot and launch" shows: where the study stands, its checklist, links, previews and bots."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from studyapp.design.check_items import CheckItem, blocking, unwise
from studyapp.design.config import StudyConfig
from studyapp.design.editor_sections import section_of
from studyapp.models import AuditEntry, BotRun, Session, Study, StudyVersion, User
from studyapp.reports.qr_code import qr_svg
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.selectors.launch_surroundings import surrounding_items
from studyapp.selectors.launches import latest_launch
from studyapp.selectors.places import Places, count_places
from studyapp.selectors.preview_steps import preview_steps
from studyapp.selectors.study_config import frozen_config
from studyapp.selectors.study_link import personal_link, recruiter_link
from studyapp.services.bot_tokens import BOTS_IN
from studyapp.services.launch_check import check_launch, is_changed
from studyapp.services.pilot_tokens import pilot_token
from studyapp.services.study_closing import CLOSED_BY_ITSELF
from studyapp.vocab import Origin, StudyState

SHOWN_RUNS = 10
STANDS = {
    StudyState.DRAFT: "A draft: nobody can take part yet.",
    StudyState.PILOT: "In its pilot: only who brings the pilot link is let in, and is marked as a pilot.",
    StudyState.LIVE: "Live: whoever opens the participants' link is let in.",
    StudyState.PAUSED: "Paused: nobody is let in. Sessions that are open can be finished.",
    StudyState.CLOSED: "Closed: nobody is let in any more. Sessions that are open can be finished.",
}
# place of a check item -> name of the page, words of the link
PAGES = {"set": ("stimulus_set", "Go to the set"), "plan": ("study_plan", "Go to the analysis plan")}
PAGES |= {"power": ("study_power", "Go to the power page")}


@dataclass(frozen=True, kw_only=True)
class ShownItem:
    """A check item with the address at which it is dealt with; empty where the page itself is the place."""

    item: CheckItem
    href: str
    link_words: str


@dataclass(frozen=True, kw_only=True)
class GivenLink:
    """A link to hand out, and to whom. `qr` is an SVG for telephones, where the study lets them in."""

    key: str
    words: str
    url: str
    qr: SafeString | None


def pilot_page(study: Study, user: User, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Return everything that the page shows but its form. absolute: makes a whole address of a path."""
    # Jobs before what comes of them: a page that says that one is done must also have it.
    launch, runs = _launch(study, user), _runs(study, user)
    version = study.versions.order_by("-number").first()
    check = check_launch(study=study)
    items = [*check.items, *surrounding_items(study)]
    config = frozen_config(version) if version else None
    changed = version is not None and is_changed(study=study, version=version)
    state = StudyState(study.state)
    return {
        "study": study,
        "tab": "pilot",
        "version": version,
        "stands": STANDS[state],
        "closed_because": _closed_because(study),
        "state": state.value,
        "opens_as": study.opened_as or StudyState.LIVE.value,
        "changed": changed,
        "launch": launch,
        "next_number": version.number + 1 if version and changed else version.number if version else 1,
        "problems": [_shown(study, item) for item in blocking(items)],
        "warnings": [_shown(study, item) for item in unwise(items)],
        "places": _limited(count_places(study.pk, config.recruitment)) if config else [],
        "closes_at": config.recruitment.closing_time if config else None,
        **_links(study, version, config, absolute),
        "steps": [step for step in preview_steps(version) if not step.is_end] if version else [],
        "ends": [step for step in preview_steps(version) if step.is_end] if version else [],
        "bots_may_come": state.value in BOTS_IN,
        "n_bots": Session.objects.filter(version__study=study, origin=Origin.BOT.value).count(),
        "runs": runs,
    }


def reasons_of(study: Study) -> dict[str, str]:
    """Return the reasons that the study's latest version offers, code -> words; empty before the first launch."""
    version = study.versions.order_by("-number").first()
    return {item.code: item.label for item in frozen_config(version).task.reasons.items} if version else {}


def _shown(study: Study, item: CheckItem) -> ShownItem:
    href, words = _address(study, item.place)
    return ShownItem(item=item, href=href, link_words=words)


def _address(study: Study, place: str) -> tuple[str, str]:
    if place in ("", "pilot"):
        return "", ""
    if place in PAGES:
        name, words = PAGES[place]
        try:
            return reverse(name, args=[study.stimulus_set.slug if place == "set" else study.slug]), words
        except NoReverseMatch:
            return "", ""
    section = section_of(place)
    if section is None:
        return reverse("study_edit", args=[study.slug]), "Change it in the design"
    return reverse("study_edit_section", args=[study.slug, section.code]), f"Change it in the design: {section.title}"


def _launch(study: Study, user: User) -> dict[str, Any] | None:
    """Return the latest launch that was asked for: how far it is, or what came of it."""
    row = latest_launch(study)
    if row is None:
        return None
    is_open_now = study.state == (StudyState.PILOT if row.as_pilot else StudyState.LIVE)
    return {
        "row": row,
        "progress": job_progress(row, unit="copy", units="copies"),
        "may_cancel": may_cancel(user, row),
        "reasons": row.error.splitlines(),
        "opened": row.version is not None and is_open_now,
    }


def _limited(places: list[Places]) -> list[Places]:
    """Return the rows that say something: all groups, and the total where it has a limit or there are groups."""
    return places if len(places) > 1 or places[0].places is not None else []


def _links(
    study: Study, version: StudyVersion | None, config: StudyConfig | None, absolute: Callable[[str], str]
) -> dict[str, Any]:
    if version is None or config is None:
        return {"pilot_links": [], "live_links": [], "personal_links": []}
    address = absolute(reverse("participant_landing", args=[study.slug]))
    groups = list(config.recruitment.groups.places) or [""]
    token = pilot_token(study)
    pilot = {group: _pilot_link(config, address, group, token) for group in groups}
    live = {group: recruiter_link(config, address, group=group) for group in groups}
    personal = {group: url for group in groups if (url := personal_link(config, address, group=group))}
    if personal and config.recruitment.require_person:
        live = {}  # nobody could start by it
    has_codes = config.device.allow == "any"
    return {
        "pilot_links": _given("pilot", pilot, has_codes),
        "live_links": _given("live", live, False),
        "personal_links": _given("personal", personal, False),
        "requires_person": config.recruitment.require_person,
    }


def _given(kind: str, urls: dict[str, str], has_codes: bool) -> list[GivenLink]:
    return [
        GivenLink(key=f"{kind}-{number}", words=group, url=url, qr=qr_svg(url) if has_codes else None)
        for number, (group, url) in enumerate(urls.items())
    ]


def _pilot_link(config: StudyConfig, address: str, group: str, token: str) -> str:
    """Return the pilot link: with the recruiter's ids only where nobody can start without them."""
    if config.recruitment.require_person:
        personal = personal_link(config, address, group=group, pilot=token)
        return personal or recruiter_link(config, address, group=group, pilot=token)
    grouped = f"{config.recruitment.groups.parameter}={group}&" if group else ""
    return f"{address}?{grouped}pilot={token}"


def _closed_because(study: Study) -> AuditEntry | None:
    """Return the entry that says why the study closed by itself; None where somebody closed it, or it is not closed."""
    if study.state != StudyState.CLOSED:
        return None
    closings = AuditEntry.objects.filter(
        object_type="study", object_id=study.slug, action__in=(CLOSED_BY_ITSELF, "close_study")
    )
    last = closings.first()  # the newest stands first
    return last if last is not None and last.action == CLOSED_BY_ITSELF else None


def _runs(study: Study, user: User) -> list[dict[str, Any]]:
    runs = BotRun.objects.filter(study=study).select_related("owner")[:SHOWN_RUNS]
    return [
        {"run": run, "progress": job_progress(run, unit="participant"), "may_cancel": may_cancel(user, run)}
        for run in runs
    ]
