"""No group stands in two splits, and every clip is evaluated at most once: under every protocol, whatever the clips."""

import contextlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from detector.ml.config import BadTraining, Protocol
from detector.ml.protocols.draft import n_split
from detector.ml.protocols.folds import make_folds
from detector.ml.protocols.groups import group_keys, source_key, team_key
from detector.ml.splits import EVALUATION, TRAIN, UNUSED, VALIDATION, ClipFacts, Fold
from tests.detector.ml.protocols.corpora import ANY_CORPUS, challenge, keyed, sound_corpora

pytestmark = pytest.mark.once
KEEPING = [protocol for protocol in Protocol if protocol is not Protocol.PAPER]
HOLDING_OUT_ALL = [Protocol.LEAVE_ONE_TEAM_OUT, Protocol.LEAVE_ONE_CLASS_OUT, Protocol.CROSS_TRACK]
CALM = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def splits_of_groups(protocol: Protocol, clips: Sequence[ClipFacts], fold: Fold) -> dict[str, set[int]]:
    """Return the splits that each group stands in, found clip by clip."""
    found: dict[str, set[int]] = {}
    for clip, code in zip(clips, fold.assignment, strict=True):
        for key in group_keys(protocol, clip):
            found.setdefault(key, set()).add(int(code))
    return {key: codes - {UNUSED} for key, codes in found.items()}


def n_evaluated(folds: Sequence[Fold]) -> np.ndarray:
    return np.sum([fold.assignment == EVALUATION for fold in folds], axis=0)


def check(protocol: Protocol, clips: Sequence[ClipFacts], folds: Sequence[Fold]) -> None:
    is_fake = np.array([clip.is_fake for clip in clips])
    for fold in folds:
        assert all(len(codes) <= 1 for codes in splits_of_groups(protocol, clips, fold).values())
        for code in (TRAIN, EVALUATION):
            assert set(is_fake[fold.of(code)]) == {True, False}
        assert len(fold.of(VALIDATION))
        assert fold.facts["n_unused"] == int((fold.assignment == UNUSED).sum()) == sum(fold.facts["unused"].values())
        for kind in fold.facts["groups"].keys() & set(fold.facts["kept_together"]):
            assert fold.facts["groups"][kind]["n_split"] == 0
    assert n_evaluated(folds).max() <= 1
    assert len({fold.name for fold in folds}) == len(folds)


@pytest.mark.parametrize("protocol", KEEPING)
@CALM
@given(clips=ANY_CORPUS, seed=st.integers(0, 2**32 - 1))
def test_any_clips_are_divided_with_no_group_in_two_splits_or_refused_in_words(
    protocol: Protocol, clips: list[ClipFacts], seed: int
) -> None:
    with contextlib.suppress(BadTraining):  # nothing else may be raised
        check(protocol, clips, make_folds(protocol, clips, split_seed=seed))
        event("divided")


@pytest.mark.parametrize("protocol", KEEPING)
@CALM
@given(clips=sound_corpora(), seed=st.integers(0, 2**32 - 1))
def test_a_filled_in_corpus_is_divided_and_every_clip_held_out_once(
    protocol: Protocol, clips: list[ClipFacts], seed: int
) -> None:
    folds = make_folds(protocol, clips, split_seed=seed)
    check(protocol, clips, folds)
    if protocol in HOLDING_OUT_ALL:
        assert (n_evaluated(folds) == 1).all()
        assert all(fold.facts["n_unused"] == 0 for fold in folds)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_division_repeats_for_its_seed_and_changes_with_it(protocol: Protocol) -> None:
    clips = challenge()
    first, second, other = (
        [fold.assignment.tolist() for fold in make_folds(protocol, clips, split_seed=seed)] for seed in (42, 42, 43)
    )
    assert first == second != other


