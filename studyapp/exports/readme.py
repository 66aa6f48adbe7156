"""README.md and CHANGES.md of a bundle: how to read it, and what became of the study."""

from collections.abc import Sequence

from studyapp.design.small_cells import LEAST_ALIKE
from studyapp.exports.written import ExportedFile
from studyapp.models import Study
from studyapp.vocab import ORIGIN_WORDS, Origin

_PARTS = {
    "dataset_description.json": "the dataset, and every variable (Psych-DS 1.5.0)",
    "documentation/codebook.csv": "every variable: meaning, unit, levels, the files that have it",
    "materials/study.json": "every launched version of the study: configuration, hash, code version",
    "results/analysis.json": "the analysis, unrounded but for mean and SD of ages",
    "results/flow.json": "how many sessions started, ended how, and were excluded why",
    "CHECKSUMS.sha256": "the SHA-256 of every file; `sha256sum -c CHECKSUMS.sha256` checks them",
}
_TABLES = {
    "trials": "a row for each answered trial; `phase` says what it was for, `analysed` whether it enters the analysis",
    "reasons": "a row for each chosen reason",
    "sessions": "a row for each sitting, those that ended early and the excluded ones too",
    "answers": "a row for each answer to a question",
    "stimuli": "a row for each sound of each version",
    "predictions": "a row for each detector and sound",
    "events": "a row for each thing that a browser reported",
    "screening": "a row for each go at a screening test",
    "screeningtrials": "a row for each sound of a screening test",
}


def readme_lines(study: Study, origin: Origin, files: Sequence[ExportedFile]) -> list[str]:
    """Return the README of the bundle that holds these files."""
    rows = {path: file.n_rows for file in files for path in [file.path] if path.startswith("data/")}
    told = [
        f"- `{path}`: {n_rows} rows; {_TABLES[path.partition('_description-')[2].partition('_')[0]]}"
        for path, n_rows in rows.items()
    ]
    return [
        f"# {study.title}\n\n",
        f"Data of the listening study `{study.slug}`: its {ORIGIN_WORDS[origin]} answers, a Psych-DS dataset.\n\n",
        "\n".join(told),
        "\n",
        "\n".join(f"- `{path}`: {words}" for path, words in _PARTS.items()),
        "\n\n",
        "`row_id` names each row of a table; `session_id`, `trial_id`, `stimulus_id` mean the same in all of them.\n\n",
        "FAKE is the positive class: a hit is a fake called fake, a false alarm a real sound called fake. Scores rise "
        "with fakeness. Times are UTC (ISO 8601), units stand in the names. An empty cell was not asked for or does "
        "not apply; `NA` was asked for and not answered. A text that a spreadsheet would run has an apostrophe before "
        "it.\n\n",
        "The data are pseudonymous: no recruiter's id, no address, no token. Ages are bands; a band or an "
        f"option that fewer than {LEAST_ALIKE} people gave is `suppressed`, and so is a more frequent one that would "
        "give it away; answers in words to questions are left out. Words that came with a reason are in: read them "
        "before you publish.\n",
    ]


def changes_lines(study: Study) -> list[str]:
    """Return a line for each launched version, the latest first."""
    versions = study.versions.order_by("-number").values_list("number", "launched_at", "code_version", "sha256")
    lines = [
        f"- Version {number}, launched {launched_at:%Y-%m-%d} by Earwitness {code_version}: SHA-256 {sha256}\n"
        for number, launched_at, code_version, sha256 in versions
    ]
    return ["# Changes of the study\n\n", *lines]
