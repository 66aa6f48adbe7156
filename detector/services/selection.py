"""Choose clips by what a detector says of them, from clips that it did not see, into a stimulus set."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from detector.ml.selection import BARELY_CAUGHT_ABOVE, ERRORS, Bucket, Choice, Pick, Rule, ScoredClip, select
from detector.models import DetectorRun, Selection, Training
from detector.selectors.held_out import held_out_clips
from detector.selectors.runs import chosen_runs, needs_done, needs_true_labels
from detector.selectors.selection_text import rule_caution, rule_sentences
from studyapp.errors import InvalidAction
from studyapp.models import AuditEntry, SetMember, Stimulus, StimulusSet, User
from studyapp.vocab import Split

MISCLASSIFIED, BY_LIKELIHOOD = "misclassified", "by likelihood"
SPLIT_CHOICES = ("evaluation", "held-out")


def select_misclassified(
    *,
    training: Training,
    run_choice: str = "best",
    split: str = "held-out",
    buckets: Sequence[Bucket] = ERRORS,
    per_class: int = 7,
    per_source: int | None = None,
    n_controls: int = 0,
    barely_caught_above: float = BARELY_CAUGHT_ABOVE,
    into: str,
    owner: User | None = None,
) -> Selection:
    """Put clips into a new set by what a detector says of them: its most confident errors, where nothing else is asked.

    Only clips that the run did not see in training or validation are eligible, under either name of the split: each
    clip's score comes from a fold that held it out.

    Raises InvalidAction for a wrong split or name, for a training on permuted labels, and when there is nothing to
    select; BadSelection for a rule that cannot be.
    """
    needs_done(training)
    needs_true_labels(training)
    if split not in SPLIT_CHOICES:
        raise InvalidAction(f"split {split!r}: use {' or '.join(SPLIT_CHOICES)}. Clips trained on are never selected.")
    rule = Rule(
        buckets=tuple(buckets),
        per_class=per_class,
        per_source=per_source,
        n_controls=n_controls,
        threshold=float(training.config["threshold"]),
        barely_caught_above=barely_caught_above,
    )
    if StimulusSet.objects.filter(slug=into).exists():
        raise InvalidAction(f"There is a set named {into} already. Choose another name for the selection.")
    runs = chosen_runs(training, run_choice)
    clips = _with_levels(held_out_clips(runs))
    choice = select(clips, rule)
    if not choice.picks:
        raise InvalidAction(_nothing(rule, len(clips)))
    facts = _rule_facts(rule, choice, clips, split)
    return _stored(training, runs, run_choice, facts, choice.picks, into, owner)


def _with_levels(clips: Sequence[ScoredClip]) -> list[ScoredClip]:
    """Return the clips that are there still, each with its level."""
    stimuli = Stimulus.objects.only("level_dbfs").in_bulk([clip.stimulus_id for clip in clips])
    return [
        replace(clip, level_dbfs=stimuli[clip.stimulus_id].level_dbfs) for clip in clips if clip.stimulus_id in stimuli
    ]


def _nothing(rule: Rule, n_clips: int) -> str:
    what = "makes no error" if set(rule.buckets) == set(ERRORS) else "has no clip of the chosen kinds"
    return (
        f"This detector {what} on the {n_clips} held-out clips, so there is nothing to select. "
        "Take another run (--run N), or a training on more clips."
    )


def _rule_facts(rule: Rule, choice: Choice, clips: Sequence[ScoredClip], split: str) -> dict[str, Any]:
    """Return the rule as it is kept: its parameters, what was eligible, and what was found and taken of it."""
    facts: dict[str, Any] = {
        "name": MISCLASSIFIED if set(rule.buckets) <= set(ERRORS) else BY_LIKELIHOOD,
        "buckets": [bucket.value for bucket in choice.n_found],
        "per_class": rule.per_class,
        "per_source": rule.per_source,
        "n_controls": rule.n_controls,
        "threshold": rule.threshold,
        "split": split,
        "n_eligible": len(clips),
        "n_without_source": sum(not clip.source for clip in clips),
        "n_found": {bucket.value: n for bucket, n in choice.n_found.items()},
        "n_taken": {bucket.value: choice.n_taken(bucket) for bucket in choice.n_found},
    }
    if Bucket.BARELY_CAUGHT in rule.buckets:
        facts["barely_caught_above"] = rule.barely_caught_above
    if rule.n_controls:
        facts["n_taken"][Bucket.CONTROL.value] = choice.n_taken(Bucket.CONTROL)
        facts["n_controls_missing"] = choice.n_controls_missing
    return facts


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
    run_of_fold = {run.fold.number: run.number for run in runs}
    details = [_detail(pick, rule, run_of_fold) for pick in picks]
    provenance = {
        "rule": rule,
        "training": training.pk,
        "set": source.slug,
        "encoder": training.encoder,
        "run_choice": run_choice,
        "chosen_by": "validation accuracy" if run_choice == "best" else "number",
        "runs": [{"fold": run.fold.number, "run": run.number, "checkpoint": run.checkpoint_sha256} for run in runs],
        "clips": [{"stimulus": pick.clip.stimulus_id, **detail} for pick, detail in zip(picks, details, strict=True)],
    }
    what = "Errors of" if rule["name"] == MISCLASSIFIED and not rule["n_controls"] else "Selection by"
    chosen = StimulusSet.objects.create(
        slug=into,
        title=f"{what} training {training.pk} on {source}"[:200],
        description="\n".join(rule_sentences(rule)),
        caution="\n".join([rule_caution(rule), *_inherited(source)]),
        is_stand_in=source.is_stand_in,
        provenance={"kind": "selection", "rule": rule, "training": training.pk, "set": source.slug},
        owner=owner,
    )
    SetMember.objects.bulk_create(
        SetMember(stimulus_set=chosen, stimulus_id=pick.clip.stimulus_id, position=position, detail=detail)
        for position, (pick, detail) in enumerate(zip(picks, details, strict=True))
    )
    AuditEntry.objects.create(
        actor=owner, action="select_misclassified", object_type="stimulus_set", object_id=into, detail=rule
    )
    return Selection.objects.create(
        stimulus_set=chosen,
        training=training,
        rule=rule["name"],
        run_choice=run_choice,
        split=rule["split"],
        provenance=provenance,
        owner=owner,
    )


def _inherited(source: StimulusSet) -> list[str]:
    """Return the source's caution, line by line, as words about the source: it counts other clips."""
    return [f"Of the set it was selected from ({source.slug}): {line}" for line in source.caution.splitlines() if line]


def _detail(pick: Pick, rule: dict[str, Any], run_of_fold: dict[int, int]) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "fake_score": pick.clip.fake_score,
        "bucket": pick.bucket.value,
        "rank": pick.rank,
        "split": Split.EVALUATION.value,  # what the clip was for; rule["split"] is the user's word for the choice
        "fold": pick.clip.fold,
        "run": run_of_fold[pick.clip.fold],
        "rule": rule["name"],
    }
    if pick.control_of is not None:
        detail |= {"control_of": pick.control_of, "level_difference_db": pick.level_difference_db}
    return detail
