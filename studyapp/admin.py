"""Every row of the study side in the admin: to look at and to search. What is on record is not changed here.

Editable are accounts, and exclusions, which are rows with a reason and never deletes.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest

from studyapp import models
from studyapp.administration.read_only import ReadOnlyAdmin, SeenAdmin
from studyapp.administration.session_actions import SESSION_ACTIONS
from studyapp.administration.study_actions import STUDY_ACTIONS
from studyapp.services.audit import record_audit

if TYPE_CHECKING:  # Django's own class takes no type argument when the program runs
    _UserAdmin = UserAdmin[models.User]
else:
    _UserAdmin = UserAdmin

admin.site.site_header = "Earwitness administration"
admin.site.site_title = "Earwitness"
admin.site.disable_action("delete_selected")


@admin.register(models.Study)
class StudyAdmin(ReadOnlyAdmin):
    list_display = ("slug", "title", "owner", "stimulus_set", "state", "created_at")
    list_filter = ("state",)
    search_fields = ("slug", "title", "owner__username", "stimulus_set__slug")
    list_select_related = ("owner", "stimulus_set")
    actions = STUDY_ACTIONS


@admin.register(models.Exclusion)
class ExclusionAdmin(SeenAdmin):
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


@admin.register(models.User)
class AccountAdmin(SeenAdmin, _UserAdmin):
    """Accounts, and who is staff. What is changed is in the log; accounts are closed, not deleted."""

    def save_model(self, request: Any, obj: models.User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record_audit(
            actor=request.user,
            action="change_account" if change else "make_account",
            object_type="user",
            object_id=obj.username,
            detail={"fields": form.changed_data, "staff": obj.is_staff, "active": obj.is_active},
        )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Session)
class SessionAdmin(ReadOnlyAdmin):
    """Sessions. Actions export them, exclude, withdraw and erase."""

    list_display = ("id", "participant", "version", "origin", "step", "outcome", "started_at", "ended_at", "erased_at")
    list_filter = ("origin", "outcome", "step", "version__study__slug")
    search_fields = ("participant__pseudonym", "version__study__slug")
    list_select_related = ("participant", "version__study")
    actions = SESSION_ACTIONS

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether who asks may exclude, withdraw and erase: rows themselves are never edited."""
        return request.user.has_perm("studyapp.change_session")


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
_register(models.ListeningPass, ("stimulus_set", "author", "is_blind", "created_at", "ended_at"), ("author__username",))
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
_register(models.RecruiterIdentity, ("participant", "study", "recruiter", "created_at"), (_PSEUDONYM, "external_id"))
_register(models.RecruiterVisit, ("identity", "session", "submission_id", "created_at"), ("submission_id",))
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
_register(
    models.QuestionAnswer,
    ("session", "step", "attempt", "code", "answer"),
    (f"session__{_PSEUDONYM}", "code"),
    ("step", "code"),
)
_register(models.ChosenReason, ("response", "code", "text"), ("code", "text"), ("code",))
_register(models.StudyMember, ("study", "user", "role", "created_at"), ("study__slug", "user__username"), ("role",))
_register(models.Invitation, ("note", "study", "role", "invited_by", "expires_at", "accepted_by"), ("note",))
_register(models.StudyRevision, ("study", "number", "author", "created_at"), ("study__slug",))
_register(models.ApiToken, ("name", "user", "may_write", "created_at", "last_used_at"), ("name", "user__username"))
_register(models.StimulusUpload, ("stimulus_set", "owner", "state", "created_at"), ("stimulus_set__slug",), ("state",))
_register(models.UploadedFile, ("name", "upload", "kind", "n_bytes"), ("name", "sha256"), ("kind",))
_register(models.BotRun, ("study", "n", "d_prime", "state", "created_at"), ("study__slug",), ("state",))
_register(models.StudyLaunch, ("study", "owner", "as_pilot", "state", "created_at"), ("study__slug",), ("state",))
_register(
    models.StoredAnalysis,
    (
        *("study", "origin", "include_incomplete", "leave_out_in_doubt", "include_excluded", "leave_out_flagged"),
        *("state", "computed_at"),
    ),
    ("study__slug",),
    ("state", "origin"),
    exclude=("result", "spread"),  # megabytes; the page of the results shows them
    get_queryset=lambda self, request: models.StoredAnalysis.objects.defer("result", "spread"),
)
_register(models.Worker, ("name", "queues", "version", "started_at", "seen_at"), ("name",))
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
