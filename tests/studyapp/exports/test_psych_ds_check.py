"""Every rule of Psych-DS 1.5.0: a dataset that keeps all of them, and for each rule one that breaks it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studyapp.exports.psych_ds_check import check_psych_ds
from studyapp.exports.psych_ds_rules import DATA_FILE, ERROR, NEVER_GIVEN, RULES

pytestmark = pytest.mark.once
PERSON = {"@type": "Person", "name": "Ann"}
METADATA: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": "Dataset",
    "name": "Sounds",
    "description": "Judgements",
    "variableMeasured": ["row_id", {"@type": "PropertyValue", "name": "choice"}],
    "author": [PERSON],
    "citation": "Ann (2026)",
    "license": "CC0",
    "funder": "nobody",
    "url": "https://example.org",
    "identifier": "sounds",
    "privacyPolicy": "none",
    "keywords": ["sound"],
}
TABLE = "data/study-A_data.csv"
Change = Callable[[Path], object]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A dataset in which nothing is wrong, but that privacyPolicy, which the standard asks for, is no schema.org."""
    for name in ("data", "analysis", "results", "materials", "documentation"):
        (tmp_path / name).mkdir()
    for name in ("README.md", "CHANGES.md", ".psychds-ignore"):
        (tmp_path / name).write_text("# x\n")
    describe(tmp_path)
    (tmp_path / TABLE).write_text("row_id,choice\n1,real\n2,fake\n")
    (tmp_path / "data/study-A_data.json").write_text('{"license": "CC0"}')
    (tmp_path / "data/file_metadata.json").write_text('{"license": "CC0"}')
    return tmp_path


def describe(folder: Path, *without: str, **changed: Any) -> None:
    kept = {key: value for key, value in METADATA.items() if key not in without}
    (folder / "dataset_description.json").write_text(json.dumps(kept | changed))


def codes(folder: Path) -> set[str]:
    return {problem.code for problem in check_psych_ds(folder)} - {"INVALID_SCHEMAORG_PROPERTY"}


def table(text: str) -> Change:
    return lambda folder: (folder / TABLE).write_text(text)


