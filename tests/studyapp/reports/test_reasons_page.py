"""The reasons on the results page: their charts, tables, verdicts and notes, and the page of texts."""

import pytest
from django.test import Client

from studyapp.models import ChosenReason, Stimulus
from studyapp.reports.analysis_charts import draw_reason_table
from studyapp.reports.reasons_page import reasons_page
from studyapp.services.analysis import analyze
from studyapp.vocab import PAPER_REASONS
from tests.factories import CONFIG, make_session, make_user, make_version

LABELS = list(PAPER_REASONS.values())


def _table(by: str = "category", n_groups: int = 3, **facts: object) -> dict:
    groups = [
        {"name": f"group_{n}", "n_clips": 2, "n_judgements": 10, "counts": [10 - n, n, 0, 0, 0, 0]}
        for n in range(n_groups)
    ]
    tested = {"chi_square": 9.5, "df": 5, "cramers_v": 0.4, "p_permutation": 0.004, "p_least": 0.0005, "p_holm": 0.012}
    made = {"by": by, "permuted_within": "truth", "groups": groups, "n_small_counts": 0, "problem": ""}
    return made | tested | {"n_permutations": 2000, "seed": 42} | facts


def _shown(table: dict) -> dict:
    shares = [dict.fromkeys(("wilson", "goodman", "sison_glaz", "clustered", "listener_interval")) for _ in LABELS]
    for share, label in zip(shares, LABELS, strict=True):
        share.update({"label": label, "n_chosen": 1, "proportion": 0.1, "design_effect": None, "listener_mean": 0.1})
    counts = {"n_judgements": 30, "n_listeners": 2, "n_listeners_without": 0, "n_asked_without_reason": 0, "n_texts": 0}
    said = {"asked_after": "fake", "denominator": "judgements", "mode": "single"}
    return reasons_page({**counts, **said, "shares": shares, "tables": [table]})["tables"][0]


@pytest.mark.once
def test_the_verdict_goes_by_the_corrected_p() -> None:
    assert _shown(_table())["answer"].startswith(
        "Reasons differ between categories: χ² = 9.50, Cramér’s V = 0.40, p = .004"
    )
    found = _shown(_table(p_permutation=0.03, p_holm=0.09))
    assert found["answer"].startswith("No difference between categories was found: ")
    assert "p = .030, and p = .090 with Holm’s correction" in found["answer"]
    assert _shown(_table(problem="Nothing to compare."))["answer"] == "Nothing to compare."


@pytest.mark.once
def test_small_counts_and_few_clips_are_said() -> None:
    assert _shown(_table())["notes"] == []
    small, few = _shown(_table(n_small_counts=4, p_least=1 / 6))["notes"]
    assert small.startswith("4 of the 18 counts are below 5.")
    assert "p cannot fall below .167" in few


@pytest.mark.once
def test_the_chart_shows_every_cell_of_its_table_and_writes_shares_where_there_is_room() -> None:
    chart = draw_reason_table(LABELS, _table())
    assert chart is not None
    (rows,) = chart["datasets"].values()
    assert len(rows) == 3 * len(LABELS)
    assert {(row["group"], row["n"], row["share"]) for row in rows if row["n"]} == {
        ("group 0", 10, 1.0), ("group 1", 9, 0.9), ("group 1", 1, 0.1), ("group 2", 8, 0.8), ("group 2", 2, 0.2),
    }  # fmt: skip
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["rect", "text"]
    wide = draw_reason_table(LABELS, _table(n_groups=10) | {"groups": _table(n_groups=5)["groups"] * 3})
    assert wide is not None
    assert [layer["mark"]["type"] for layer in wide["layer"]] == ["rect"]
    assert draw_reason_table(LABELS, _table(n_groups=1)) is None


@pytest.mark.django_db
def test_the_page_shows_the_tables_and_leads_to_the_texts(client: Client) -> None:
    owner = make_user("owner")
    version = make_version(n_fake=6, n_real=6, owner=owner)
    Stimulus.objects.filter(generator="TASys01").update(generator="Maker")
    for number in range(3):
        make_session(
            version,
            says_fake=lambda frozen, index: True,
            reason=lambda index, number=number: list(PAPER_REASONS)[(index + number) % 3],
            pseudonym=f"P{number}",
        )
    ChosenReason.objects.filter(code="distorted").update(text="<b>robot</b> voice")
    client.force_login(owner)
    address = f"/studies/{version.study.slug}/analysis/"
    page = client.get(f"{address}?incomplete=1").content.decode()
    assert 'data-chart="reasons-by-truth"' in page
    assert 'data-chart="reasons-by-generator"' not in page
    assert "All clips that have a reason are of one generator" in page
    assert "Sison and Glaz" in page
    assert "How to write this in a paper: Reasons" in page
    assert "12 reasons were given in words" in page
    texts = f"{address}reasons/?incomplete=1&amp;origin=live"
    assert texts in page
    listed = client.get(texts.replace("&amp;", "&")).content.decode()
    assert listed.count("&lt;b&gt;robot&lt;/b&gt; voice") == 12
    none = client.get(f"{address}reasons/?q=violin&incomplete=1").content.decode()
    assert "Nobody wrote this." in none
    assert '<input type="hidden" name="incomplete" value="1">' in none
    assert analyze(study=version.study)["reasons"]["n_texts"] == 12


@pytest.mark.django_db
def test_where_several_reasons_can_be_chosen_no_interval_is_for_all_at_once(client: Client) -> None:
    owner = make_user("owner")
    reasons = CONFIG["task"]["reasons"] | {"mode": "multiple", "after": "both"}
    version = make_version(owner=owner, config={"task": {"reasons": reasons}})
    for _ in range(2):
        make_session(version)
    for chosen in list(ChosenReason.objects.all()):
        ChosenReason.objects.create(response=chosen.response, code="other")
    client.force_login(owner)
    page = client.get(f"/studies/{version.study.slug}/analysis/").content.decode()
    assert "lines 95 % intervals (Wilson)" in page
    assert "Several reasons could be given" in page
    assert "Goodman, all at once" not in page
    assert "listeners chose one or more of 6 reasons" in page
    for note in ("asks for reasons after other answers", "lets listeners choose several reasons"):
        assert note in page[page.index('id="paper"') :]
