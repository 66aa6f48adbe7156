"""The released split, and what every split must keep to."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.config import BadTraining, Protocol
from detector.ml.protocols.folds import make_folds
from detector.ml.protocols.paper import paper_split
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION, ClipFacts

pytestmark = pytest.mark.once


def clips(n_fake: int, n_real: int) -> list[ClipFacts]:
    keys = sorted(hashlib.sha256(str(i).encode()).hexdigest() for i in range(n_fake + n_real))
    fakes = np.random.default_rng(0).permutation(np.arange(n_fake + n_real) < n_fake)
    return [ClipFacts(key=key, is_fake=bool(fake)) for key, fake in zip(keys, fakes, strict=True)]


def test_the_papers_corpus_splits_into_the_papers_sizes() -> None:
    sizes = np.bincount(paper_split(30750, seed=42))
    assert sizes.tolist() == [21524, 3075, 6151]


@pytest.mark.parametrize("n", [82, 1000, 30750])
def test_the_split_is_scikit_learns_done_twice(n: int) -> None:
    from sklearn.model_selection import train_test_split

    rest, validation = train_test_split(np.arange(n), test_size=0.1, random_state=42)
    train, evaluation = train_test_split(rest, test_size=0.2 / (0.7 + 0.2), random_state=42)
    split = paper_split(n, seed=42)
    for code, places in ((TRAIN, train), (VALIDATION, validation), (EVALUATION, evaluation)):
        assert np.array_equal(np.flatnonzero(split == code), np.sort(places))


@settings(deadline=None)
@given(st.integers(10, 3000), st.integers(0, 2**32 - 1))
def test_every_clip_is_in_exactly_one_of_three_parts(n: int, seed: int) -> None:
    split = paper_split(n, seed=seed)
    assert split.shape == (n,)
    counts = np.bincount(split, minlength=3)
    assert counts.sum() == n and (counts > 0).all()
    assert np.array_equal(split, paper_split(n, seed=seed))


def test_one_label_alone_is_refused() -> None:
    with pytest.raises(BadTraining, match="Add real clips"):
        make_folds(Protocol.PAPER, clips(30, 0), split_seed=42)


def test_too_few_clips_are_refused() -> None:
    with pytest.raises(BadTraining, match="too few"):
        make_folds(Protocol.PAPER, clips(4, 4), split_seed=42)


def test_a_training_part_of_one_label_is_refused() -> None:
    corpus = clips(0, 100)
    place = int(np.flatnonzero(paper_split(100, seed=42) == EVALUATION)[0])
    corpus[place] = ClipFacts(key=corpus[place].key, is_fake=True)
    with pytest.raises(BadTraining, match="one label only"):
        make_folds(Protocol.PAPER, corpus, split_seed=42)


def test_clips_in_another_order_are_refused() -> None:
    with pytest.raises(BadTraining, match="sorted"):
        make_folds(Protocol.PAPER, clips(10, 10)[::-1], split_seed=42)


def test_the_facts_count_the_teams_and_recordings_that_it_splits() -> None:
    corpus = [
        ClipFacts(key=f"{i:03}", is_fake=i % 2 == 0, team=f"team {i % 4}", source_group=f"recording {i // 20}")
        for i in range(100)
    ]
    (fold,) = make_folds(Protocol.PAPER, corpus, split_seed=42)
    assert fold.facts["groups"] == {"source": {"n": 5, "n_split": 5}, "team": {"n": 2, "n_split": 2}}
    assert (fold.facts["n_unused"], fold.facts["kept_together"]) == (0, [])
