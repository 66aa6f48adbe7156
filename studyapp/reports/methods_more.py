"""For a paper: reasons, agreement between listeners, single listeners, times, and the paper's own numbers."""

from typing import Any

from studyapp.reports.methods_study import Analysis
from studyapp.reports.numbers import counted, number, p_statement
from studyapp.vocab import Origin

TABLES = {
    "truth": "fake against real clips (names exchanged among clips of the same category)",
    "category": "categories (among clips of the same class)",
    "generator": "generators of fakes (among clips of the same category)",
}
SINCE = {"from_offset": "from the end of the sound", "from_onset": "from the start of the sound"}
BY_CLOCK = "Response times were measured by the browser’s audio clock, {since}"
MEASURED = {
    Origin.LIVE: BY_CLOCK,
    Origin.PILOT: BY_CLOCK,
    Origin.PREVIEW: BY_CLOCK,
    Origin.IMPORTED: "Response times came with the imported answers and count {since}",
    Origin.BOT: "Response times were drawn from the observer model and count {since}",
}
AFTER = {
    "fake": "After each answer “fake” ",
    "both": "After each answer ",
    "mixed": "After answers that the study's version names ",
}


def reasons_text(analysis: Analysis) -> str | None:
    """Say how reasons were asked for and counted, how their tables were tested, and what came out."""
    reasons = analysis["reasons"]
    if not reasons["n_judgements"]:
        return None
    is_single = reasons["mode"] == "single"
    chosen = "chose one" if is_single else "chose one or more"
    said = [
        f"{AFTER[reasons['asked_after']]}listeners {chosen} of {counted(len(reasons['shares']), 'reason')}. Shares are "
        f"of the {counted(reasons['n_judgements'], 'judgement')} with a reason, by "
        f"{counted(reasons['n_listeners'], 'listener')}.",
    ]
    if is_single:
        said.append(
            "Intervals for all reasons at once are those of @goodman1965 and of @sison1995, for one alone Wilson’s "
            "(@wilson1927); all count judgements as independent."
        )
    else:
        said.append("Intervals are Wilson’s (@wilson1927), for each reason alone, and count judgements as independent.")
    said.append(
        "With listeners as a sample, the pooled share has the interval of a ratio estimate (@cochran1977), and the "
        "mean of the listeners’ own shares that of Student’s t, both with one degree of freedom less than listeners."
    )
    return " ".join([*said, *_tables_text(reasons["tables"])])


def _tables_text(tables: list[dict[str, Any]]) -> list[str]:
    tested = [table for table in tables if table["p_permutation"] is not None]
    if not tested:
        return []
    first = tested[0]
    found = "; ".join(
        f"{TABLES[table['by']]} χ² = {number(table['chi_square'])}, Cramér’s V = {number(table['cramers_v'])}, "
        f"{p_statement(table['p_permutation'])}, corrected {p_statement(table['p_holm'])}"
        for table in tested
    )
    return [
        "Whether reasons differ between groups of clips was tested by permutation: the names of the groups were "
        f"exchanged at random among clips, {first['n_permutations']:,} times (seed {first['seed']}), each clip keeping "
        "all its answers and each listener theirs, so that the dependence within clips and listeners stays. With b of "
        "B drawings whose χ² is at least that of the data, p = (1 + b) / (1 + B) (@phipson2010), corrected after Holm "
        f"over the tables (@holm1979). Found: {found}."
    ]


def reliability_text(analysis: Analysis) -> str | None:
    """Say how agreement was measured."""
    found = analysis.get("reliability")
    if not found:
        return None
    classes = {"fake": "fakes", "real": "real sounds"}
    alphas = [
        f"{name} {number(found[truth]['krippendorff_alpha'])}"
        for truth, name in classes.items()
        if found[truth]["krippendorff_alpha"] is not None
    ]
    halves = [
        f"{name} {number(found[truth]['split_half'])}"
        for truth, name in classes.items()
        if found[truth]["split_half"] is not None
    ]
    if not alphas and not halves:
        return None
    said = [
        "Agreement between listeners was measured within each class of clips by Krippendorff’s nominal alpha "
        "(@krippendorff2011) and, where all clips have as many answers, Fleiss’ kappa (@fleiss1971); where all "
        "listeners judged all clips, by intraclass correlations (@mcgraw1996)."
    ]
    said += [f"Alpha: {'; '.join(alphas)}."] if alphas else []
    if halves:
        splits = max(found[truth]["n_splits"] for truth in classes)
        said.append(
            f"The reliability of the clips’ shares of “fake” is the mean over {splits:,} random halves of the "
            f"listeners, stepped up after Spearman and Brown (seed {found['seed']}): {'; '.join(halves)}."
        )
    return " ".join(said)


def listeners_text(analysis: Analysis) -> str | None:
    """Say how single listeners were held against guessing."""
    found = analysis.get("listeners")
    if not found or not found["each"]:
        return None
    return (
        "Each listener’s number of right answers was held against the two-sided 95 % limits of guessing by the exact "
        "binomial distribution for as many judgements. Nobody was excluded by these limits."
    )


def times_text(analysis: Analysis) -> str | None:
    """Say how response times were summarised."""
    found = analysis.get("times")
    if not found:
        return None
    has = {since: any(row[since]["n_judgements"] for row in found["by_answer"]) for since in SINCE}
    since = [words for name, words in SINCE.items() if has[name]]
    if not since:
        return None
    left_out = [
        (found["n_too_long"], f"longer than {number(found['longest_ms'] / 1000, 0)} s"),
        (found["n_without_time"], "missing"),
    ]
    measured = MEASURED[Origin(analysis["origin"])].format(since=" and ".join(since))
    gone = " and ".join(f"{counted(n, 'time was', 'times were')} {why}" for n, why in left_out if n)
    return (
        f"{measured}. Of each listener the median was taken "
        f"first, and medians and quartiles over listeners are given{f'; {gone}, and left out' if gone else ''}."
    )


def paper_text(analysis: Analysis) -> str:
    """Say how the numbers of the paper are read."""
    return (
        "The numbers printed in section VI of @ouajdi2024 stand beside those of this study. The printed z (−0.07; "
        "1.34) is no test statistic: as a standard normal one, 1.34 has p = .09 one-sided, not p < .0001. All four "
        "printed z and p fit (M − 50 %) / SD over the 20 listeners with the one-sided p of t = z √20; without the data "
        "this cannot be proved."
    )
