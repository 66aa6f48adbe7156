"""Reasons by truth, category and generator: counts by hand, the sentences where there is no test, the texts."""

import pytest

from studyapp.models import ChosenReason, Stimulus
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.reasons import reason_texts
from studyapp.services.analysis import analyze
from studyapp.vocab import Label, Origin, Outcome
from tests.factories import make_session, make_version

pytestmark = pytest.mark.django_db
CODES = ["distorted", "not_category", "background_artifacts", "too_brief", "repetitive", "other"]


def _tables(study: object) -> dict[str, dict]:
    return {table["by"]: table for table in analyze(study=study)["reasons"]["tables"]}


def test_counts_reasons_by_truth_category_and_generator_and_corrects_for_three_tests() -> None:
    version = make_version(n_fake=8, n_real=8)  # rain, dog_bark in turns
    clips = list(Stimulus.objects.order_by("pk"))
    for number, clip in enumerate(clips[:8]):
        Stimulus.objects.filter(pk=clip.pk).update(generator="A" if number < 4 else "B")
    for _ in range(3):
        make_session(
            version,
            says_fake=lambda frozen, index: index < 8 or index == 9,
            reason=lambda index: "distorted" if index % 2 == 0 else "other",  # all rain, all dogs
        )
    make_session(version, outcome=Outcome.TIMED_OUT)
    found = _tables(version.study)
    names = {by: [group["name"] for group in table["groups"]] for by, table in found.items()}
    assert names == {"truth": ["fake", "real"], "category": ["dog_bark", "rain"], "generator": ["A", "B"]}
    by_category = {group["name"]: group for group in found["category"]["groups"]}
    assert by_category["rain"] == {"name": "rain", "n_clips": 4, "n_judgements": 12, "counts": [12, 0, 0, 0, 0, 0]}
    assert by_category["dog_bark"]["counts"] == [0, 0, 0, 0, 0, 15]
    assert [group["counts"][0] for group in found["generator"]["groups"]] == [6, 6]
    # Each category has its own reason: of 9 clips in two strata, 8 choose 4 = 70 arrangements, two of which are so far.
    table = found["category"]
    assert (table["permuted_within"], table["cramers_v"], table["n_permutations"]) == ("truth", 1.0, 2000)
    assert table["p_permutation"] == pytest.approx(2 / 70, abs=0.015)
    assert table["p_least"] == pytest.approx(1 / 70)
    p_values = {by: table["p_permutation"] for by, table in found.items()}
    assert p_values["generator"] == 1.0  # within a category all generators have the same reasons
    smallest = min(p_values, key=p_values.__getitem__)
    assert found[smallest]["p_holm"] == pytest.approx(3 * p_values[smallest])
    assert _tables(version.study) == found


def test_says_why_a_table_has_no_test() -> None:
    version = make_version(n_fake=3, n_real=0, categories=("rain",))
    Stimulus.objects.update(generator="")
    empty = _tables(version.study)
    assert [table["problem"][:16] for table in empty.values()] == [
        "No clip has a re",
        "No clip has a re",
        "No fake that has",
    ]
    make_session(version)
    found = _tables(version.study)
    assert found["truth"]["problem"].startswith("All clips that have a reason are of one truth")
    assert all(table["p_holm"] is None for table in found.values())


def test_labels_that_hang_on_the_stratum_cannot_be_exchanged() -> None:
    version = make_version(n_fake=2, n_real=2, categories=("rain", "rain", "dog_bark", "dog_bark"))
    make_session(version, says_fake=lambda frozen, index: True, reason=lambda index: CODES[index % 2])
    found = _tables(version.study)
    assert "Clips of one category are all of one truth" in found["truth"]["problem"]
    assert "Clips of one truth are all of one category" in found["category"]["problem"]


def test_one_reason_alone_compares_nothing() -> None:
    version = make_version()
    make_session(version, says_fake=lambda frozen, index: True)
    assert _tables(version.study)["truth"]["problem"].startswith("One reason alone")


def test_a_judgement_with_several_reasons_counts_once_in_the_denominator() -> None:
    version = make_version(n_fake=2, n_real=2)
    make_session(version)
    for chosen in list(ChosenReason.objects.all()):
        ChosenReason.objects.create(response=chosen.response, code="other")
    (fake,) = _tables(version.study)["truth"]["groups"]
    assert (fake["n_judgements"], sum(fake["counts"])) == (2, 4)


def test_texts_are_those_of_analysed_judgements() -> None:
    version = make_version(n_fake=2, n_real=2)
    make_session(version, pseudonym="ANN", reason=lambda index: "other")
    make_session(version, pseudonym="BEN", outcome=None, reason=lambda index: "other")
    make_session(version, pseudonym="BOT", origin=Origin.BOT, reason=lambda index: "other")
    for chosen in ChosenReason.objects.all():
        chosen.text = f"a Click in {chosen.response.trial.position}"
        chosen.save()
    doubted = Stimulus.objects.filter(label=Label.FAKE.value).order_by("pk")[1]
    Stimulus.objects.filter(pk=doubted.pk).update(label_in_doubt=True)

    def found(*, incomplete: bool = False, without_doubt: bool = False, words: str = "") -> set[tuple[str, str]]:
        rules = Rules(include_incomplete=incomplete, leave_out_in_doubt=without_doubt)
        rows = reason_texts(study=version.study, origin=Origin.LIVE, rules=rules, words=words)
        return {(row.listener, row.text) for row in rows}

    assert found() == {("ANN", "a Click in 0"), ("ANN", "a Click in 1")}
    assert len(found(incomplete=True)) == 4
    assert found(without_doubt=True, words="CLICK") == {("ANN", "a Click in 0")}
    assert found(words="hiss") == set()
    assert analyze(study=version.study)["reasons"]["n_texts"] == 2
