"""Places for uploads on pages that do not know of them otherwise."""

from typing import Any

from django import template

from studyapp.models import StimulusSet
from studyapp.selectors.jobs import job_progress, may_cancel
from studyapp.selectors.uploads import list_uploads

register = template.Library()


@register.inclusion_tag("experimenter/set_uploads.html", takes_context=True)
def set_uploads(context: dict[str, Any], stimulus_set: StimulusSet) -> dict[str, Any]:
    """Show how the uploads into a set stand, to who may change it, and where more sounds are added."""
    if not stimulus_set.may_change or stimulus_set.provenance.get("kind", "import") != "import":
        return {"is_shown": False}
    user = context["request"].user
    uploads, waiting = list_uploads(stimulus_set, user)
    rows = [
        {"upload": each, "progress": job_progress(each, unit="file"), "may_cancel": may_cancel(user, each)}
        for each in uploads
    ]
    return {
        "is_shown": True,
        "set": stimulus_set,
        "uploads": rows,
        "n_waiting": getattr(waiting, "n_files", 0),
        "csrf_token": context.get("csrf_token"),
    }
