"""What is told of people in groups: no group so small that it points at somebody. Pure."""

from collections.abc import Mapping

LEAST_ALIKE = 5  # an answer that fewer people gave is not told by itself
SUPPRESSED = "suppressed"  # stands for an answer that is not told, in exports and in what comes back from them
BANDS = (18, 25, 35, 45, 55, 65)


def age_band(years: int) -> str:
    """Return the band of an age in years.

    >>> age_band(17), age_band(18), age_band(24), age_band(25), age_band(70)
    ('under 18', '18-24', '18-24', '25-34', '65 and over')
    """
    if years < BANDS[0]:
        return f"under {BANDS[0]}"
    if years >= BANDS[-1]:
        return f"{BANDS[-1]} and over"
    low = max(band for band in BANDS if band <= years)
    return f"{low}-{BANDS[BANDS.index(low) + 1] - 1}"


AGE_BANDS = tuple(dict.fromkeys(age_band(years) for years in range(BANDS[-1] + 1)))


def is_few(n: int) -> bool:
    """Whether so few people are a group that points at somebody; nobody is no group.

    >>> [n for n in range(7) if is_few(n)]
    [1, 2, 3, 4]
    """
    return 0 < n < LEAST_ALIKE


def told_counts(counts: Mapping[str, int], *, n_silent: int = 0) -> dict[str, int]:
    """Return the answers that may be told, in the same order; all others are to be counted as one group.

    counts: people of each answer; n_silent: people who gave none. An answer that enough people gave is told. Where the
    others, alone or with the silent ones, are so few that the total would give them away, the rarest told answer (of
    equal ones the first by name) joins them: complementary suppression of one row (Hundepool et al. 2012, Statistical
    Disclosure Control). What was suppressed before is never told, and counts with the others.

    >>> told_counts({"woman": 9, "man": 10, "nonbinary": 1})
    {'man': 10}
    >>> told_counts({"yes": 19, "no": 1})
    {}
    >>> told_counts({"yes": 12, "no": 6}, n_silent=2), told_counts({"yes": 12, "no": 6}, n_silent=5)
    ({'yes': 12}, {'yes': 12, 'no': 6})
    """
    told = {answer: n for answer, n in counts.items() if n >= LEAST_ALIKE and answer != SUPPRESSED}
    n_others = sum(counts.values()) - sum(told.values())
    if told and (is_few(n_others) or is_few(n_others + n_silent)):
        del told[min(told, key=lambda answer: (told[answer], answer))]
    return told
