"""The bases of the administration's tables: what staff look at is on record; rows are never changed or deleted."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse

from studyapp.models import User
from studyapp.services.audit import record_audit

if TYPE_CHECKING:  # Django's own class takes no type argument when the program runs
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

# Secrets: the token of a session opens it, keys and codes stand for a person.
HIDDEN_FIELDS = frozenset(
    {"token", "idempotency_key", "key", "password", "withdrawal_code", "body_sha256", "token_sha256"}
)

LONGEST_QUERY = 500  # characters, percent-encoded: so that no byte of it can be one that a database refuses


class SeenAdmin(ModelAdmin):
    """Puts into the audit log which rows were looked at, and what was searched for."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        self._record(request, response, "see_rows", query=request.GET.urlencode()[:LONGEST_QUERY])
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        self._record(request, response, "see_row", object_id=object_id[:64])
        return response

    def _record(
        self, request: HttpRequest, response: HttpResponse, action: str, *, object_id: str = "", query: str = ""
    ) -> None:
        # Not what is sent on elsewhere, nor what an action does: that has an entry of its own.
        if request.method != "GET" or response.status_code != 200:
            return
        record_audit(
            actor=cast("User", request.user),
            action=action,
            object_type=str(self.opts.model_name),
            object_id=object_id,
            detail={"by": "administration", "query": query},
        )


class ReadOnlyAdmin(SeenAdmin):
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
