"""Divide groups of clips into parts of wished shares, seeded, with each category in every part."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from detector.ml.splits import ClipFacts

Groups = Mapping[str, Sequence[ClipFacts]]


def divide(groups: Groups, shares: Sequence[float], rng: np.random.Generator) -> dict[str, int]:
    """Return the part of each group: its place in `shares`, which add up to 1.

    The groups stand in a row, sorted by stratum (the category and generator of most of their clips), the larger first,
    equal ones in random order. Each goes to the part that is furthest behind its share of the clips so far, of all and
    of its generator added up, so that every stratum, and every generator over all categories, is divided by the shares
    as nearly as whole groups can be, and what one stratum has too much, the next makes up for. While there are as many
    groups as parts, no part stays empty.

    Notes
    -----
    This is minimisation with two equally weighted margins (Pocock & Simon, 1975, Biometrics 31, 103-115). With all
    clips as the one margin, the small strata of one generator may fall into the same part in category after category.

    Examples
    --------
    >>> groups = {str(i): [ClipFacts(key=str(i), is_fake=False)] for i in range(10)}
    >>> parts = divide(groups, (0.5, 0.5), np.random.default_rng(1))
    >>> sorted(parts.values())
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    """
    keys = sorted(groups)
    shuffled = [keys[place] for place in rng.permutation(len(keys))]
    row = sorted(shuffled, key=lambda key: (stratum(groups[key]), -len(groups[key])))
    parts = dict[str, int]()
    n_of, have_of = Counter[str | None](), defaultdict[str | None, list[int]](lambda: [0] * len(shares))  # None: all
    for n_left, key in zip(range(len(row), 0, -1), row, strict=True):
        margins, size = (None, stratum(groups[key])[2]), len(groups[key])
        n_of.update(dict.fromkeys(margins, size))
        empty = [part for part, n in enumerate(have_of[None]) if not n]
        open_parts = empty if n_left <= len(empty) else range(len(shares))
        behind = [sum(share * n_of[m] - have_of[m][part] for m in margins) for part, share in enumerate(shares)]
        part = max(open_parts, key=behind.__getitem__)
        for each in margins:
            have_of[each][part] += size
        parts[key] = part
    return parts


def equal_shares(n_parts: int) -> list[float]:
    """Return n equal shares."""
    return [1.0 / n_parts] * n_parts


def stratum(group: Sequence[ClipFacts]) -> tuple[bool, str, str]:
    """Return what a group is balanced by: whether it is of fakes alone, and its most frequent category and generator.

    The generators of a group with recordings do not count: each recording may be resynthesised by all of them.
    """
    is_fake = all(clip.is_fake for clip in group)
    generators = [clip.generator for clip in group] if is_fake else [""]
    return is_fake, _most_frequent([clip.category for clip in group]), _most_frequent(generators)


def _most_frequent(words: Sequence[str]) -> str:
    counts = Counter(words)
    return min(counts, key=lambda word: (-counts[word], word))
