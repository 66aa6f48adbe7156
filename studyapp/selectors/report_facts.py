"""Where the numbers of a report come from: versions, hashes, seed, and when the data changed last."""

import platform
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from studyapp.models import Exclusion, Study
from studyapp.selectors.analysis import sessions_of
from studyapp.selectors.analysis_data import code_sha256, data_fingerprint
from studyapp.selectors.analysis_plan import Rules, plan_in_force
from studyapp.vocab import Origin

LIBRARIES = ("Django", "numpy", "scipy", "pandas", "altair", "vl-convert-python")
OPTIONAL = "weasyprint"


def data_changed_at(*, study: Study, origin: Origin) -> datetime:
    """Return when the origin's sessions, an exclusion of one, or the study's versions changed last.

    Raises StudyVersion.DoesNotExist for a study that was never launched.
    """
    sessions = sessions_of(study=study, origin=origin).order_by()
    seen = sessions.aggregate(Max("started_at"), Max("last_seen_at"), Max("ended_at"))
    excluded = Exclusion.objects.filter(session__in=sessions).aggregate(Max("created_at"))
    launched = study.versions.latest("number").launched_at
    times: list[datetime] = [at for at in (launched, *seen.values(), *excluded.values()) if at is not None]
    return max(times)


def report_facts(*, study: Study, origin: Origin, rules: Rules) -> dict[str, Any]:
    """Return what a report says of its origin; the same for the same data, code and libraries, whatever the hour."""
    plan = plan_in_force(study, origin)
    return {
        "program": f"Earwitness {settings.VERSION}",
        "study": study.slug,
        "stimulus_set": study.stimulus_set.slug,
        "origin": origin.value,
        "data_changed_at": data_changed_at(study=study, origin=origin).isoformat(timespec="seconds"),
        "data_sha256": data_fingerprint(study=study, origin=origin, rules=rules),
        "code_sha256": code_sha256(),
        "plan_sha256": plan.sha256 if plan else None,
        "seed": plan.plan.seed if plan and plan.plan else None,
        "versions": [
            {
                "number": each.number,
                "sha256": each.sha256,
                "code_version": each.code_version,
                "launched_at": timezone.localtime(each.launched_at).isoformat(timespec="seconds"),
            }
            for each in study.versions.order_by("number")
        ],
        "python": platform.python_version(),
        "libraries": _library_versions(),
    }


def _library_versions() -> dict[str, str]:
    found = {name: version(name) for name in LIBRARIES}
    with suppress(PackageNotFoundError):
        found[OPTIONAL] = version(OPTIONAL)
    return found
