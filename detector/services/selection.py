"""Choose clips by what a detector says of them, from clips that it did not see, into a stimulus set."""

from typing import Any

from django.db import transaction

from detector.ml.selection import Pick, misclassified
from detector.models import DetectorRun, Selection, Training
from detector.selectors.held_out import held_out_clips
from detector.selectors.runs import chosen_runs, needs_done, needs_true_labels
from studyapp.errors import InvalidAction
from studyapp.models import AuditEntry, SetMember, StimulusSet, User

RULE = "misclassified"
SPLIT_CHOICES = ("evaluation", "held-out")
CAUTION = (
    "Every clip is an error of one detector. Nothing can be said from this set about how good that detector is, and "
    "listeners who fail on it may only fail on what is hard for the detector."
)


def select_misclassified(
    *,
    training: Training,
    run_choice: str = "best",
    split: str = "held-out",
    per_class: int = 7,
    into: str,
    owner: User | None = None,
) -> Selection:
    """Put a detector's most confident errors, at most `per_class` of each kind in each category, into a new set.

    Only clips that the run did not see in training or validation are eligible, under either name of the split: each
    clip's score comes from a fold that held it out.

    Raises InvalidAction for a negative control, a wrong split, number or name, and when there is no error to select.
    """
    needs_done(training)
    needs_true_labels(training)
    if split not in SPLIT_CHOICES:
        raise InvalidAction(f"split {split!r}: use {' or '.join(SPLIT_CHOICES)}. Clips trained on are never selected.")
    if per_class < 1:
        raise InvalidAction(f"{per_class} clips per class: ask for at least 1")
    if StimulusSet.objects.filter(slug=into).exists():
        raise InvalidAction(f"There is a set named {into} already. Choose another name for the selection.")
    runs = chosen_runs(training, run_choice)
    clips = held_out_clips(runs)
    threshold = float(training.config["threshold"])
    picks = misclassified(clips, per_class=per_class, threshold=threshold)
    if not picks:
        raise InvalidAction(
            f"This detector makes no error on the {len(clips)} held-out clips, so there is nothing to select. "
            "Take another run (--run N), or a training on more clips."
        )
    rule = {"name": RULE, "per_class": per_class, "threshold": threshold, "split": split, "n_eligible": len(clips)}
    return _stored(training, runs, run_choice, rule, picks, into, owner)


@transaction.atomic
def _stored(
    training: Training,
    runs: list[DetectorRun],
    run_choice: str,
    rule: dict[str, Any],
    picks: list[Pick],
    into: str,
    owner: User | None,
) -> Selection:
    source = training.stimulus_set
    provenance = {
        "rule": rule,
        "training": training.pk,
        "set": source.slug,
        "encoder": training.encoder,
        "run_choice": run_choice,
        "chosen_by": "validation accuracy" if run_choice == "best" else "number",
        "runs": [{"fold": run.fold.number, "run": run.number, "checkpoint": run.checkpoint_sha256} for run in runs],
        "clips": [{"stimulus": pick.clip.stimulus_id, **_detail(pick, rule)} for pick in picks],
    }
    chosen = StimulusSet.objects.create(
        slug=into,
        title=f"Errors of training {training.pk} on {source}"[:200],
        description=f"At most {rule['per_class']} most confident errors of each kind in each category.",
        caution="\n".join([CAUTION, *_inherited(source)]),
        is_stand_in=source.is_stand_in,
        provenance={"kind": "selection", "rule": rule, "training": training.pk, "set": source.slug},
        owner=owner,
    )
    SetMember.objects.bulk_create(
        SetMember(stimulus_set=chosen, stimulus_id=pick.clip.stimulus_id, position=position, detail=_detail(pick, rule))
        for position, pick in enumerate(picks)
    )
    AuditEntry.objects.create(
        actor=owner, action="select_misclassified", object_type="stimulus_set", object_id=into, detail=rule
    )
    return Selection.objects.create(
        stimulus_set=chosen,
        training=training,
        rule=RULE,
        run_choice=run_choice,
        split=rule["split"],
        provenance=provenance,
        owner=owner,
    )


def _inherited(source: StimulusSet) -> list[str]:
    """Return the source's caution, line by line, as words about the source: it counts other clips."""
    return [f"Of the set it was selected from ({source.slug}): {line}" for line in source.caution.splitlines() if line]


def _detail(pick: Pick, rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "fake_score": pick.clip.fake_score,
        "bucket": pick.bucket.value,
        "rank": pick.rank,
        "split": rule["split"],
        "rule": rule["name"],
    }
