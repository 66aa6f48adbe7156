"""How often 95 % intervals hold the truth: 200 studies of 20 simulated listeners, 43 fakes and 38 reals.

python -m benchmarks.coverage writes results/coverage.csv; docs/statistics.md shows it.
"""

import csv
import math
import sys
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from studyapp.stats.cluster_bootstrap import bootstrap_contrast, bootstrap_mean
from studyapp.stats.mixed_models import CrossedFit, fit_crossed, judgements_of, marginal_share
from studyapp.stats.observer_model import ObserverModel, simulate_answers
from studyapp.stats.proportions import Interval, wilson_interval
from studyapp.stats.quasi_t import quasi_t, quasi_t_contrast

OUT = Path(__file__).parent / "results/coverage.csv"
SEED, N_STUDIES = 20240826, 200
N_LISTENERS, N_FAKE, N_REAL = 20, 43, 38
BOTS = ObserverModel(d_prime=0.8, criterion_c=0.3, listener_sd=0.36, clip_sd=0.45)
IS_FAKE = np.arange(N_FAKE + N_REAL) < N_FAKE
NAIVE = "pooled share of fakes found, naive Wilson"
# The model of the results page also estimates how much the listeners' own d' vary; here they do not, or by so much.
D_PRIME_SD = 0.3
PAGE_D_PRIME, PAGE_C = "d', probit mixed model with listener slopes", "c, probit mixed model with listener slopes"


def truths() -> dict[str, float]:
    """Return what each interval is to hold, from the bots' own parameters."""
    total = math.sqrt(1.0 + BOTS.listener_sd**2 + BOTS.clip_sd**2)
    eta = {"fake": BOTS.d_prime / 2 - BOTS.criterion_c, "real": -BOTS.d_prime / 2 - BOTS.criterion_c}
    marginal = {name: float(ndtr(value / total)) for name, value in eta.items()}
    middle = float(ndtr(eta["fake"]))
    return {
        "share of fakes found, quasi-t": marginal["fake"],
        "share of fakes found, logistic mixed model, marginal": marginal["fake"],
        "share of fakes found, probit mixed model, marginal": marginal["fake"],
        "log odds of the middle listener and fake, logistic mixed model": math.log(middle / (1.0 - middle)),
        "d', probit mixed model": BOTS.d_prime,
        "c, probit mixed model": BOTS.criterion_c,
        "fake minus real, quasi-t": marginal["fake"] - marginal["real"],
        "share of fakes found, two-way bootstrap": marginal["fake"],
        "fake minus real, two-way bootstrap": marginal["fake"] - marginal["real"],
        NAIVE: marginal["fake"],
        f"{PAGE_D_PRIME}, all listeners of one d'": BOTS.d_prime,
        f"{PAGE_C}, all listeners of one d'": BOTS.criterion_c,
        f"{PAGE_D_PRIME}, listeners' d' vary": BOTS.d_prime,
        f"{PAGE_C}, listeners' d' vary": BOTS.criterion_c,
    }


def answers_of(number: int, *, seed: int, d_prime_sd: float = 0.0) -> np.ndarray:
    """Return (listeners, clips) answers of one study; the same number gives the same study."""
    rng = np.random.default_rng([seed, number])
    return simulate_answers(BOTS, n_listeners=N_LISTENERS, is_fake=IS_FAKE, rng=rng, d_prime_sd=d_prime_sd).astype(
        float
    )


def intervals(number: int, *, seed: int = SEED) -> dict[str, Interval]:
    """Return the intervals of one study; the same number gives the same study."""
    answers = answers_of(number, seed=seed)
    fake, real = answers[:, IS_FAKE], answers[:, ~IS_FAKE]
    logistic = fit_crossed(judgements_of(fake))
    probit = fit_crossed(judgements_of(answers, np.where(IS_FAKE, 0.5, -0.5)), link="probit")
    found = [
        quasi_t(fake).interval,
        marginal_share(logistic).interval,
        marginal_share(probit, at=0.5).interval,
        logistic.intercept.interval,
        *_d_prime_and_c(probit),
        quasi_t_contrast(fake, real).interval,
        bootstrap_mean(fake, seed=number, n_draws=2000).interval,
        bootstrap_contrast(fake, real, seed=number, n_draws=2000).interval,
        wilson_interval(n_successes=int(fake.sum()), n_trials=fake.size),
    ]
    for d_prime_sd in (0.0, D_PRIME_SD):
        answers = answers_of(number, seed=seed, d_prime_sd=d_prime_sd)
        judgements = judgements_of(answers, np.where(IS_FAKE, 0.5, -0.5))
        found += _d_prime_and_c(fit_crossed(judgements, link="probit", listener_slope=True))
    named = zip(truths(), found, strict=True)
    return {name: interval for name, interval in named if interval is not None}


def _d_prime_and_c(fit: CrossedFit) -> tuple[Interval, Interval]:
    assert fit.slope is not None and fit.slope.interval is not None and fit.intercept.interval is not None
    minus_c = fit.intercept.interval
    return fit.slope.interval, Interval(low=-minus_c.high, high=-minus_c.low, confidence=minus_c.confidence)


def covered(n_studies: int, *, seed: int = SEED) -> dict[str, int]:
    """Return in how many of the studies each interval holds its truth."""
    counts = dict.fromkeys(truths(), 0)
    for number in range(n_studies):
        for name, interval in intervals(number, seed=seed).items():
            counts[name] += interval.low <= truths()[name] <= interval.high
    return counts


def main() -> int:
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["interval", "truth", "n_studies", "n_covered"])
        for name, n_covered in covered(N_STUDIES).items():
            writer.writerow([name, f"{truths()[name]:.4f}", N_STUDIES, n_covered])
    print(OUT.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
