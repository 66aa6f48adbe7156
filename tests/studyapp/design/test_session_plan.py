"""Plans of sessions: every constraint, by code of this file's own, over a thousand seeds; then the parts one by one."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.design.blocks import block_sizes
from studyapp.design.catch_placement import place_catch
from studyapp.design.orders import Placeable, draw_order
from studyapp.design.pairs import count_left_over, draw_pairs
from studyapp.design.practice import draw_practice
from studyapp.design.repeats import MIN_DISTANCE, draw_order_with_repeats
from studyapp.design.session_plan import PlannedTrial, SessionRules, n_planned, plan_problems, plan_session
from studyapp.design.shares import split_in_proportion
from studyapp.design.subset import draw_subset

pytestmark = pytest.mark.once

CATEGORIES = ("rain", "dog_bark", "footstep", "gunshot", "keyboard", "motor", "sneeze")
# The numbers of the paper's set: 43 fake, 38 real.
PAPER = [
    Placeable(key=100 + place, label="fake" if place < 43 else "real", category=CATEGORIES[place % 7])
    for place in range(81)
]
CATCH = [Placeable(key=900 + place, label="fake", category="rain") for place in range(2)]
SEEDS = st.integers(min_value=-(2**62), max_value=2**62)

RULES = {
    "plain": SessionRules(),
    "blocks and a limit": SessionRules(block_size=30, max_same_label=3),
    "by category": SessionRules(kind="by_category", max_same_label=6, n_repeats=7, block_size=20),
    "a subset with repeats": SessionRules(n_stimuli=40, n_repeats=8, max_same_label=2, n_beeps=3, block_size=25),
    "pairs": SessionRules(task="pairs", n_beeps=2, block_size=10),
    "pairs by category": SessionRules(task="pairs", kind="by_category"),
}


def longest(labels: list[str]) -> int:
    best = run = 0
    for place, label in enumerate(labels):
        run = run + 1 if place and label == labels[place - 1] else 1
        best = max(best, run)
    return best


def check_constraints(plan: list[PlannedTrial], rules: SessionRules) -> None:
    items = {item.key: item for item in [*PAPER, *CATCH]}
    of = {kind: [trial for trial in plan if trial.kind == kind] for kind in ("main", "repeat", "catch")}
    main = [key for trial in of["main"] for key in trial.keys]
    assert len(main) == len(set(main)), "every sound once"
    if rules.task == "single":
        assert len(main) == (rules.n_stimuli or len(PAPER))
    # Repeats: of sounds heard before, each once.
    repeated = [trial.keys[0] for trial in of["repeat"]]
    assert len(repeated) == len(set(repeated)) == rules.n_repeats
    place = {(trial.kind, trial.keys): number for number, trial in enumerate(plan)}
    for key in repeated:
        assert place["repeat", (key,)] > place["main", (key,)]
    # Labels in a row, over main trials and repeats.
    heard = [trial for trial in plan if trial.kind != "catch"]
    if rules.max_same_label:
        assert longest([items[trial.keys[0]].label for trial in heard]) <= rules.max_same_label
    if rules.kind == "by_category":
        seen = [items[trial.keys[0]].category for trial in heard]
        assert sum(a != b for a, b in pairwise(seen)) == len(set(seen)) - 1
    # Catch trials: all there, never first, never two in a row.
    assert len(of["catch"]) == rules.n_beeps + len(CATCH)
    assert plan[0].kind != "catch"
    assert not any(a.kind == b.kind == "catch" for a, b in pairwise(plan))
    for trial in of["catch"]:
        assert bool(trial.keys) != bool(trial.builtin)
    # Blocks: as equal as can be, with a break before each but the first.
    sizes = Counter(trial.block for trial in plan)
    assert sorted(sizes) == list(range(len(sizes)))
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert rules.block_size is None or max(sizes.values()) <= rules.block_size
    breaks = [number for number, trial in enumerate(plan) if trial.break_before]
    assert breaks == [number for number in range(1, len(plan)) if plan[number].block != plan[number - 1].block]
    for trial in of["main"]:
        if rules.task == "pairs":
            first, second = (items[key] for key in trial.keys)
            assert first.category == second.category
            assert {first.label, second.label} == {"real", "fake"}


@pytest.mark.parametrize("name", RULES)
def test_a_thousand_seeded_orders_satisfy_every_constraint(name):
    rules = RULES[name]
    assert plan_problems(PAPER, rules=rules, n_catch=len(CATCH)) == []
    n_seeds = 1000
    firsts = Counter()
    for seed in range(n_seeds):
        plan = plan_session(PAPER, rules=rules, seed=seed, catch=CATCH)
        check_constraints(plan, rules)
        assert len(plan) == n_planned(PAPER, rules=rules, n_catch=len(CATCH))
        firsts[plan[0].keys] += 1
    # Every order would start alike if the seed were not used.
    assert len(firsts) > 30


def test_the_checks_of_this_file_see_what_is_wrong():
    rules = RULES["blocks and a limit"]
    plan = plan_session(PAPER, rules=rules, seed=1, catch=CATCH)
    mains = [place for place, trial in enumerate(plan) if trial.kind == "main"]
    labels = {item.key: item.label for item in PAPER}
    ordered = sorted(mains, key=lambda place: labels[plan[place].keys[0]])
    reals_first = list(plan)
    for place, source in zip(mains, ordered, strict=True):
        reals_first[place] = PlannedTrial(
            kind=plan[source].kind,
            keys=plan[source].keys,
            block=plan[place].block,
            break_before=plan[place].break_before,
        )
    for broken in (reals_first, plan[1:] + plan[:1], plan + plan[-1:]):
        with pytest.raises(AssertionError):
            check_constraints(broken, rules)


def test_the_same_seed_gives_the_same_plan_and_a_plain_study_the_order_it_always_had():
    rules = RULES["a subset with repeats"]
    assert plan_session(PAPER, rules=rules, seed=5, catch=CATCH) == plan_session(
        PAPER, rules=rules, seed=5, catch=CATCH
    )
    plain = plan_session(PAPER, rules=SessionRules(), seed=5)
    assert [trial.keys[0] for trial in plain] == draw_order(PAPER, seed=5)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (SessionRules(n_stimuli=82), "order.n_stimuli is 82, but there are 81 sounds"),
        (SessionRules(n_stimuli=5, n_repeats=6), "order.n_repeats is 6, but a session has 5"),
        (SessionRules(max_same_label=1), "order.max_same_label is 1"),
        (SessionRules(max_same_label=3, n_stimuli=40, kind="by_category"), "cannot be promised"),
        (SessionRules(n_beeps=41), "catch trials"),
        (SessionRules(task="pairs", n_repeats=2), "order.n_repeats is for tasks with one sound"),
        (SessionRules(task="pairs", n_stimuli=2), "order.n_stimuli is for tasks with one sound"),
    ],
)
def test_what_cannot_be_planned_is_said_in_the_words_of_the_configuration(rules, words):
    (problem,) = plan_problems(PAPER, rules=rules)
    assert words in problem
    with pytest.raises(ValueError):
        for seed in range(200):
            plan_session(PAPER, rules=rules, seed=seed)
        if rules.task == "pairs" or rules.kind == "by_category":
            raise ValueError("only the launch check forbids it")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["real", "fake"]), st.sampled_from(CATEGORIES[:3])), min_size=4, max_size=40),
    st.data(),
    SEEDS,
)
def test_what_has_no_problem_can_be_planned(rows, data, seed):
    items = [Placeable(key=key, label=label, category=category) for key, (label, category) in enumerate(rows)]
    rules = SessionRules(
        task=data.draw(st.sampled_from(["single", "pairs"])),
        kind=data.draw(st.sampled_from(["random", "by_category"])),
        max_same_label=data.draw(st.sampled_from([None, 1, 2, 3])),
        n_stimuli=data.draw(st.sampled_from([None, 2, len(items)])),
        n_repeats=data.draw(st.integers(0, 3)),
        n_beeps=data.draw(st.integers(0, 2)),
        block_size=data.draw(st.sampled_from([None, 1, 5])),
    )
    if not plan_problems(items, rules=rules):
        plan = plan_session(items, rules=rules, seed=seed)
        assert len(plan) == n_planned(items, rules=rules)


# --- Exposure ---------------------------------------------------------------------------------------------------------


def spread(items, exposures):
    """Return the largest difference of exposure between two sounds of one label."""
    by_label = {}
    for item in items:
        by_label.setdefault(item.label, []).append(exposures[item.key])
    return max(max(counts) - min(counts) for counts in by_label.values())


@pytest.mark.parametrize("n", [10, 27, 40, 80])
def test_exposure_differs_by_at_most_one_after_200_completed_sessions_with_drop_outs(n):
    rng = random.Random(n)
    exposures = Counter({item.key: 0 for item in PAPER})
    n_completed = n_dropped = 0
    while n_completed < 200:
        heard = [item.key for item in draw_subset(PAPER, n=n, exposures=exposures, seed=rng.getrandbits(60))]
        exposures.update(heard)
        assert spread(PAPER, exposures) <= 2  # while it is open, one more
        if rng.random() < 0.3:
            exposures.subtract(heard)
            n_dropped += 1
        else:
            n_completed += 1
        assert spread(PAPER, exposures) <= 1
    assert n_dropped > 50
    labels = {item.key: item.label for item in PAPER}
    shares = Counter(labels[key] for key in draw_subset_keys(n))
    assert sum(exposures.values()) == 200 * n
    assert shares == split_in_proportion(n, {"fake": 43, "real": 38})


def draw_subset_keys(n):
    return [item.key for item in draw_subset(PAPER, n=n, exposures={}, seed=1)]


@pytest.mark.parametrize("m", [2, 5, 12])
def test_exposure_of_overlapping_sessions_differs_by_at_most_one_more_for_each(m):
    rng = random.Random(m)
    exposures = Counter({item.key: 0 for item in PAPER})
    still_open = []
    for _ in range(400):
        while len(still_open) < m:
            heard = [item.key for item in draw_subset(PAPER, n=27, exposures=exposures, seed=rng.getrandbits(60))]
            exposures.update(heard)
            still_open.append(heard)
        assert spread(PAPER, exposures) <= 1 + m
        left = still_open.pop(rng.randrange(m))
        if rng.random() < 0.3:
            exposures.subtract(left)
        assert spread(PAPER, exposures) <= 1 + m


def test_sounds_that_are_equally_often_heard_are_drawn_at_random():
    counts = Counter(key for seed in range(2000) for key in subset_of_ten(seed))
    assert min(counts.values()) > 150 and max(counts.values()) < 350  # 2000 * 10 / 81 = 247


def subset_of_ten(seed):
    return [item.key for item in draw_subset(PAPER, n=10, exposures={}, seed=seed)]


# --- The parts --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 500), st.one_of(st.none(), st.integers(1, 60)))
def test_blocks_are_the_fewest_and_as_equal_as_can_be(n, size):
    sizes = block_sizes(n, size)
    assert sum(sizes) == n
    assert max(sizes) - min(sizes) <= 1
    if size is not None:
        assert max(sizes) <= size
        assert len(sizes) == max(1, -(-n // size))


@given(st.integers(0, 60), SEEDS, st.integers(0, 200))
def test_catch_trials_are_spread_evenly(n_catch, seed, more):
    n_trials = 2 * n_catch + more
    places = place_catch(n_trials, n_catch, seed=seed)
    assert len(places) == n_catch
    assert all(b > a for a, b in pairwise([0, *places]))
    for number, place in enumerate(places):
        assert number * n_trials // n_catch <= place < (number + 1) * n_trials // n_catch


def test_repeats_stand_far_behind_the_first_time_where_there_is_room():
    for seed in range(200):
        order = draw_order_with_repeats(PAPER, n_repeats=10, seed=seed)
        first = {key: place for place, (key, is_repeat) in enumerate(order) if not is_repeat}
        again = {key: place for place, (key, is_repeat) in enumerate(order) if is_repeat}
        assert min(again[key] - first[key] for key in again) >= MIN_DISTANCE
        labels = Counter("fake" if key < 143 else "real" for key in again)
        assert labels == {"fake": 5, "real": 5}


def test_the_fake_sound_is_first_in_half_of_the_pairs():
    counts = []
    for seed in range(300):
        pairs = draw_pairs(PAPER, seed=seed)
        counts.append(sum(first < 143 for first, _ in pairs))
    n = len(draw_pairs(PAPER, seed=0))
    assert set(counts) <= {n // 2, n - n // 2}
    assert count_left_over(PAPER) == 81 - 2 * n


def test_practice_holds_both_labels_where_it_can():
    planned = draw_practice(PAPER, n_trials=4, task="single", seed=1)
    assert Counter("fake" if trial.keys[0] < 143 else "real" for trial in planned) == {"fake": 2, "real": 2}
    only_real = [item for item in PAPER if item.label == "real"]
    assert len(draw_practice(only_real, n_trials=4, task="single", seed=1)) == 4
    assert len(draw_practice(PAPER[:1], n_trials=4, task="single", seed=1)) == 1


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50), min_size=1, max_size=6), st.data())
def test_shares_add_up_and_keep_within_one_of_the_proportion(sizes, data):
    total = sum(sizes.values())
    n = data.draw(st.integers(0, total))
    shares = split_in_proportion(n, sizes)
    assert sum(shares.values()) == n
    for group, size in sizes.items():
        assert 0 <= shares[group] <= size
        assert abs(shares[group] - (n * size / total if total else 0)) < 1
    with pytest.raises(ValueError, match="cannot be taken"):
        split_in_proportion(total + 1, sizes)
