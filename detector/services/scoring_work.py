"""Plan a scoring from the page, and do it on a worker."""

from contextlib import suppress

from django.db import Error as DatabaseError

from detector.models import Scoring, Training
from detector.selectors.runs import chosen_runs, needs_done
from detector.services.jobs import LostClaim, claim
from detector.services.scoring import score_stimuli
from studyapp.errors import EarwitnessError, InvalidAction
from studyapp.models import StimulusSet, User


def plan_scoring(
    *, training: Training, run_choice: str, stimulus_set: StimulusSet, owner: User | None = None
) -> Scoring:
    """Make a queued scoring. Raises InvalidAction or NotFound where it cannot be done."""
    needs_done(training)
    chosen_runs(training, run_choice)
    n_clips = stimulus_set.members.count()
    if not n_clips:
        raise InvalidAction(f"The set {stimulus_set.slug} has no clips to score.")
    return Scoring.objects.create(
        training=training, run_choice=run_choice, stimulus_set=stimulus_set, n_total=n_clips, owner=owner
    )


def score_planned(*, scoring_id: int) -> bool:
    """Do a queued scoring; False when another worker has it. A second time stores the same scores again."""
    held = claim(job=Scoring, pk=scoring_id)
    if held is None:
        return False
    scoring = Scoring.objects.select_related("training__stimulus_set", "stimulus_set").get(pk=scoring_id)
    try:
        score_stimuli(training=scoring.training, run_choice=scoring.run_choice, stimulus_set=scoring.stimulus_set)
        held.finish()
    except LostClaim:
        return False
    except DatabaseError:
        raise  # the row cannot be written now; its silence will bring it back to the queue
    except EarwitnessError as error:
        with suppress(LostClaim):
            held.fail(str(error), again=False)
    except Exception as error:
        with suppress(LostClaim):
            held.fail(f"{type(error).__name__}: {error}", again=True)
        raise
    return True
