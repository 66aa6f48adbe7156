"""Plan all trials of a session from its seed: which sounds, in which order, with what between them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from studyapp.design.answers import BEEP_COUNTS, BEEPS
from studyapp.design.blocks import block_sizes
from studyapp.design.catch_placement import place_catch
from studyapp.design.config import StudyConfig
from studyapp.design.orders import Placeable, can_limit_runs, shuffled, stream
from studyapp.design.pairs import draw_pairs
from studyapp.design.repeats import draw_order_with_repeats, with_copies
from studyapp.design.shares import split_in_proportion
from studyapp.design.subset import draw_subset
from studyapp.vocab import TrialKind


@dataclass(frozen=True, kw_only=True)
class SessionRules:
    """What a study says of its order.

    Parameters
    ----------
    task
        "single": one sound a trial; "pairs": a real and a fake one of a category.
    kind, max_same_label
        As `draw_order` takes them; the limit is over main trials and repeats, catch trials not counted.
    n_stimuli
        Sounds of a session; None for all.
    n_repeats, n_beeps
        Sounds heard again; built-in catch trials.
    block_size
        Most trials of a block, catch trials counted; None for one block.
    """

    task: Literal["single", "pairs"] = "single"
    kind: Literal["random", "by_category"] = "random"
    max_same_label: int | None = None
    n_stimuli: int | None = None
    n_repeats: int = 0
    n_beeps: int = 0
    block_size: int | None = None

    @classmethod
    def of(cls, config: StudyConfig) -> "SessionRules":
        """Return the rules of a study's configuration."""
        return cls(
            task="pairs" if config.task.type == "two_interval" else "single",
            kind=config.order.kind,
            max_same_label=config.order.max_same_label,
            n_stimuli=config.order.n_stimuli,
            n_repeats=config.order.n_repeats,
            n_beeps=config.attention.beeps,
            block_size=config.order.block_size,
        )


@dataclass(frozen=True, kw_only=True)
class PlannedTrial:
    """A trial to be: its sounds by key, one or two; none for the built-in sound `builtin`, such as beeps:3."""

    kind: TrialKind
    keys: tuple[int, ...] = ()
    builtin: str = ""
    block: int = 0
    break_before: bool = field(default=False)


def plan_session(
    items: Sequence[Placeable],
    *,
    rules: SessionRules,
    seed: int,
    catch: Sequence[Placeable] = (),
    exposures: Mapping[int, int] | None = None,
) -> list[PlannedTrial]:
    """Return every trial of the session in its order. The same arguments give the same plan.

    Parameters
    ----------
    items
        The sounds of the main trials, in a fixed order.
    seed
        The session's seed.
    catch
        The sounds of the catch trials; each is heard once.
    exposures
        As `draw_subset` takes them; only where the rules have n_stimuli.

    Raises
    ------
    ValueError
        When the rules cannot be kept; `plan_problems` says so beforehand.
    """
    trials = _main_trials(items, rules, seed, exposures or {})
    rng = stream(seed, "catch order")
    extra = [PlannedTrial(kind=TrialKind.CATCH, keys=(item.key,)) for item in catch]
    counts = [BEEP_COUNTS[int(rng.random() * len(BEEP_COUNTS))] for _ in range(rules.n_beeps)]
    extra += [PlannedTrial(kind=TrialKind.CATCH, builtin=f"{BEEPS}:{count}") for count in counts]
    places = place_catch(len(trials), len(extra), seed=seed)
    for place, trial in zip(reversed(places), shuffled(extra, rng), strict=True):
        trials.insert(place, trial)
    return _in_blocks(trials, rules.block_size)


def n_planned(items: Sequence[Placeable], *, rules: SessionRules, n_catch: int = 0) -> int:
    """Return how many trials every session has, whatever its seed."""
    if rules.task == "pairs":
        n_main = len(draw_pairs(items, seed=0))
    else:
        n_main = (len(items) if rules.n_stimuli is None else rules.n_stimuli) + rules.n_repeats
    return n_main + n_catch + rules.n_beeps