def test_the_challenge_has_a_fold_for_each_team_with_only_that_team_and_unheard_recordings() -> None:
    clips = challenge()
    folds = make_folds(Protocol.LEAVE_ONE_TEAM_OUT, clips, split_seed=42)
    assert [fold.name for fold in folds] == sorted({clip.team for clip in clips if clip.is_fake})
    assert len(folds) == 18  # 17 teams and the baseline
    n_real = sum(not clip.is_fake for clip in clips)
    for fold in folds:
        held = [clips[place] for place in fold.of(EVALUATION)]
        assert {clip.team for clip in held if clip.is_fake} == {fold.name}
        assert len({clip.team for clip in (clips[place] for place in fold.of(VALIDATION)) if clip.is_fake}) == 1
        assert sum(not clip.is_fake for clip in held) == pytest.approx(n_real / 18, abs=3)
        assert fold.facts["groups"] == {"source": {"n": 84, "n_split": 0}, "team": {"n": 18, "n_split": 0}}
    # Every part of the recordings has about as many classes as the whole.
    classes = [len({clips[p].category for p in fold.of(EVALUATION) if not clips[p].is_fake}) for fold in folds]
    assert min(classes) >= 4


def test_dev_recordings_train_and_validate_and_eval_recordings_are_evaluated() -> None:
    clips = challenge(n_fake=10)
    (fold,) = make_folds(Protocol.GROUPED, clips, split_seed=42)
    codes = fold.assignment.tolist()
    reals = [(clip.original_split, code) for clip, code in zip(clips, codes, strict=True) if not clip.is_fake]
    assert {code for split, code in reals if split == "eval"} == {EVALUATION}
    assert {code for split, code in reals if split == "dev"} == {TRAIN, VALIDATION}
    dev = Counter(code for split, code in reals if split == "dev")
    assert dev[VALIDATION] / dev.total() == pytest.approx(1 / 8, abs=0.02)
    # 10 clips of each system and class are divided 7, 1, 2.
    for system, category in {(clip.generator, clip.category) for clip in clips if clip.is_fake}:
        cell = [
            code
            for clip, code in zip(clips, codes, strict=True)
            if clip.is_fake and (clip.generator, clip.category) == (system, category)
        ]
        assert [cell.count(code) for code in (TRAIN, VALIDATION, EVALUATION)] == [7, 1, 2]
    assert fold.facts["groups"]["team"] == {"n": 18, "n_split": 18}  # it divides teams, and says so


def test_recordings_without_a_split_of_their_own_are_divided_70_10_20_by_source_and_class() -> None:
    clips = keyed(
        [
            ClipFacts(key="", is_fake=False, category=f"class {i % 4}", source_group=f"{i % 4} {i // 12}")
            for i in range(1200)
        ]
        + [ClipFacts(key="", is_fake=True, category=f"class {i % 4}", generator="one") for i in range(400)]
    )
    (fold,) = make_folds(Protocol.GROUPED, clips, split_seed=42)
    for category in ("class 0", "class 3"):
        for fake, n in ((False, 300), (True, 100)):
            cell = [
                code
                for clip, code in zip(clips, fold.assignment.tolist(), strict=True)
                if clip.category == category and clip.is_fake == fake
            ]
            assert np.bincount(cell) / n == pytest.approx([0.7, 0.1, 0.2], abs=0.02)


def test_the_papers_fakes_are_divided_exactly_in_every_cell() -> None:
    fakes = [clip for clip in challenge(n_fake=100, n_sources=1, cuts=1) if clip.is_fake]
    clips = keyed([*fakes, *(ClipFacts(key="", is_fake=False, source_group=str(i)) for i in range(30))])
    (fold,) = make_folds(Protocol.GROUPED, clips, split_seed=42)
    cells = Counter(
        (clip.generator, clip.category, code)
        for clip, code in zip(clips, fold.assignment.tolist(), strict=True)
        if clip.is_fake
    )
    assert {(code, n) for (_, _, code), n in cells.items()} == {(TRAIN, 70), (VALIDATION, 10), (EVALUATION, 20)}
    assert len(cells) == 3 * len({(clip.generator, clip.category) for clip in fakes})


