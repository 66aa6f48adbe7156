"""What a selection's rule took, in sentences."""

from typing import Any

from detector.ml.selection import ERRORS, MEANINGS, Bucket

PLURALS = {
    Bucket.INCORRECT_POSITIVE: "incorrect positives",
    Bucket.INCORRECT_NEGATIVE: "incorrect negatives",
    Bucket.BARELY_CAUGHT: "barely caught fakes",
    Bucket.SURELY_CAUGHT: "surely caught fakes",
    Bucket.SURE_REALS: "sure reals",
}


def rule_sentences(rule: dict[str, Any]) -> list[str]:
    """Return what was asked for, what was found and taken, and what could not be had."""
    sentences = [f"At most {rule['per_class']} clips of each kind in each category."]
    if rule["per_source"] is not None:
        sentences.append(_cap_sentence(rule))
    for name in rule["buckets"]:
        bucket, meaning = Bucket(name), MEANINGS[Bucket(name)]
        if bucket is Bucket.BARELY_CAUGHT:
            meaning = f"fakes with a score above {rule['barely_caught_above']:g}, the lowest first"
        n_found, n_taken = rule["n_found"][name], rule["n_taken"][name]
        sentences.append(f"{PLURALS[bucket].capitalize()} ({meaning}): {n_taken} of {n_found}.")
    if rule["n_controls"]:
        sentences.append(_controls_sentence(rule))
    return sentences


def rule_caution(rule: dict[str, Any]) -> str:
    """Return what cannot be concluded from the set."""
    only_errors = set(rule["buckets"]) <= {each.value for each in ERRORS} and not rule["n_controls"]
    chosen = "is an error of one detector" if only_errors else "was chosen by what one detector says of it"
    return (
        f"Every clip {chosen}. Nothing can be said from this set about how good that detector is, and "
        "listeners who fail on it may only fail on what is hard for the detector."
    )


def _cap_sentence(rule: dict[str, Any]) -> str:
    unknown = rule["n_without_source"]
    blind = f" {unknown} of the {rule['n_eligible']} clips have no known source and are not held to it." * bool(unknown)
    return f"At most {rule['per_source']} of one source in a category: of one recording, or of one generator.{blind}"


def _controls_sentence(rule: dict[str, Any]) -> str:
    n_taken, n_missing = rule["n_taken"][Bucket.CONTROL.value], rule["n_controls_missing"]
    within = " and that the cap on one source allows" * (rule["per_source"] is not None)
    lost = f" For {n_missing} no clip was left that the detector got right{within}." * bool(n_missing)
    return (
        f"Controls (for each error {rule['n_controls']} of the same label and category that the detector got right, "
        f"nearest in level): {n_taken} of {n_taken + n_missing}.{lost}"
    )
