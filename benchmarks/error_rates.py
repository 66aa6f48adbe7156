"""How often each test finds what is not there: 20 listeners, 43 fakes, and nobody above chance on average.

python -m benchmarks.error_rates writes results/error_rates.csv; docs/statistics.md shows it.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy import stats

from studyapp.stats.cluster_bootstrap import bootstrap_mean
from studyapp.stats.crossed_fit import NotEstimable
from studyapp.stats.mixed_models import fit_crossed, judgements_of
from studyapp.stats.observer_model import ObserverModel, simulate_answers
from studyapp.stats.proportions import exact_binomial_p, proportion_z_test, wilson_interval
from studyapp.stats.quasi_t import quasi_t, quasi_t_contrast

OUT = Path(__file__).parent / "results/error_rates.csv"
SEED, N_STUDIES, ALPHA = 20240826, 2000, 0.05
N_LISTENERS, N_CLIPS = 20, 43
# The answers' mean is .5 over listeners and clips; single listeners and single clips lie off it, as in real studies.
NULL = ObserverModel(d_prime=0.0, criterion_c=0.0, listener_sd=0.36, clip_sd=0.45)
TESTS = (
    "naive z over all answers",
    "exact binomial over all answers",
    "t over listeners",
    "t over clips",
    "two-way quasi-t",
    "mixed model, t",
    "mixed model, Wald z",
    "two-way bootstrap",
)
# Of studies too large for mixed models the quasi-t is the test, also where not everybody heard everything.
SPARSE_LISTENERS, SPARSE_CLIPS, SPARSE_HEARD = 100, 200, 0.2
SPARSE = "two-way quasi-t, 100 listeners, 200 clips, a fifth of them heard by each"

# Fakes against reals, fitted as the results page does it; the listeners' own d' vary about a mean of nothing.
NO_DISCRIMINATION = ObserverModel(d_prime=0.0, criterion_c=0.3, listener_sd=0.36, clip_sd=0.45)
D_PRIME_SD, N_REAL = 0.3, 38
N_DISCRIMINATION_STUDIES = 500  # the model takes a second for each
DISCRIMINATION = ("d' against 0, two-way quasi-t of the difference", "d' against 0, probit mixed model, t")


def null_study(number: int, *, seed: int = SEED) -> np.ndarray:
    """Return (listeners, clips) answers of one study; the same number gives the same study."""
    rng = np.random.default_rng([seed, number])
    return simulate_answers(NULL, n_listeners=N_LISTENERS, is_fake=np.ones(N_CLIPS, dtype=bool), rng=rng).astype(float)


def p_values(table: np.ndarray, *, number: int) -> dict[str, float]:
    """Return each test's two-sided p-value; of the bootstrap, 0 where its interval leaves out .5 and 1 where not."""
    n_successes, n_trials = int(table.sum()), table.size
    drawn = bootstrap_mean(table, seed=number, n_draws=1000).interval
    found = {
        TESTS[0]: proportion_z_test(n_successes=n_successes, n_trials=n_trials).p_value,
        TESTS[1]: exact_binomial_p(n_successes=n_successes, n_trials=n_trials),
        TESTS[2]: float(stats.ttest_1samp(table.mean(axis=1), 0.5).pvalue),
        TESTS[3]: float(stats.ttest_1samp(table.mean(axis=0), 0.5).pvalue),
        TESTS[4]: quasi_t(table).p_two_sided,
        TESTS[7]: float(drawn is not None and drawn.low <= 0.5 <= drawn.high),
    }
    try:
        fit = fit_crossed(judgements_of(table))
        found[TESTS[5]] = fit.intercept.p_two_sided
        found[TESTS[6]] = float(2 * stats.norm.sf(abs(fit.intercept.estimate / fit.intercept.standard_error)))
    except NotEstimable:
        found[TESTS[5]] = found[TESTS[6]] = None
    return {name: 1.0 if found[name] is None else float(found[name] or 0.0) for name in TESTS}


def rejections(n_studies: int, *, seed: int = SEED) -> dict[str, int]:
    """Return how many of the studies each test rejects."""
    counts = dict.fromkeys(TESTS, 0)
    for number in range(n_studies):
        for name, p in p_values(null_study(number, seed=seed), number=number).items():
            counts[name] += p < ALPHA
    return counts


def sparse_rejections(n_studies: int, *, seed: int = SEED) -> int:
    """Return how many studies the quasi-t rejects in which each listener heard about a fifth of many clips."""
    n_rejected = 0
    for number in range(n_studies):
        rng = np.random.default_rng([seed, number])
        is_fake = np.ones(SPARSE_CLIPS, dtype=bool)
        table = simulate_answers(NULL, n_listeners=SPARSE_LISTENERS, is_fake=is_fake, rng=rng).astype(float)
        table[rng.random(table.shape) >= SPARSE_HEARD] = np.nan
        n_rejected += (quasi_t(table).p_two_sided or 0.0) < ALPHA
    return n_rejected


def discrimination_p_values(number: int, *, seed: int = SEED) -> dict[str, float]:
    """Return the two-sided p-values of one study of listeners who on average do not tell fakes from reals."""
    is_fake = np.arange(N_CLIPS + N_REAL) < N_CLIPS
    answers = simulate_answers(
        NO_DISCRIMINATION,
        n_listeners=N_LISTENERS,
        is_fake=is_fake,
        rng=np.random.default_rng([seed, number]),
        d_prime_sd=D_PRIME_SD,
    ).astype(float)
    fit = fit_crossed(judgements_of(answers, np.where(is_fake, 0.5, -0.5)), link="probit", listener_slope=True)
    assert fit.slope is not None
    found = (quasi_t_contrast(answers[:, is_fake], answers[:, ~is_fake]).p_two_sided, fit.slope.p_two_sided)
    return {name: 1.0 if p is None else p for name, p in zip(DISCRIMINATION, found, strict=True)}


def discrimination_rejections(n_studies: int, *, seed: int = SEED) -> dict[str, int]:
    """Return how many of the studies each test of fakes against reals rejects."""
    counts = dict.fromkeys(DISCRIMINATION, 0)
    for number in range(n_studies):
        for name, p in discrimination_p_values(number, seed=seed).items():
            counts[name] += p < ALPHA
    return counts


def main() -> int:
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["test", "n_studies", "n_rejected", "rate", "low", "high"])
        counts = rejections(N_STUDIES) | {SPARSE: sparse_rejections(N_STUDIES)}
        rows = [(name, N_STUDIES, n_rejected) for name, n_rejected in counts.items()]
        found = discrimination_rejections(N_DISCRIMINATION_STUDIES)
        rows += [(name, N_DISCRIMINATION_STUDIES, n_rejected) for name, n_rejected in found.items()]
        for name, n_studies, n_rejected in rows:
            interval = wilson_interval(n_successes=n_rejected, n_trials=n_studies)
            assert interval is not None
            shares = [n_rejected / n_studies, interval.low, interval.high]
            writer.writerow([name, n_studies, n_rejected, *(f"{share:.4f}" for share in shares)])
    print(OUT.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