def test_generators_that_a_fold_does_not_train_on_or_evaluate_are_named() -> None:
    clips = keyed(
        [ClipFacts(key="", is_fake=True, generator="many") for _ in range(30)]
        + [ClipFacts(key="", is_fake=True, generator="one clip")]
        + [ClipFacts(key="", is_fake=False, source_group=str(i)) for i in range(30)]
    )
    (fold,) = make_folds(Protocol.GROUPED, clips, split_seed=42)
    (place,) = [place for place, clip in enumerate(clips) if clip.generator == "one clip"]
    code = int(fold.assignment[place])
    assert fold.facts["generators"] == {
        "n": 2,
        "not_trained": [] if code == TRAIN else ["one clip"],
        "not_evaluated": [] if code == EVALUATION else ["one clip"],
    }


def test_a_class_is_held_out_whole_and_another_validates() -> None:
    clips = challenge()
    folds = make_folds(Protocol.LEAVE_ONE_CLASS_OUT, clips, split_seed=42)
    assert len(folds) == 7
    for fold in folds:
        by_split = [{clips[place].category for place in fold.of(code)} for code in (TRAIN, VALIDATION, EVALUATION)]
        assert by_split[EVALUATION] == {fold.name}
        assert [len(found) for found in by_split] == [5, 1, 1]
    assert len({next(iter({clips[p].category for p in fold.of(VALIDATION)})) for fold in folds}) == 7


def test_a_team_in_both_tracks_is_evaluated_and_never_trained_on() -> None:
    clips = challenge()
    folds = make_folds(Protocol.CROSS_TRACK, clips, split_seed=42)
    assert [fold.name for fold in folds] == ["A to B", "B to A"]
    for fold, trained, evaluated in zip(folds, "AB", "BA", strict=True):
        for place, code in enumerate(fold.assignment.tolist()):
            clip = clips[place]
            if not clip.is_fake:
                assert code != UNUSED
            elif clip.team == "Lee_maum":
                assert code == (EVALUATION if clip.track == evaluated else UNUSED)
            elif not clip.track:
                assert code == UNUSED
            else:
                assert (code == EVALUATION) == (clip.track == evaluated)
                assert (code in (TRAIN, VALIDATION)) == (clip.track == trained)
        assert fold.facts["unused"]["it has no track"] == 28
        validating = {clips[place].team for place in fold.of(VALIDATION) if clips[place].is_fake}
        assert len(validating) == (1 if trained == "A" else 2)  # of 4, of 12 teams


def test_a_resynthesis_is_never_apart_from_its_recording_even_if_it_is_left_out_for_that() -> None:
    clips = keyed(
        [ClipFacts(key="", is_fake=False, category="rain", source_group=f"take {i}") for i in range(30)]
        + [
            ClipFacts(key="", is_fake=True, category="rain", team=f"team {team}", source_group=f"take {i}")
            for i in range(30)
            for team in range(3)
        ]
    )
    (grouped,) = make_folds(Protocol.GROUPED, clips, split_seed=42)
    assert n_split(clips, grouped.assignment, source_key) == {"n": 30, "n_split": 0}
    assert grouped.facts["n_unused"] == 0
    folds = make_folds(Protocol.LEAVE_ONE_TEAM_OUT, clips, split_seed=42)
    for fold in folds:
        assert n_split(clips, fold.assignment, source_key)["n_split"] == 0
        # Of each team's fakes only those whose take went with it are left: a third of 90.
        assert fold.facts["unused"] == {"its recording is in another split": 60}


def test_takes_that_one_team_alone_made_go_with_the_team() -> None:
    fakes = [
        ClipFacts(key="", is_fake=True, team=f"team {i % 3}", source_group=f"text prompt {i // 6} of {i % 3}")
        for i in range(36)
    ]
    clips = keyed([*fakes, *(ClipFacts(key="", is_fake=False) for _ in range(12))])
    folds = make_folds(Protocol.LEAVE_ONE_TEAM_OUT, clips, split_seed=1)
    assert (n_evaluated(folds) == 1).all()
    assert all(fold.facts["n_unused"] == 0 for fold in folds)


