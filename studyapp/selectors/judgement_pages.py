"""A page of a study's judgements, without reading those before it."""

from studyapp.models import Presentation, Session, Study
from studyapp.selectors.judgement_stream import Judgement, judgements_of
from studyapp.vocab import Origin


def judgement_page(study: Study, origin: Origin, *, limit: int, offset: int) -> tuple[int, list[Judgement]]:
    """Return how many judgements there are, and those of the page, in the order of the trials."""
    answered = Presentation.objects.filter(
        interval=0,
        trial__response__isnull=False,
        trial__session__version__study=study,
        trial__session__origin=origin.value,
    ).order_by("trial_id")
    wanted = dict(answered.values_list("trial_id", "trial__session_id")[offset : offset + limit])
    # Whole sessions are read: no more than `limit` of them, and nearly all of their trials are on the page.
    sessions = Session.objects.filter(pk__in=set(wanted.values()))
    found = [each for each in judgements_of(study=study, sessions=sessions) if each.trial_id in wanted]
    return answered.count(), found
