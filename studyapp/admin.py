"""Every row of the study side in the admin: to look at and to search. What is on record is not changed here.

Editable are accounts, and exclusions, which are rows with a reason and never deletes.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from studyapp import models
from studyapp.exports.judgements_csv import judgements_csv, judgements_file_name
from studyapp.selectors.analysis import default_origin
from studyapp.services.audit import record_audit

if TYPE_CHECKING:  # Django's own class takes no type argument when the program runs
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

# Secrets: the token of a session opens it, keys and codes stand for a person.
HIDDEN_FIELDS = frozenset({"token", "idempotency_key", "key", "password"})

admin.site.site_header = "Earwitness administration"
admin.site.site_title = "Earwitness"


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows and searches them. Tables can be long: no full counts, no drop-down of all related rows."""

    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [
            field.name
            for field in self.model._meta.get_fields()
            if isinstance(field, Field) and field.name not in HIDDEN_FIELDS
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.action(description="Download the judgements (CSV)", permissions=["view"])
def download_judgements(
    model_admin: "StudyAdmin", request: HttpRequest, queryset: QuerySet[Any]
) -> StreamingHttpResponse:
    """Stream the judgements of the chosen studies: of each, the first origin that has answers."""
    chosen = [(study, default_origin(study)) for study in queryset.order_by("slug")]
    for study, origin in chosen:
        record_audit(
            actor=cast("models.User", request.user),
            action="export_judgements",
            object_type="study",
            object_id=study.slug,
            detail={"origin": origin.value},
        )
    response = StreamingHttpResponse(judgements_csv(chosen), content_type="text/csv; charset=utf-8")
    name = judgements_file_name([study for study, _ in chosen])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@admin.register(models.Study)
class StudyAdmin(ReadOnlyAdmin):
    list_display = ("slug", "title", "owner", "stimulus_set", "state", "created_at")
    list_filter = ("state",)
    search_fields = ("slug", "title", "owner__username", "stimulus_set__slug")
    list_select_related = ("owner", "stimulus_set")
    actions = (download_judgements,)


@admin.register(models.Exclusion)
class ExclusionAdmin(ModelAdmin):
    """Exclusions can be added by hand; who did it is recorded."""

    list_display = ("session", "reason", "detail", "actor", "created_at")
    list_filter = ("reason",)
    search_fields = ("session__participant__pseudonym", "session__version__study__slug", "detail")
    list_select_related = ("session", "actor")
    raw_id_fields = ("session",)
    exclude = ("actor",)

    def save_model(self, request: Any, obj: models.Exclusion, form: Any, change: bool) -> None:
        obj.actor = request.user
        super().save_model(request, obj, form, change)
        record_audit(
            actor=request.user,
            action="change_exclusion" if change else "add_exclusion",
            object_type="session",
            object_id=str(obj.session_id),
            detail={"reason": obj.reason, "detail": obj.detail},
        )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.register(models.User, UserAdmin)


def _register(
    model: type[Model], shown: Iterable[str], searched: Iterable[str], filtered: Iterable[str] = (), **more: Any
) -> None:
    """Register a model whose rows are only looked at."""
    related = [field.name for field in model._meta.fields if field.is_relation and field.name in shown]
    related += ["version__study"] * ("version" in related)  # a version is named by its study
    options = {
        "list_display": tuple(shown),
        "search_fields": tuple(searched),
        "list_filter": tuple(filtered),
        "list_select_related": tuple(related) or False,
        **more,
    }
    admin.site.register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), options))


_PSEUDONYM, _STUDY = "participant__pseudonym", "version__study__slug"
_register(models.StimulusSet, ("slug", "title", "is_stand_in", "owner", "created_at"), ("slug", "title", "description"))
_register(
    models.Stimulus,
    ("name", "home_set", "label", "category", "generator", "duration_s", "level_dbfs"),
    ("name", "sha256", "generator", "team", "home_set__slug"),
    ("label", "category"),
)
_register(models.SetMember, ("stimulus_set", "stimulus", "position"), ("stimulus_set__slug", "stimulus__name"))
_register(models.StimulusImport, ("stimulus_set", "source", "n_found", "n_imported", "n_rejected"), ("source",))
_register(models.RejectedFile, ("name", "reason", "detail", "stimulus_import"), ("name", "detail"), ("reason",))
_register(models.ClipNote, ("stimulus", "author", "text", "created_at"), ("text", "stimulus__name"))
_register(models.StudyVersion, ("study", "number", "sha256", "code_version", "launched_at"), ("study__slug", "sha256"))
_register(models.Block, ("version", "position", "kind", "name"), ("version__study__slug", "name"), ("kind",))
_register(
    models.FrozenStimulus,
    ("version", "stimulus", "label", "category", "duration_s"),
    (_STUDY, "stimulus__name", "copy_sha256"),
    ("label",),
)
_register(models.Participant, ("pseudonym", "study", "created_at"), ("pseudonym", "study__slug"))
_register(models.RecruiterIdentity, ("participant", "recruiter", "created_at"), (_PSEUDONYM, "external_id"))
_register(
    models.Session,
    ("id", "participant", "version", "origin", "step", "outcome", "started_at", "ended_at"),
    (_PSEUDONYM, _STUDY),
    ("origin", "outcome", "step"),
)
_register(
    models.ScreeningAttempt,
    ("session", "test", "number", "n_correct", "n_trials", "passed"),
    (f"session__{_PSEUDONYM}",),
    ("test", "passed"),
)
_register(models.ScreeningTrial, ("attempt", "position", "sound", "right_answer", "answer"), ("sound",))
_register(
    models.ClientEvent, ("session", "event", "trial_position", "at"), (f"session__{_PSEUDONYM}", "event"), ("event",)
)
_register(models.SessionAction, ("session", "action", "at"), (f"session__{_PSEUDONYM}",), ("action",))
_register(
    models.Trial,
    ("session", "position", "kind", "completed_at"),
    (f"session__{_PSEUDONYM}", f"session__{_STUDY}"),
    ("kind",),
)
_register(
    models.Presentation,
    ("trial", "interval", "frozen_stimulus"),
    (f"trial__session__{_PSEUDONYM}", "frozen_stimulus__stimulus__name"),
)
_register(
    models.Play,
    ("presentation", "number", "started_at", "ended_at"),
    (f"presentation__trial__session__{_PSEUDONYM}",),
)
_register(
    models.Response,
    ("trial", "choice", "rt_from_offset_ms", "response_source", "answered_at"),
    (f"trial__session__{_PSEUDONYM}", f"trial__session__{_STUDY}"),
    ("choice", "response_source"),
)
_register(models.ChosenReason, ("response", "code", "text"), ("code", "text"), ("code",))
_register(models.Machine, ("slug", "title", "threshold", "created_at"), ("slug", "title"))
_register(
    models.MachineScore,
    ("machine", "stimulus", "fake_score", "decision", "split"),
    ("machine__slug", "stimulus__name"),
    ("decision", "split"),
)
_register(
    models.AuditEntry,
    ("at", "actor", "action", "object_type", "object_id"),
    ("action", "object_id", "actor__username"),
    ("action",),
)
