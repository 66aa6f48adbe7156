"""Bring jobs back that a dead worker left behind, or whose message was lost, and do what is due by the clock."""

from dataclasses import dataclass

from detector.models import EmbeddingRun
from detector.services.embedding import settle_embedding
from detector.services.training import forget_unfinished
from studyapp.models.job import OPEN, job_kinds
from studyapp.services.jobs import reclaim_dead, send_lost_messages
from studyapp.services.preview import forget_previews
from studyapp.services.study_closing import close_studies_at_end
from studyapp.services.uploads import sweep_uploads


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """n_back: jobs of dead workers put back into the queue. n_failed: given up. n_sent: messages sent again.

    n_closed: studies at their end that were closed.
    """

    n_back: int
    n_failed: int
    n_sent: int
    n_closed: int


def reconcile_jobs() -> Reconciled:
    """Queue again what fell silent, settle what ended, and send the messages that were lost.

    Close studies whose time is over or whose places are completed, and forget previews that nobody ended.
    """
    results = [reclaim_dead(job=job) for job in job_kinds()]
    forget_unfinished()
    for run in EmbeddingRun.objects.filter(state__in=OPEN):
        settle_embedding(run_id=run.pk)
    n_sent = send_lost_messages()
    forget_previews()
    sweep_uploads()
    return Reconciled(
        n_back=sum(back for back, _ in results),
        n_failed=sum(failed for _, failed in results),
        n_sent=n_sent,
        n_closed=close_studies_at_end(),
    )
