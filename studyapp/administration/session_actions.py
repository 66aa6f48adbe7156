"""What staff do with chosen sessions: export them; and, after a page that asks, exclude, withdraw or erase them."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from studyapp.errors import EarwitnessError
from studyapp.exports.formats import CONTENT_TYPE, SUFFIX, write_tables
from studyapp.exports.tables import session_tables
from studyapp.models import Session, Study, User
from studyapp.services.audit import record_audit
from studyapp.services.exclusion import exclude_by_hand
from studyapp.services.withdrawal import erase_for, withdraw_for
from studyapp.vocab import ExportFormat

MOST_AT_ONCE = 500  # more is the whole study's export, which a worker makes
LONGEST_REASON = 500


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something done to sessions that needs a second look: `warning` says what it means."""

    name: str
    title: str
    warning: str
    act: Callable[..., object]


DEEDS = (
    Deed(
        name="exclude",
        title="Exclude from analyses",
        warning="Analyses leave these sessions out. The answers stay, and exports show them as excluded.",
        act=exclude_by_hand,
    ),
    Deed(
        name="withdraw",
        title="Withdraw, as the participant could",
        warning="The sessions end as withdrawn. Where the study's consent says so, their answers are deleted for good.",
        act=withdraw_for,
    ),
    Deed(
        name="erase",
        title="Erase the answers for good",
        warning="Answers, screening, events and the recruiter's identity are deleted, and so are the study's stored "
        "export files. Nothing brings them back but a backup; files that somebody fetched are out of reach.",
        act=erase_for,
    ),
)


def deed_action(deed: Deed) -> Callable[..., HttpResponse | None]:
    """Return the action that asks for a reason, and then does it to each chosen session."""

    @admin.action(description=deed.title, permissions=["manage"])
    def ask_and_do(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
        if "confirmed" in request.POST and reason:
            _do_to_each(deed, request, queryset, reason)
            return None
        context = {
            **model_admin.admin_site.each_context(request),
            "title": deed.title,
            "deed": deed,
            "opts": model_admin.model._meta,
            "sessions": queryset.select_related("participant", "version__study"),
            "checkbox": ACTION_CHECKBOX_NAME,
            "reason_missing": "confirmed" in request.POST,
            "longest": LONGEST_REASON,
        }
        return TemplateResponse(request, "admin/session_deed.html", context)

    ask_and_do.__name__ = f"{deed.name}_sessions"
    return ask_and_do


def _do_to_each(deed: Deed, request: HttpRequest, sessions: QuerySet[Session], reason: str) -> None:
    n_done = 0
    for session in sessions.order_by("pk"):
        try:
            deed.act(session=session, actor=cast("User", request.user), reason=reason)
        except EarwitnessError as error:
            messages.warning(request, str(error))
        else:
            n_done += 1
    messages.success(request, f"{deed.title}: done for {n_done} session{'' if n_done == 1 else 's'}.")


def export_action(kind: ExportFormat, words: str) -> Callable[..., FileResponse | None]:
    """Return the action that sends trials, reasons and sessions of the chosen sessions."""

    @admin.action(description=f"Download ({words})", permissions=["view"])
    def download(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> FileResponse | None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(keys) > MOST_AT_ONCE:
            messages.error(request, f"Choose at most {MOST_AT_ONCE} sessions, or export the whole study on its page.")
            return None
        sessions = Session.objects.filter(pk__in=keys)
        studies = Study.objects.filter(versions__sessions__in=sessions).distinct().order_by("slug")
        chosen = [(study, sessions.filter(version__study=study)) for study in studies]
        _record(request, kind, chosen)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        with tempfile.TemporaryDirectory(prefix="earwitness-sessions-") as scratch:
            path = Path(scratch) / f"sessions{SUFFIX[kind]}"
            try:
                write_tables(kind, session_tables(chosen), path)
            except EarwitnessError as error:
                messages.error(request, str(error))
                return None
            file.write(path.read_bytes())
        file.seek(0)
        name = f"sessions-{kind.value}{SUFFIX[kind]}"
        response = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE[SUFFIX[kind]])
        response["Cache-Control"] = "private, no-store"
        return response

    download.__name__ = f"download_{kind.value}"
    return download


def _record(request: HttpRequest, kind: ExportFormat, chosen: list[tuple[Study, QuerySet[Session]]]) -> None:
    for study, sessions in chosen:
        record_audit(
            actor=cast("User", request.user),
            action="export_sessions",
            object_type="study",
            object_id=study.slug,
            detail={"format": kind.value, "sessions": list(sessions.order_by("pk").values_list("pk", flat=True))},
        )


SESSION_ACTIONS: tuple[Any, ...] = (
    export_action(ExportFormat.CSV, "CSV tables"),
    export_action(ExportFormat.XLSX, "Excel workbook"),
    export_action(ExportFormat.PARQUET, "Parquet tables"),
    *(deed_action(deed) for deed in DEEDS),
)
