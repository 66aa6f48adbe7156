"""What the measures of agreement mean, in sentences, and their table."""

from typing import Any

from studyapp.reports.numbers import counted, cut_to_shares, number, percent, percent_interval

CLASSES = {"fake": "fakes", "real": "real sounds", "all": "both together"}
MEASURES = (
    (
        "krippendorff_alpha",
        "Krippendorff’s α",
        "Whether two listeners who hear the same clip answer alike, beyond chance: 1 always, 0 no more than chance.",
    ),
    ("fleiss_kappa", "Fleiss’ κ", "The same question; only where each clip has the same number of listeners."),
    (
        "split_half",
        "Split-half reliability of the clips’ shares",
        "How well other listeners, as many as these, would find the same clips easy and hard: the listeners are "
        "split at random, the halves’ shares correlated, and stepped up to all listeners (Spearman-Brown).",
    ),
    (
        "ceiling",
        "Ceiling of a correlation",
        "The square root of the split-half reliability: no detector’s scores can be expected to correlate better with "
        "the shares.",
    ),
)
ICCS = (
    ("agreement", "ICC(A,1)", "One listener’s answers as a measure of the clip."),
    ("of_k_agreement", "ICC(A,k)", "The mean answer of all these listeners as a measure of the clip."),
    ("of_k_consistency", "ICC(C,k), KR-20", "The same, where listeners may lean to one answer each in their own way."),
)
WITHIN = (
    "Within one class all clips have the same truth, so low values are usual: they say that listeners disagree on "
    "which fakes, or which real sounds, give themselves away."
)


def reliability_page(found: dict[str, Any]) -> dict[str, Any]:
    """Return the template's context."""
    classes = {name: found[name] for name in CLASSES}
    return {
        "columns": list(CLASSES.values()),
        "rows": [
            *(
                {
                    "name": name,
                    "meaning": meaning,
                    "values": [number(row[key]) for row in classes.values()],
                }
                for key, name, meaning in MEASURES
            ),
            *(
                {
                    "name": name,
                    "meaning": meaning,
                    "values": [number(row["icc"][key] if row["icc"] else None) for row in classes.values()],
                }
                for key, name, meaning in ICCS
            ),
        ],
        "sentences": [_sentence(name, classes[name]) for name in ("fake", "real")],
        "within": WITHIN,
        "notes": _notes(classes),
        "splits": classes["all"]["n_splits"],
        "seed": found["seed"],
        "repeats": _repeats(found["repeats"]),
    }


def _sentence(name: str, row: dict[str, Any]) -> str:
    """Say in a sentence how far other listeners would give the same shares."""
    words = CLASSES[name]
    value = row["split_half"]
    if value is None:
        return f"Whether other listeners would find the same {words} easy and hard cannot be said."
    how = "hardly" if value < 0.5 else "roughly" if value < 0.8 else "closely"
    return (
        f"Other listeners, as many as these {row['n_listeners']}, would {how} find the same {words} easy and hard "
        f"(split-half reliability {number(value)})."
    )


def _notes(classes: dict[str, dict[str, Any]]) -> list[str]:
    """Return each reason for a missing measure once, with the classes that it is true of."""
    of_note: dict[str, list[str]] = {}
    for name, row in classes.items():
        for note in row["notes"]:
            of_note.setdefault(note, []).append(CLASSES[name])
    return [f"{', '.join(names).capitalize()}: {note}" for note, names in of_note.items()]


def _repeats(found: dict[str, Any]) -> str:
    if not found["n_pairs"]:
        return "No analysed clip was heard twice, so whether listeners agree with themselves cannot be said."
    interval = f", 95 % interval {percent_interval(cut_to_shares(found['interval'])[0])}" if found["interval"] else ""
    kappa = f"; κ {number(found['kappa'])}" if found["kappa"] is not None else ""
    return (
        f"Listeners gave a clip that came again the same answer in {found['n_same']} of "
        f"{counted(found['n_pairs'], 'repeat')} (mean over {counted(found['n_listeners'], 'listener')} "
        f"{percent(found['mean'])}{interval}{kappa}). {found['n_below_half']} of them did so in less than half."
    )
