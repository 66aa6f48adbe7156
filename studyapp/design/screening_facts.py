"""What is published of the headphone tests: who passes with headphones, who with loudspeakers, who by guessing. Pure.

References
----------
Milne, A. E., Bianco, R., Poole, K. C., Zhao, S., Oxenham, A. J., Billig, A. J., & Chait, M. (2021). An online headphone
screening test based on dichotic pitch. Behavior Research Methods, 53, 1551-1562. doi:10.3758/s13428-020-01514-0. The
counts are recomputed from the authors' released data: experiment 1 (100 people, each with headphones and with
loudspeakers) and experiment 3 (42 people).
Woods, K. J. P., Siegel, M. H., Traer, J., & McDermott, J. H. (2017). Headphone screening to facilitate web-based
auditory experiments. Attention, Perception, & Psychophysics, 79, 2064-2072. doi:10.3758/s13414-017-1361-2 (laboratory,
20 and 20 people).
"""

from collections.abc import Sequence
from dataclasses import dataclass

N_TRIALS = 6  # of every published rule
N_CHOICES = 3
MILNE_1 = "Milne et al. 2021, experiment 1"
MILNE_3 = "Milne et al. 2021, experiment 3"
WOODS = "Woods et al. 2017, laboratory"


@dataclass(frozen=True, kw_only=True)
class Published:
    """How a rule did: right answers needed in six, by test, and how many passed of how many.

    `with_headphones` should pass (sensitivity), `with_loudspeakers` should not (false passes).
    """

    rule: dict[str, int]
    with_headphones: tuple[int, int]
    with_loudspeakers: tuple[int, int]
    source: str

    @property
    def test(self) -> str:
        """The rule's tests as the configuration names them."""
        return "+".join(self.rule)

    @property
    def words(self) -> str:
        return " and ".join(f"{test} {mark}/{N_TRIALS}" for test, mark in self.rule.items())

    @property
    def sensitivity(self) -> tuple[float, float, float]:
        """Share that passed with headphones, and its Wilson 95 % interval."""
        return _with_interval(*self.with_headphones)

    @property
    def false_pass(self) -> tuple[float, float, float]:
        """Share that passed with loudspeakers, and its Wilson 95 % interval."""
        return _with_interval(*self.with_loudspeakers)

    def guessing(self, attempts: int) -> float:
        """Probability of passing every test by guessing, each in at most so many attempts."""
        share = 1.0
        for mark in self.rule.values():
            share *= guess_pass_rate(n_trials=N_TRIALS, pass_mark=mark, attempts=attempts)
        return share


PUBLISHED: Sequence[Published] = (
    Published(rule={"huggins": 6}, with_headphones=(81, 100), with_loudspeakers=(20, 100), source=MILNE_1),
    Published(rule={"huggins": 5}, with_headphones=(85, 100), with_loudspeakers=(30, 100), source=MILNE_1),
    Published(rule={"huggins": 6}, with_headphones=(34, 42), with_loudspeakers=(11, 42), source=MILNE_3),
    Published(rule={"antiphase": 5}, with_headphones=(86, 100), with_loudspeakers=(42, 100), source=MILNE_1),
    Published(rule={"antiphase": 6}, with_headphones=(70, 100), with_loudspeakers=(31, 100), source=MILNE_1),
    Published(rule={"antiphase": 5}, with_headphones=(20, 20), with_loudspeakers=(1, 20), source=WOODS),
    Published(rule={"beat": 6}, with_headphones=(31, 42), with_loudspeakers=(5, 42), source=MILNE_3),
    Published(rule={"beat": 5}, with_headphones=(35, 42), with_loudspeakers=(7, 42), source=MILNE_3),
    Published(
        rule={"huggins": 6, "antiphase": 5}, with_headphones=(74, 100), with_loudspeakers=(10, 100), source=MILNE_1
    ),
    Published(
        rule={"huggins": 6, "antiphase": 6}, with_headphones=(61, 100), with_loudspeakers=(7, 100), source=MILNE_1
    ),
    Published(rule={"huggins": 6, "beat": 6}, with_headphones=(26, 42), with_loudspeakers=(3, 42), source=MILNE_3),
)


def guess_pass_rate(*, n_trials: int, pass_mark: int, attempts: int = 1) -> float:
    """Return the probability of passing by guessing among three in at most so many attempts.

    1 - (1 - P(X >= pass_mark))^attempts with X ~ Binomial(n_trials, 1/3).

    >>> [round(guess_pass_rate(n_trials=6, pass_mark=mark), 5) for mark in (4, 5, 6)]
    [0.10014, 0.01783, 0.00137]
    """
    from scipy.stats import binom  # here: exports need the tests' names alone, and scipy takes more memory than they do

    once = float(binom.sf(pass_mark - 1, n_trials, 1 / N_CHOICES))
    return float(1.0 - (1.0 - once) ** attempts)


def most_false_passes(share: float, *, attempts: int) -> float:
    """Return how large a share of loudspeaker users can get through in several attempts: 1 - (1 - share)^attempts.

    It is so large if attempts are independent; people's attempts are alike, so it is smaller.

    >>> round(most_false_passes(0.2, attempts=2), 2)
    0.36
    """
    return 1.0 - (1.0 - share) ** attempts


def _with_interval(k: int, n: int) -> tuple[float, float, float]:
    from studyapp.stats.proportions import wilson_interval

    interval = wilson_interval(n_successes=k, n_trials=n)
    if interval is None:
        raise ValueError("nobody was tested")
    return k / n, interval.low, interval.high
