"""How to write each section of the results in a paper: its methods with the study's own settings and numbers.

A text is written from the analysis alone. A section that the analysis lacks has none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studyapp.reports import methods_more as more
from studyapp.reports import methods_scales as scales
from studyapp.reports import methods_study as study
from studyapp.reports import methods_tests as tests
from studyapp.reports.methods_machines import machines_text
from studyapp.reports.methods_references import REFERENCES, cited


@dataclass(frozen=True, kw_only=True)
class MethodsText:
    """One section's text, with works named, and the entries of its references."""

    key: str
    title: str
    text: str
    references: list[str]


# Key -> title, and what writes the text, or None where there is nothing to say; in the order of a paper.
SECTIONS: dict[str, tuple[str, Callable[[dict[str, Any]], str | None]]] = {
    "study": ("Listeners, clips and task", study.study_text),
    "screening": ("Screening", study.screening_text),
    "exclusions": ("Exclusions", study.exclusions_text),
    "primary": ("Tests that hold", tests.primary_text),
    "equivalence": ("Equivalence with guessing and Bayes factors", tests.equivalence_text),
    "section_vi": ("The tests of the paper", tests.section_vi_text),
    "naive": ("Pooled tests", tests.naive_text),
    "discrimination": ("Sensitivity and criterion", tests.discrimination_text),
    "ratings": ("Ratings and their ROC", scales.ratings_text),
    "pairs": ("Forced choices", scales.pairs_text),
    "listeners": ("Single listeners", more.listeners_text),
    "categories": ("Categories", tests.categories_text),
    "times": ("Response times", more.times_text),
    "reasons": ("Reasons", more.reasons_text),
    "reliability": ("Agreement between listeners", more.reliability_text),
    "machines": ("Listeners and machines", machines_text),
    "paper": ("Comparison with the paper", more.paper_text),
}
OF_PAIRS_ALONE = {"study", "screening", "exclusions", "pairs"}  # no single sound was judged: the others are of those


def methods_texts(analysis: dict[str, Any]) -> dict[str, MethodsText]:
    """Return the text of each section that there is something to say of; nothing of a study without answers."""
    has_judgements = bool(analysis["counts"]["n_judgements"])
    if not (has_judgements or analysis["pairs"]) or analysis["design"] is None:
        return {}
    found = {}
    for key, (title, write) in SECTIONS.items():
        written = write(analysis) if has_judgements or key in OF_PAIRS_ALONE else None
        if written:
            text, keys = cited(written)
            found[key] = MethodsText(key=key, title=title, text=text, references=[REFERENCES[each][1] for each in keys])
    return found


def methods_document(analysis: dict[str, Any]) -> str:
    """Return all texts and their references as Markdown: the same bytes for the same analysis."""
    found = methods_texts(analysis)
    lines = [f"# Methods: {' '.join(analysis['study']['title'].split())}", ""]
    lines += [f"{caution}\n" for caution in analysis["cautions"]]
    for each in found.values():
        lines += [f"## {each.title}", "", each.text, ""]
    if not found:
        lines += ["There are no answers, so there is nothing to describe.", ""]
    references = sorted({entry for each in found.values() for entry in each.references})
    return "\n".join([*lines, "## References", "", *[f"- {entry}" for entry in references], ""])