def test_a_recording_over_two_classes_is_used_where_it_is_held_out_and_left_out_elsewhere() -> None:
    clips = keyed(
        [
            ClipFacts(
                key="", is_fake=fake, category=f"class {i % 3}", source_group="both" if i < 2 and not fake else ""
            )
            for fake in (True, False)
            for i in range(12)
        ]
    )
    fold = make_folds(Protocol.LEAVE_ONE_CLASS_OUT, clips, split_seed=42)[0]
    codes = {
        clip.category: code for clip, code in zip(clips, fold.assignment.tolist(), strict=True) if clip.source_group
    }
    assert codes == {"class 0": EVALUATION, "class 1": UNUSED}


def test_the_generator_stands_for_a_team_that_is_not_known() -> None:
    clip = ClipFacts(key="a", is_fake=True, generator="TASys01")
    assert team_key(clip) == "team:TASys01"
    assert team_key(ClipFacts(key="a", is_fake=True)) == ""
    assert team_key(ClipFacts(key="a", is_fake=False, generator="TASys01")) == ""
    assert source_key(ClipFacts(key="a", is_fake=False)) == "clip:a"


def fakes(n: int = 12, **columns: object) -> list[ClipFacts]:
    """Return n fakes; a column that is a list is dealt out in turn."""
    return [
        ClipFacts(
            key="",
            is_fake=True,
            **{name: value[i % len(value)] if isinstance(value, list) else value for name, value in columns.items()},
        )
        for i in range(n)
    ]


def reals(n: int = 12, category: str = "") -> list[ClipFacts]:
    return [ClipFacts(key="", is_fake=False, category=category) for _ in range(n)]


@pytest.mark.parametrize(
    ("protocol", "clips", "words"),
    [
        (Protocol.LEAVE_ONE_TEAM_OUT, fakes(team=["x", "y"]) + reals(), "from 2 teams.*at least 3"),
        (Protocol.LEAVE_ONE_TEAM_OUT, fakes(team=["x", "y", "z", ""]) + reals(), "3 of the fake clips have neither"),
        (
            Protocol.LEAVE_ONE_TEAM_OUT,
            fakes(team=["x", "y", "z", ""], generator=["a", "b", "c", "a"]) + reals(),
            "generator 'a' some clips have a team",
        ),
        (Protocol.LEAVE_ONE_TEAM_OUT, fakes(team=["x", "y", "z"]) + reals(2), "no recording. Add recordings"),
        (Protocol.LEAVE_ONE_CLASS_OUT, fakes(category=["x", "y"]) + reals(12, "x"), "of 2 categories.*at least 3"),
        (Protocol.LEAVE_ONE_CLASS_OUT, fakes(category=["x", "y", "z"]) + reals(), "12 clips have no category"),
        (
            Protocol.LEAVE_ONE_CLASS_OUT,
            fakes(category=["w", "x", "y", "z"]) + reals(6, "w") + reals(6, "x") + reals(6, "y"),
            "fold z, the evaluation split has no recording. Each category needs",
        ),
        (Protocol.CROSS_TRACK, fakes(team=["x", "y"]) + reals(), "exactly two tracks, and there are none"),
        (Protocol.CROSS_TRACK, fakes(team=["x", "y"], track="A") + reals(), "these: A"),
        (
            Protocol.CROSS_TRACK,
            fakes(team=["x", "y", "z", "w"], track=["A", "B", "A", "B"])[:3] * 4 + reals(),
            "Track B has 1 team that track A has not",
        ),
        (Protocol.GROUPED, fakes(generator="x") + reals(1), "has no recording. Add recordings"),
    ],
)  # fmt: skip
def test_clips_that_cannot_be_divided_are_refused_with_what_to_add(
    protocol: Protocol, clips: list[ClipFacts], words: str
) -> None:
    with pytest.raises(BadTraining, match=words):
        make_folds(protocol, keyed(clips), split_seed=42)