def without(name: str) -> Change:
    return lambda folder: (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()


def added(name: str, content: str | bytes = "x") -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return change


def described(*left_out: str, **changed: Any) -> Change:
    return lambda folder: describe(folder, *left_out, **changed)


def no_data(folder: Path) -> None:
    for path in (folder / "data").iterdir():
        path.unlink()
    (folder / "data").rmdir()


NO_TABLE = {"MISSING_DATAFILE"}
NO_SIDECAR = {"MISSING_SIDECAR_METADATA"}
CASES: list[tuple[str, Change, set[str]]] = [
    # code, what is done to the dataset, codes that come with it
    ("MISSING_DATASET_DESCRIPTION", without("dataset_description.json"), set()),
    ("MISSING_DATA_DIRECTORY", no_data, NO_TABLE | NO_SIDECAR | {"MISSING_DIRECTORY_METADATA"}),
    ("MISSING_DATAFILE", without(TABLE), set()),
    ("FILE_NOT_READ", lambda folder: (folder / "README.txt").symlink_to("nowhere"), set()),
    ("JSON_INVALID", added("results/x.json", "{"), {"FILE_NOT_CHECKED"}),
    ("JSON_INVALID", added("results/x.json", '{"x": NaN}'), {"FILE_NOT_CHECKED"}),
    ("JSON_INVALID", added("results/x.json", "[" * 100_000), {"FILE_NOT_CHECKED"}),
    ("JSON_ENCODING_ERROR", added("results/x.json", b'"\xff"'), {"FILE_NOT_CHECKED"}),
    ("INVALID_JSON_FORMATTING", added("dataset_description.json", "{'name': 'x'}"), set()),
    ("INVALID_JSON_FORMATTING", added("data/study-A_data.json", "[]"), set()),
    ("INVALID_JSONLD_FORMATTING", described("@context"), {"CSV_COLUMN_MISSING_FROM_METADATA"}),
    ("INVALID_JSONLD_FORMATTING", described(author={"@nonsense": 1}), set()),
    ("INVALID_JSONLD_FORMATTING", described(author={"@type": 1}), set()),
    ("INVALID_JSONLD_FORMATTING", described(author={"@value": "Ann", "name": "x"}), set()),
    ("INVALID_JSONLD_FORMATTING", described(**{"@context": 3}), {"CSV_COLUMN_MISSING_FROM_METADATA"}),
    ("JSON_KEY_REQUIRED", described("name"), set()),
    ("JSON_KEY_REQUIRED", described(description=None), set()),
    ("JSON_KEY_REQUIRED", described("variableMeasured"), {"CSV_COLUMN_MISSING_FROM_METADATA"}),
    ("MISSING_DATASET_TYPE", described("@type"), set()),
    ("INCORRECT_DATASET_TYPE", described(**{"@type": "Person"}), set()),
    ("FILENAME_KEYWORD_FORMATTING_ERROR", added("data/data.csv", "row_id\n"), set()),
    ("EXTENSION_MISMATCH", added("README.pdf"), set()),
    ("CSV_FORMATTING_ERROR", table('row_id,choice\n1,"real\n'), {"VARIABLE_MISSING_FROM_CSV_COLUMNS"}),
    ("CSV_FORMATTING_ERROR", added(TABLE, b"row_id,choice\n1,\xff\n"), {"VARIABLE_MISSING_FROM_CSV_COLUMNS"}),
    ("CSV_HEADER_MISSING", table(""), {"FILE_EMPTY", "VARIABLE_MISSING_FROM_CSV_COLUMNS"}),
    ("CSV_HEADER_REPEATED", table("row_id,choice,choice\n1,a,b\n"), set()),
    ("CSV_HEADER_LENGTH_MISMATCH", table("row_id,choice\n1,real\n2\n"), set()),
    ("CSV_HEADER_LENGTH_MISMATCH", table("row_id,choice\n1,real\n\n2,fake\n"), set()),
    ("ROWID_VALUES_NOT_UNIQUE", table("row_id,choice\n1,real\n1,fake\n"), set()),
    ("ROWID_VALUES_NOT_UNIQUE", table("row_id,choice\n2,a\n1,b\n2,c\n"), set()),
    ("ROWID_VALUES_NOT_UNIQUE", table("row_id,choice\nx,a\ny,b\nx,c\n"), set()),
    ("CSV_COLUMN_MISSING_FROM_METADATA", table("row_id,choice,more\n1,real,x\n"), set()),
    ("CSV_COLUMN_MISSING_FROM_METADATA", added(TABLE, "\ufeffrow_id,choice\n"), {"VARIABLE_MISSING_FROM_CSV_COLUMNS"}),
    ("VARIABLE_MISSING_FROM_CSV_COLUMNS", table("row_id\n1\n"), set()),
    ("MISSING_README_DOC", without("README.md"), set()),
    ("MISSING_CHANGES_DOC", without("CHANGES.md"), set()),
    ("MISSING_ANALYSIS_DIRECTORY", without("analysis"), set()),
    ("MISSING_RESULTS_DIRECTORY", without("results"), set()),
    ("MISSING_MATERIALS_DIRECTORY", without("materials"), set()),
    ("MISSING_DOCUMENTATION_DIRECTORY", without("documentation"), set()),
    ("MISSING_PSYCHDSIGNORE", without(".psychds-ignore"), set()),
    ("MISSING_DIRECTORY_METADATA", without("data/file_metadata.json"), set()),
    ("MISSING_SIDECAR_METADATA", without("data/study-A_data.json"), set()),
    ("FILE_EMPTY", added("README.md", ""), set()),
    ("FILE_NOT_CHECKED", added("materials/clip.wav"), set()),
    ("WRONG_METADATA_LOCATION", added("results/dataset_description.json", "{}"), {"FILE_NOT_CHECKED"}),
    ("FILENAME_UNOFFICIAL_KEYWORD_WARNING", added("data/moon-1_data.csv", "row_id\n"), set()),
    ("JSON_KEY_RECOMMENDED", described("author"), set()),
    ("UNKNOWN_NAMESPACE", described(**{"https://example.org/size": 3}), set()),
    ("OBJECT_TYPE_MISSING", described(author={"name": "Ann"}), set()),
    ("INVALID_OBJECT_TYPE", described(author={"@type": "Place", "name": "x"}), set()),
]  # fmt: skip


@pytest.mark.parametrize(("code", "change", "besides"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_dataset_that_breaks_a_rule(dataset: Path, code: str, change: Change, besides: set[str]) -> None:
    change(dataset)
    assert codes(dataset) == {code} | besides


def test_a_property_that_schema_org_does_not_have(dataset: Path) -> None:
    describe(dataset, "privacyPolicy", colour="blue")
    found = {problem.code: problem.detail for problem in check_psych_ds(dataset)}
    assert found == {"INVALID_SCHEMAORG_PROPERTY": "colour", "JSON_KEY_RECOMMENDED": "privacyPolicy"}


def test_every_rule_is_broken_by_a_case() -> None:
    assert {case[0] for case in CASES} | {"INVALID_SCHEMAORG_PROPERTY"} == set(RULES)
    assert not set(RULES) & set(NEVER_GIVEN)


def test_the_document_lists_every_rule() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/exports.md").read_text(encoding="utf-8")
    for code, (level, words) in RULES.items():
        assert f"| `{code}` | {level} | {words} |" in text
    assert all(f"`{code}`" in text for code in NEVER_GIVEN)


def test_a_valid_dataset_has_no_problem_but_the_standards_own(dataset: Path) -> None:
    problems = check_psych_ds(dataset)
    assert [(each.code, each.detail) for each in problems] == [("INVALID_SCHEMAORG_PROPERTY", "privacyPolicy")]
    assert not any(each.is_error for each in problems) and RULES["JSON_INVALID"][0] == ERROR
    assert str(problems[0]).startswith("warning INVALID_SCHEMAORG_PROPERTY: data/study-A_data.csv: a key is")


@pytest.mark.parametrize(
    "context",
    [
        "http://schema.org",
        {"@vocab": "https://schema.org/"},
        ["https://schema.org/", {"x": "https://example.org/"}],
        {"@vocab": "https://schema.org/", "name": {"@id": "https://schema.org/name"}},
    ],
)
def test_every_way_to_name_schema_org(dataset: Path, context: Any) -> None:
    describe(dataset, **{"@context": context})
    assert codes(dataset) == set()


def test_keys_that_are_written_out(dataset: Path) -> None:
    written = {f"schema:{key}" if key[0] != "@" else key: value for key, value in METADATA.items()}
    written["schema:variableMeasured"] = ["row_id", {"@type": "schema:PropertyValue", "schema:name": "choice"}]
    written["schema:author"] = {"@id": "https://example.org/ann"}
    written |= {"@type": "schema:Dataset", "@context": {"schema": "http://schema.org/"}}
    (dataset / "data/file_metadata.json").write_text("{}")
    (dataset / "data/study-A_data.json").write_text("{}")
    (dataset / "dataset_description.json").write_text(json.dumps(written))
    assert codes(dataset) == set()


def test_metadata_of_a_folder_or_file_take_the_place_of_the_descriptions(dataset: Path) -> None:
    (dataset / "data/sub").mkdir()
    (dataset / "data/sub/trial-1_data.csv").write_text("volume\n1\n")
    assert codes(dataset) == {"CSV_COLUMN_MISSING_FROM_METADATA"}
    (dataset / "data/sub/file_metadata.json").write_text('{"variableMeasured": ["volume"]}')
    assert codes(dataset) == set()
    (dataset / "data/sub/trial-1_data.json").write_text('{"variableMeasured": ["loudness"]}')
    assert codes(dataset) == {"CSV_COLUMN_MISSING_FROM_METADATA", "VARIABLE_MISSING_FROM_CSV_COLUMNS"}


def test_what_is_to_be_ignored_is(dataset: Path) -> None:
    (dataset / "materials/clip.wav").write_text("x")
    (dataset / "notes.txt").write_text("x")
    assert codes(dataset) == {"FILE_NOT_CHECKED"}
    (dataset / ".psychds-ignore").write_text("# mine\nmaterials/\n*.txt\n")
    assert codes(dataset) == set()


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("study-ExampleStudy_condition-2_data.csv", True),
        ("subject-XYZ_session-2_data.csv", True),
        ("data.csv", False),
        ("subject-XYZ_data2.csv", False),
        ("condition1-A_condition2-C_data.csv", False),
        ("subject-XYZ.csv", False),
        ("task-real_fake_data.csv", False),
    ],
)
def test_the_standards_own_examples_of_names(name: str, is_valid: bool) -> None:
    assert (DATA_FILE.fullmatch(name) is not None) is is_valid
