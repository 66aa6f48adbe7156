"""What stands round a launch, beside the draft itself: pilots, the audit of the set, workers, the disk."""

from django.db.models import Count

from studyapp.design.check_items import CheckItem, warn
from studyapp.models import Session, Study
from studyapp.selectors.readiness import NotReady, check_disk, living_workers
from studyapp.selectors.stimulus_audit import audit_set
from studyapp.vocab import Origin, Outcome

WORKER = ".venv/bin/celery -A studyapp.celery worker -Q default,gpu --pool solo"


def surrounding_items(study: Study) -> list[CheckItem]:
    """Return what an experimenter should know that the draft does not say. Three queries."""
    return [*_trial_runs(study), *_audit(study), *_machine()]


def _trial_runs(study: Study) -> list[CheckItem]:
    done = Session.objects.filter(version__study=study, outcome=Outcome.COMPLETED.value)
    counts = dict(done.order_by().values_list("origin").annotate(n=Count("pk")))
    items = []
    if not counts.get(Origin.BOT.value) and not counts.get(Origin.LIVE.value):
        words = "No simulated participants have walked through the study yet."
        todo = "Launch it as a pilot and let some in below: they find what breaks half-way."
        items.append(warn("no_bots", words, todo=todo, place="pilot"))
    if not counts.get(Origin.PILOT.value) and not counts.get(Origin.LIVE.value):
        words = "Nobody has completed the study in a pilot yet."
        todo = "Launch it as a pilot and send its link to two or three colleagues."
        items.append(warn("no_pilot", words, todo=todo, place="pilot"))
    return items


def _audit(study: Study) -> list[CheckItem]:
    found = audit_set(study.stimulus_set).warnings
    todo = "Look at the audit of the set: who hears this difference needs no other."
    return [warn("audit", words, todo=todo, place="set") for words in found]


def _machine() -> list[CheckItem]:
    items = []
    served = {queue for queues in living_workers().values_list("queues", flat=True) for queue in queues}
    if "default" not in served:
        words = "No worker is running: launches, simulated participants and exports will wait."
        items.append(warn("no_worker", words, todo=f"Start one: {WORKER}"))
    try:
        check_disk()
    except NotReady as error:
        items.append(warn("disk", f"The disk is nearly full: {error}.", todo="Make room before people take part."))
    return items
