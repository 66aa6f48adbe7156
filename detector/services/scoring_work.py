"""Plan a scoring from the page, and do it on a worker."""

from detector.models import Scoring, Training
from detector.selectors.runs import chosen_runs, needs_done, needs_true_labels
from detector.services.scoring import score_stimuli
from studyapp.errors import InvalidAction
from studyapp.models import StimulusSet, User
from studyapp.services.jobs import Claim, do_claimed


def plan_scoring(
    *, training: Training, run_choice: str, stimulus_set: StimulusSet, owner: User | None = None
) -> Scoring:
    """Make a queued scoring. Raises InvalidAction or NotFound where it cannot be done."""
    needs_done(training)
    needs_true_labels(training)
    chosen_runs(training, run_choice)
    n_clips = stimulus_set.members.count()
    if not n_clips:
        raise InvalidAction(f"The set {stimulus_set.slug} has no clips to score.")
    return Scoring.objects.create(
        training=training, run_choice=run_choice, stimulus_set=stimulus_set, n_total=n_clips, owner=owner
    )


def score_planned(*, scoring_id: int) -> bool:
    """Do a queued scoring; False when another worker has it. A second time stores the same scores again."""

    def do(held: Claim) -> None:
        held.update(n_done=0)  # what an earlier attempt left there would make this one look fast
        scoring = Scoring.objects.select_related("training__stimulus_set", "stimulus_set").get(pk=scoring_id)
        score_stimuli(
            training=scoring.training,
            run_choice=scoring.run_choice,
            stimulus_set=scoring.stimulus_set,
            on_part=lambda share: held.beat(n_done=int(share * scoring.n_total), now=share == 1.0),
        )
        held.finish()

    return do_claimed(job=Scoring, pk=scoring_id, do=do)
