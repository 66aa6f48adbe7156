"""Split a number over groups in proportion to their sizes. Pure."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Group = TypeVar("Group", bound=Hashable)


def split_in_proportion(n: int, sizes: Mapping[Group, int]) -> dict[Group, int]:
    """Return how many of n each group gets, none more than its size: the largest-remainder method (Hamilton).

    Of equal remainders the group that stands first gets one more. The same sizes always give the same shares.

    Raises
    ------
    ValueError
        When n is more than all groups together have.

    Examples
    --------
    >>> split_in_proportion(10, {"real": 38, "fake": 44})
    {'real': 5, 'fake': 5}
    >>> split_in_proportion(3, {"a": 1, "b": 1, "c": 1, "d": 1})
    {'a': 1, 'b': 1, 'c': 1, 'd': 0}
    """
    total = sum(sizes.values())
    if n > total:
        raise ValueError(f"{n} cannot be taken from {total}")
    shares = {group: n * size // total if total else 0 for group, size in sizes.items()}
    remainders = sorted(sizes, key=lambda group: -(n * sizes[group] % total) if total else 0)
    for group in remainders[: n - sum(shares.values())]:
        shares[group] += 1
    return shares
