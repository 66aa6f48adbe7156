"""The ROC of ratings against the counts of Hanley & McNeil (1982), its definition over pairs, and its edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from studyapp.stats.rating_roc import rating_roc

pytestmark = pytest.mark.once

# Hanley & McNeil (1982), table I: 109 images rated from definitely normal to definitely abnormal.
NORMAL, ABNORMAL = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]


def test_is_the_published_area_of_hanley_and_mcneil():
    found = rating_roc(fakes=ABNORMAL, reals=NORMAL)
    assert (found.n_fake, found.n_real) == (51, 58)
    assert found.auc == pytest.approx(0.893, abs=5e-4)
    assert found.points[0] == pytest.approx((2 / 58, 33 / 51))
    assert found.points[1] == pytest.approx((13 / 58, 44 / 51))
    assert found.points[-1] == (1.0, 1.0)


def test_edges():
    assert rating_roc(fakes=[0, 0], reals=[1, 2]) is None
    assert rating_roc(fakes=[1, 0], reals=[0, 0]) is None
    assert rating_roc(fakes=[], reals=[]) is None
    assert rating_roc(fakes=[0, 5], reals=[5, 0]).auc == 1.0
    assert rating_roc(fakes=[5, 0], reals=[0, 5]).auc == 0.0
    assert rating_roc(fakes=[0, 5], reals=[0, 2]).auc == 0.5
    for fakes, reals in (([1], [1, 2]), ([-1, 2], [1, 2])):
        with pytest.raises(ValueError):
            rating_roc(fakes=fakes, reals=reals)


COUNTS = st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any)


@given(fakes=COUNTS, reals=COUNTS)
def test_is_scikit_learns_area_and_turns_with_the_scale(fakes, reals):
    found = rating_roc(fakes=fakes, reals=reals)
    ratings = np.concatenate([np.repeat(range(4), fakes), np.repeat(range(4), reals)])
    truth = np.repeat([1, 0], [sum(fakes), sum(reals)])
    assert found.auc == pytest.approx(roc_auc_score(truth, ratings), abs=1e-12)
    assert rating_roc(fakes=fakes[::-1], reals=reals[::-1]).auc == pytest.approx(1.0 - found.auc, abs=1e-12)
    xs, ys = zip((0.0, 0.0), *found.points, strict=True)
    assert np.trapezoid(ys, xs) == pytest.approx(found.auc, abs=1e-12)
    assert list(xs) == sorted(xs) and list(ys) == sorted(ys)
