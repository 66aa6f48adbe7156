"""For a paper: how the study was run, who was screened, and whose answers were analysed."""

from typing import Any

from studyapp.reports.numbers import counted
from studyapp.vocab import Origin

Analysis = dict[str, Any]
TASKS = {
    "yes_no": "judged as real or fake",
    "rating": "rated from 1 (surely real) to 6 (surely fake), ratings of 4 and more counting as “fake”",
    "naturalness": "rated for naturalness from 1 (bad) to 5 (excellent)",
    "two_interval": "heard in pairs of one category, of which one was to be called fake",
}
TESTS = {
    "channels": "a check of left, right and both channels",
    "huggins": "the Huggins pitch test (@milne2021)",
    "antiphase": "the antiphase tone test (@woods2017)",
    "beat": "the beat test (@milne2021)",
}
ACTIONS = {
    "exclude": "ended the session and excluded it",
    "flag": "flagged the session, which went on",
    "record": "was only recorded",
}
ELSEWHERE = {
    Origin.IMPORTED: "The judgements were gathered elsewhere",
    Origin.BOT: "The judgements were drawn from an observer model: simulated participants, no listeners",
}
# Simulated participants are bound by no plan.
PLANNED_BEFORE = {
    Origin.LIVE: "before the first answer",
    Origin.PILOT: "before the first of these answers",
    Origin.PREVIEW: "before the first of these answers",
    Origin.IMPORTED: "before the answers were imported, which does not say that it was before they were given",
}
ONLY_COMPLETED = "Only completed sessions were analysed"
NO_DATA = {
    Origin.PILOT: "The answers are those of a pilot. ",
    Origin.PREVIEW: "The answers are those of a preview by the experimenters. ",
}


def study_text(analysis: Analysis) -> str:
    """Say what was heard, how it was judged, and with which program."""
    counts, design, classes = analysis["counts"], analysis["design"], analysis["classes"]
    heard = f"{counted(classes['fake']['n_clips'], 'fake')} and {counted(classes['real']['n_clips'], 'real sound')}"
    given = (
        f"{counted(counts['n_listeners'], 'listener')} gave {counted(counts['n_judgements'], 'judgement')} of "
        f"{counted(counts['n_clips'], 'clip')} ({heard})"
    )
    if not counts["n_judgements"]:
        pairs = analysis["pairs"]
        given = (
            f"{counted(pairs['n_listeners'], 'listener')} judged {counted(pairs['pooled']['n_pairs'], 'pair')} of a "
            "fake and a real sound"
        )
    by = f"were analysed with Earwitness {design['software_version']}. “Fake” was the signal throughout."
    if analysis["origin"] in ELSEWHERE:
        return f"{given}. {ELSEWHERE[Origin(analysis['origin'])]}; they {by}"
    plays = "once" if design["plays"] == 1 else f"up to {design['plays']} times"
    shown = "with its category on the screen" if design["shows_category"] else "without its category on the screen"
    share = "" if design["n_stimuli"] is None else f" Each listener heard {counted(design['n_stimuli'], 'clip')}."
    again = f" {counted(design['n_repeats'], 'clip was', 'clips were')} heard again." if design["n_repeats"] else ""
    order = (
        "one category after another, each in random order" if design["order"] == "by_category" else "in random order"
    )
    return (
        f"{NO_DATA.get(Origin(analysis['origin']), '')}{given}. Each clip was heard {plays}, {shown}, and "
        f"{TASKS[design['task']]}; clips came {order}, drawn anew for each listener.{share}{again} Answers were "
        f"collected online and {by}"
    )


def screening_text(analysis: Analysis) -> str:
    """Say which tests came before the trials, what they asked for, and what failing did."""
    design = analysis["design"]
    if analysis["origin"] == Origin.IMPORTED:
        return "The judgements were gathered elsewhere: how their listeners were screened is not on record here."
    said = [
        f"{'Then' if number else 'Before the trials'} came {TESTS[stage['test']]}: {stage['pass_mark']} of "
        f"{stage['n_trials']} trials right to pass, in at most {counted(stage['attempts'], 'attempt')}; failing "
        f"{ACTIONS[stage['action']]}."
        for number, stage in enumerate(design["screening"])
    ]
    if not any(stage["test"] != "channels" for stage in design["screening"]):
        said.append("No headphone test was given.")
    attention = design["attention"]
    if attention["n_trials"]:
        forgiven = "none" if not attention["max_wrong"] else str(attention["max_wrong"])
        said.append(
            f"Of {counted(attention['n_trials'], 'catch trial')} {forgiven} could be wrong; more "
            f"{ACTIONS[attention['action']]}."
        )
    return " ".join(said)


def exclusions_text(analysis: Analysis) -> str:
    """Say how many sessions there were, how many were left out, by which rules, and when the rules were fixed."""
    flow, plan = analysis["flow"], analysis["plan"]
    said = [f"Of {counted(flow['started'], 'session')} {flow['completed']} were completed."]
    if flow["excluded"]:
        reasons = ", ".join(f"{reason.replace('_', ' ')}: {n}" for reason, n in flow["by_exclusion"].items())
        fate = "kept in here" if analysis.get("includes_excluded") else "left out"
        said.append(f"{counted(flow['excluded'], 'session was', 'sessions were')} excluded ({reasons}) and {fate}.")
    else:
        said.append("No session was excluded.")
    if flow["flagged"]:
        checks = ", ".join(f"{flag.replace('_', ' ')}: {n}" for flag, n in flow["by_flag"].items())
        fate = "left out" if analysis["leaves_out_flagged"] else "kept in"
        said.append(f"{counted(flow['flagged'], 'session was', 'sessions were')} flagged ({checks}) and {fate}.")
    which = "Sessions that were not completed were analysed too" if analysis["includes_incomplete"] else ONLY_COMPLETED
    said.append(f"{which}: {flow['analysed']} in all.")
    if analysis["leaves_out_in_doubt"]:
        said.append("Clips whose label is in doubt were left out.")
    before = PLANNED_BEFORE.get(Origin(analysis["origin"]))
    if plan and before:
        said.append(
            f"These rules and the tests were fixed in an analysis plan {before} "
            f"({plan['frozen_at'][:10]}, SHA-256 {plan['sha256'][:12]}…)."
        )
    if analysis["deviations"]:
        said.append("Deviations from it: " + " ".join(each["words"] for each in analysis["deviations"]))
    return " ".join(said)
