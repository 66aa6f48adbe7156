"""The list of measures: all there, each the function it names, None where a label is missing."""

import numpy as np
import pytest

from detector.ml import calibration, ranking
from detector.ml.metrics import evaluate
from detector.ml.summary import MEASURES, all_measures
from detector.ml.weighted import RESAMPLED_MEASURES

pytestmark = pytest.mark.once


def test_every_name_stands_for_its_measure() -> None:
    rng = np.random.default_rng(3)
    is_fake, scores = rng.random(50) < 0.6, rng.random(50)
    counts = evaluate(is_fake, scores, threshold=0.3)
    assert all_measures(is_fake, scores, 0.3) == {
        "accuracy": counts.accuracy,
        "balanced_accuracy": counts.balanced_accuracy,
        "roc_auc": ranking.roc_auc(is_fake, scores),
        "eer": ranking.equal_error_rate(is_fake, scores),
        "average_precision": ranking.average_precision(is_fake, scores),
        "tpr_at_fpr_01": ranking.tpr_at_fpr(is_fake, scores, fpr=0.01),
        "brier": calibration.brier(is_fake, scores),
        "ece": calibration.expected_calibration_error(is_fake, scores, n_bins=10),
    }


@pytest.mark.parametrize("label", [True, False])
def test_one_label_alone_has_accuracy_brier_and_calibration_error_only(label: bool) -> None:
    found = all_measures(np.array([label]), np.array([0.5]), 0.5)
    assert {name for name, value in found.items() if value is not None} == {"accuracy", "brier", "ece"}


def test_no_clip_at_all_is_refused_by_some_measure() -> None:
    with pytest.raises(ValueError, match="some clips"):
        all_measures(np.array([], dtype=bool), np.array([]), 0.5)


def test_every_measure_can_be_resampled() -> None:
    assert list(RESAMPLED_MEASURES) == list(MEASURES)
