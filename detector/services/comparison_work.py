"""What a worker does with a comparison of trainings; the command does the same in the foreground."""

from collections.abc import Callable

from detector.models import Comparison
from detector.services.comparison import compare_trainings
from detector.services.stored_json import publish_json
from studyapp.errors import EarwitnessError
from studyapp.services.jobs import Claim, do_claimed, do_or_await
from studyapp.vocab import JobState

Say = Callable[[str], None]


def compare_planned(*, comparison_id: int, say: Say = lambda line: None) -> bool:
    """Compute a queued comparison and store it; False when another worker has it or it was cancelled on the way."""
    return do_claimed(job=Comparison, pk=comparison_id, do=lambda held: _do(comparison_id, held, say))


def run_comparison(*, comparison: Comparison, say: Say = lambda line: None) -> Comparison:
    """Compute a comparison in the foreground, or wait for the worker that has it; return it ended.

    Raises EarwitnessError when it failed or was cancelled.
    """
    do_or_await(comparison, lambda: compare_planned(comparison_id=comparison.pk, say=say))
    if comparison.state != JobState.DONE.value:
        raise EarwitnessError(f"The {comparison} is {comparison.state}. {comparison.error}".strip())
    return comparison


def _do(comparison_id: int, held: Claim, say: Say) -> None:
    comparison = Comparison.objects.get(pk=comparison_id)

    def tell(n_done: int, n_total: int) -> None:
        if n_done == 0:
            held.update(n_done=0, n_total=n_total)
        say(f"{comparison}: {n_done} of {n_total} differences on shared clips")
        held.beat(n_done=n_done, now=True)

    content = compare_trainings(
        list(comparison.trainings.select_related("stimulus_set").order_by("pk")),
        n_resamples=comparison.options["n_resamples"],
        level=comparison.options["level"],
        on_part=held.beat,
        on_difference=tell,
    )
    publish_json(content, folder="detector/comparisons", held=held)
