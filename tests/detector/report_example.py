"""A report such as a worker stores (docs/report_json.md), with numbers that are easy to recognise on a page."""

import json
from typing import Any

import numpy as np
from django.utils import timezone

from detector.ml.checkpoint import digest
from detector.models import Report, Training
from detector.selectors.report import training_report
from studyapp.services import media
from studyapp.vocab import JobState

MEASURES = ("accuracy", "balanced_accuracy", "roc_auc", "eer", "average_precision", "tpr_at_fpr_01", "brier", "ece")


def example_report(training: Training, *, systems: int = 3, categories: tuple[str, ...] = ("rain", "dog_bark")) -> Any:
    """Return the report of a training with so many systems; none of it is computed but what is there at once."""
    rng = np.random.default_rng(5)
    quick = training_report(training)
    names = [f"system {number + 1:02d}" for number in range(systems)]
    cells = [
        {"system": name, "category": category, "n": 5, "hit_rate": float(rng.uniform(0.1, 1))}
        for name in names
        for category in categories
    ]
    by_system = [_system(name, place, rng) for place, name in enumerate(names)]
    return {
        "schema": 1,
        **quick,
        "options": {"n_resamples": 2000, "level": 0.95, "official": None},
        "held_out": {
            "n": 100,
            "n_clips": 100,
            "n_fake": 60,
            "n_real": 40,
            "n_runs": training.n_runs,
            "n_folds": len(quick["folds"]),
            "n_systems": systems,
            "n_sources": 7,
            "n_clusters_fake": 3,
            "n_clusters_real": 7,
            "clusters": {"fake": "team", "real": "source_group"},
        },
        "shortcut_audit": {
            "features": ["level_dbfs", "bandwidth_hz"],
            "n": 100,
            "overall": {name: {"mean": 0.61, "low": 0.52, "high": 0.7} for name in MEASURES},
            "coefficients": [{"feature": "level_dbfs", "mean": -0.3}, {"feature": "bandwidth_hz", "mean": 1.4}],
        },
        **_overall(quick),
        **_groups(names, categories),
        "by_system": by_system,
        "by_system_category": cells,
        **_quality(by_system, categories),
    }


def _overall(quick: dict[str, Any]) -> dict[str, Any]:
    best = quick["best_by_validation"]
    fpr = np.linspace(0, 1, 60)
    return {
        "overall": {
            name: {"mean": 0.912, "sd": 0.004, "low": 0.877, "high": 0.934, "level": 0.95, "n_resamples": 2000}
            for name in MEASURES
        },
        "by_fold": [
            {"fold": fold["number"], "name": fold["name"], "n": fold["n_evaluation"], **dict.fromkeys(MEASURES, 0.9)}
            for fold in quick["folds"]
        ],
        "roc": {"runs": best, "points": [[x, x**0.2] for x in fpr.tolist()], "tpr_at_fpr_01": 0.4},
        "calibration": {
            "runs": best,
            "bins": [
                {
                    "low": low / 10,
                    "high": (low + 1) / 10,
                    "n": low * 7,
                    "mean_score": low / 10 + 0.05 if low else None,
                    "share_fake": min(1.0, low / 8) if low else None,
                }
                for low in range(10)
            ],
            "brier": 0.081,
            "ece": 0.033,
        },
    }


def _groups(names: list[str], categories: tuple[str, ...]) -> dict[str, Any]:
    return {
        "by_category": [
            {
                "category": category,
                "n": 50,
                "n_fake": 30,
                "n_real": 20,
                "accuracy": 0.91,
                "balanced_accuracy": 0.9,
                "accuracy_best_on_evaluation": 0.94,
            }
            for category in categories
        ],
        "systems": {
            "n": len(names),
            "mean_hit_rate": 0.88,
            "worst": {"system": names[0], "hit_rate": 0.41},
            "mean_roc_auc": 0.93,
            "mean_eer": 0.09,
            "worst_eer": {"system": names[0], "eer": 0.22},
        }
        if names
        else None,
    }


def _quality(by_system: list[dict[str, Any]], categories: tuple[str, ...]) -> dict[str, Any]:
    systems = len(by_system)
    return {
        "frechet": {
            "reference": "the recorded clips of the eval split",
            "reference_n": dict.fromkeys(categories, 20),
            "min_clips": 2,
            "systems": [
                {
                    "system": row["system"],
                    "team": row["team"],
                    "track": row["track"],
                    "n": 10,
                    "mean": 5.0 + place,
                    "n_categories": len(categories),
                    "by_category": {category: {"n": 5, "value": 5.0 + place} for category in categories},
                }
                for place, row in enumerate(by_system)
            ],
        },
        "quality": [
            {
                "against": "frechet",
                "track": track,
                "n": systems,
                "pearson": {"r": -0.42, "low": -0.8, "high": 0.1} if systems > 3 else None,
                "spearman": {"r": -0.38, "low": -0.7, "high": 0.2} if systems > 3 else None,
                "points": [
                    {"system": row["system"], "track": row["track"], "bce": row["bce"], "value": 5.0 + place}
                    for place, row in enumerate(by_system)
                ],
            }
            for track in ("A", "B", "all")
        ]
        if by_system
        else [],
    }


def _system(name: str, place: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "system": name,
        "team": f"team {place // 2}",
        "track": "AB"[place % 2],
        "n": 10,
        "hit_rate": float(rng.uniform(0.4, 1)),
        "bce": float(rng.uniform(0.1, 1.5)),
        "roc_auc": float(rng.uniform(0.8, 1)),
        "eer": float(rng.uniform(0, 0.2)),
    }


def store_report(training: Training, content: Any) -> Report:
    """Store a report as a worker does."""
    stored = json.dumps(content, allow_nan=False).encode()
    return Report.objects.create(
        training=training,
        state=JobState.DONE.value,
        n_done=7,
        n_total=7,
        options=content["options"],
        content_name=media.store(media.name_for("detector/reports", stored, ".json"), stored),
        content_sha256=digest(stored),
        code_version="0.1.0",
        finished_at=timezone.now(),
    )
