"""What staff do with chosen studies: fetch the judgements, or have a worker export them."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import format_html

from studyapp.errors import EarwitnessError
from studyapp.exports.judgements_csv import judgements_csv, judgements_file_name
from studyapp.exports.work import plan_export
from studyapp.models import User
from studyapp.selectors.analysis import default_origin
from studyapp.services.audit import record_audit
from studyapp.vocab import ExportFormat

FORMAT_WORDS = {
    ExportFormat.PSYCH_DS: "Psych-DS (the whole bundle)",
    ExportFormat.CSV: "CSV tables",
    ExportFormat.XLSX: "Excel workbook",
    ExportFormat.PARQUET: "Parquet tables",
    ExportFormat.REPORT: "report of the results",
}


@admin.action(description="Download the judgements (CSV)", permissions=["view"])
def download_judgements(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
    """Stream the judgements of the chosen studies: of each, the first origin that has answers."""
    chosen = [(study, default_origin(study)) for study in queryset.order_by("slug")]
    for study, origin in chosen:
        record_audit(
            actor=cast("User", request.user),
            action="export_judgements",
            object_type="study",
            object_id=study.slug,
            detail={"origin": origin.value},
        )
    response = StreamingHttpResponse(judgements_csv(chosen), content_type="text/csv; charset=utf-8")
    name = judgements_file_name([study for study, _ in chosen])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def export_action(kind: ExportFormat) -> Callable[..., None]:
    """Return the action that has a worker export each chosen study in that format."""

    @admin.action(description=f"Export on a worker: {FORMAT_WORDS[kind]}", permissions=["view"])
    def export(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for study in queryset.order_by("slug"):
            try:
                plan_export(study=study, origin=default_origin(study), owner=cast("User", request.user), format=kind)
            except EarwitnessError as error:
                messages.error(request, str(error))
            else:
                page = reverse("study", args=[study.slug])
                words = '{}: a worker makes the file. It comes up on <a href="{}#exports">the study\'s page</a>.'
                messages.success(request, format_html(words, study.slug, page))

    export.__name__ = f"export_{kind.value}"
    return export


STUDY_ACTIONS: tuple[Any, ...] = (download_judgements, *(export_action(kind) for kind in ExportFormat))
