"""Delete stored analyses. Apart from what computes them: whoever withdraws a session needs no statistics."""

from django.db import transaction

from studyapp.models import StoredAnalysis


def forget_analyses(*, study_id: int) -> int:
    """Delete the study's stored analyses, also those being computed: they hold, or may hold, what must no longer be.

    Once more when the transaction holds: until then another one may read the old answers, and store what it computed.
    """
    found = StoredAnalysis.objects.filter(study_id=study_id)
    transaction.on_commit(lambda: found.all().delete())
    return found.all().delete()[0]