def _main_trials(
    items: Sequence[Placeable], rules: SessionRules, seed: int, exposures: Mapping[int, int]
) -> list[PlannedTrial]:
    if rules.task == "pairs":
        return [PlannedTrial(kind=TrialKind.MAIN, keys=pair) for pair in draw_pairs(items, seed=seed, kind=rules.kind)]
    if rules.n_stimuli is not None:
        items = draw_subset(items, n=rules.n_stimuli, exposures=exposures, seed=seed)
    order = draw_order_with_repeats(
        items, n_repeats=rules.n_repeats, seed=seed, kind=rules.kind, max_same_label=rules.max_same_label
    )
    return [
        PlannedTrial(kind=TrialKind.REPEAT if is_repeat else TrialKind.MAIN, keys=(key,)) for key, is_repeat in order
    ]


def _in_blocks(trials: Sequence[PlannedTrial], block_size: int | None) -> list[PlannedTrial]:
    planned: list[PlannedTrial] = []
    for block, size in enumerate(block_sizes(len(trials), block_size)):
        for place in range(size):
            trial = trials[len(planned)]
            planned.append(
                PlannedTrial(
                    kind=trial.kind,
                    keys=trial.keys,
                    builtin=trial.builtin,
                    block=block,
                    break_before=block > 0 and place == 0,
                )
            )
    return planned


def plan_problems(items: Sequence[Placeable], *, rules: SessionRules, n_catch: int = 0) -> list[str]:
    """Return why no session can be planned, in the words of the configuration; empty when every seed gives a plan."""
    if rules.task == "pairs":
        return _pair_problems(items, rules, n_catch)
    problems = []
    n = len(items) if rules.n_stimuli is None else rules.n_stimuli
    if n > len(items):
        problems.append(f"order.n_stimuli is {n}, but there are {len(items)} sounds for main trials")
    elif rules.n_repeats > n:
        problems.append(f"order.n_repeats is {rules.n_repeats}, but a session has {n} sounds to repeat")
    elif rules.max_same_label is not None:
        problems += _limit_problems(items, rules, rules.max_same_label)
    return problems + _catch_problems(n + rules.n_repeats, n_catch + rules.n_beeps)


def _pair_problems(items: Sequence[Placeable], rules: SessionRules, n_catch: int) -> list[str]:
    for name in ("n_stimuli", "n_repeats", "max_same_label"):
        if getattr(rules, name):
            return [f"order.{name} is for tasks with one sound a trial; leave it out with task.type two_interval"]
    n_pairs = len(draw_pairs(items, seed=0))
    if not n_pairs:
        return ["task.type is two_interval, but no category has both a real and a fake sound"]
    return _catch_problems(n_pairs, n_catch + rules.n_beeps)


def _catch_problems(n_trials: int, n_catch: int) -> list[str]:
    if 2 * n_catch > n_trials:
        return [
            f"attention asks for {n_catch} catch trials among {n_trials} others; there must be at least twice as many "
            f"of the others"
        ]
    return []


def _limit_problems(items: Sequence[Placeable], rules: SessionRules, limit: int) -> list[str]:
    if rules.n_stimuli is not None and rules.kind == "by_category":
        return [
            "order.max_same_label cannot be promised with order.n_stimuli and order.kind by_category; leave one of the "
            "three out"
        ]
    if rules.n_stimuli is not None:
        labels = sorted({item.label for item in items})
        shares = split_in_proportion(
            rules.n_stimuli, {label: sum(item.label == label for item in items) for label in labels}
        )
        items = [item for label in labels for item in [each for each in items if each.label == label][: shares[label]]]
    if can_limit_runs(with_copies(items, rules.n_repeats, rules.kind), limit, kind=rules.kind):
        return []
    if rules.kind == "random":
        return [
            f"order.max_same_label is {limit}, but no order of these sounds keeps to it; raise it or leave it empty"
        ]
    return [
        f"order.max_same_label is {limit}, but no order of these sounds was found that keeps to it and each category "
        "together; raise it, leave it empty, or set order.kind to random"
    ]
