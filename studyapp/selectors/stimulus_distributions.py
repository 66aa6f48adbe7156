"""How a measured fact is distributed over real and fake clips of a set, and over its categories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from studyapp.sound.contrast import Spread, spread
from studyapp.sound.histogram import histogram, round_edges
from studyapp.vocab import Label


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Clips with a value from `low` to below `high`; shares of all clips of the label, None where it has none."""

    low: float
    high: float
    n_real: int
    n_fake: int
    share_real: float | None
    share_fake: float | None


@dataclass(frozen=True, kw_only=True)
class CategoryRow:
    """The spread of a fact in the clips of a category, by label, in the unit shown."""

    category: str
    real: Spread
    fake: Spread


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A fact in the unit shown.

    edge_digits: decimals that tell the edges of bins apart.
    only: the value that all clips have, where there is but one.
    """

    key: str
    name: str
    unit: str
    digits: int
    edge_digits: int
    only: float | None
    bins: list[Bin]
    categories: list[CategoryRow]


def distribution(
    clips: Iterable[tuple[str, str, float]], *, key: str, name: str, unit: str, digits: int
) -> Distribution:
    """Return the distribution of a fact over (label, category, value) of one clip or more."""
    by_category: dict[str, dict[str, list[float]]] = {}
    for label, category, value in clips:
        by_category.setdefault(category, {Label.REAL: [], Label.FAKE: []})[label].append(value)
    real = [value for found in by_category.values() for value in found[Label.REAL]]
    fake = [value for found in by_category.values() for value in found[Label.FAKE]]
    bins, values = _bins(real, fake), sorted({*real, *fake})[:2]
    return Distribution(
        key=key,
        name=name,
        unit=unit,
        digits=digits,
        edge_digits=max(0, -floor(log10(bins[0].high - bins[0].low) + 1e-6)),
        only=values[0] if len(values) == 1 else None,
        bins=bins,
        categories=[
            CategoryRow(category=category, real=spread(found[Label.REAL]), fake=spread(found[Label.FAKE]))
            for category, found in sorted(by_category.items())
        ],
    )


def _bins(real: Sequence[float], fake: Sequence[float]) -> list[Bin]:
    edges = round_edges([*real, *fake])
    counts = zip(histogram(real, edges).tolist(), histogram(fake, edges).tolist(), strict=True)
    return [
        Bin(
            low=low,
            high=high,
            n_real=n_real,
            n_fake=n_fake,
            share_real=n_real / len(real) if real else None,
            share_fake=n_fake / len(fake) if fake else None,
        )
        for low, high, (n_real, n_fake) in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
    ]
