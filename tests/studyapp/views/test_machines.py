"""The page of listeners and machines: what it says, which clips it lists, and what it refuses."""

import re
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studyapp.models import Machine, MachineScore, SetMember, StoredAnalysis, StudyVersion
from studyapp.services.stored_analyses import compute_stored
from studyapp.vocab import Label
from tests.factories import make_machine, make_session, make_user, make_version

pytestmark = pytest.mark.django_db
PAGE = "/studies/ears/analysis/machines/"


@pytest.fixture
def version(client: Client) -> StudyVersion:
    owner = make_user("owner")
    client.force_login(owner)
    return make_version(slug="ears", n_fake=6, n_real=6, owner=owner)


def text_of(client: Client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"{PAGE}{query}")
    assert answer.status_code == status
    text = answer.content.decode()
    assert not re.search(r"\b(nan|NaN|inf|None)\b", text)  # as words: a form's token may hold the letters
    return text


def scored(version: StudyVersion) -> Machine:
    """Make a machine whose scores differ from clip to clip; it is right about all fakes and half of the reals."""
    machine = Machine.objects.create(slug="scored", title="Scored")
    rng = np.random.default_rng(1)
    for index, frozen in enumerate(version.frozen_stimuli.order_by("pk")):
        says_fake = frozen.label == Label.FAKE or index % 2 == 0
        score = 0.5 * rng.random() + 0.5 * says_fake
        decision = "fake" if says_fake else "real"
        MachineScore.objects.create(
            machine=machine, stimulus_id=frozen.stimulus_id, fake_score=score, decision=decision
        )
    return machine


def test_a_study_without_machines_answers_or_clips_in_common_says_so(client: Client, version: StudyVersion) -> None:
    assert "No machine has judged these clips" in text_of(client)
    machine = make_machine(version, is_right=lambda frozen, index: True)
    assert "There is no clip that listeners and this machine judged" in text_of(client)
    make_session(version)
    assert "12 clips that listeners and this machine judged." in text_of(client)
    machine.scores.update(split="train")
    assert "12 clips are left out" in text_of(client)


def test_shows_each_number_with_its_chart_and_its_clips(client: Client, version: StudyVersion) -> None:
    scored(version)
    for shift in range(3):
        make_session(version, says_fake=lambda frozen, index, shift=shift: (index + shift) % 3 > 0)
    text = text_of(client)
    for words in (
        "shares-scored",
        "crowd-scored",
        "DeLong’s test",
        "McNemar’s test",
        "Error consistency",
        "By category",
    ):
        assert words in text
    assert "at least 20 fakes and 20 real sounds" in text
    assert text.count("data-clip-src=") == 12
    few = text_of(client, "?who=only_machine_right")
    assert "The clips: only the machine right" in few
    assert 0 < few.count("data-clip-src=") < 12
    assert "Clip by clip, with the sounds: Scored" in client.get("/studies/ears/analysis/").content.decode()


def test_a_clip_that_the_set_holds_no_more_is_listed_without_its_sound(client: Client, version: StudyVersion) -> None:
    scored(version)
    make_session(version)
    taken_out = version.frozen_stimuli.order_by("pk").first()
    SetMember.objects.filter(stimulus_id=taken_out.stimulus_id).delete()
    text = text_of(client)
    assert text.count("data-clip-src=") == 11
    assert f"fake-{taken_out.stimulus.name.rsplit('fake-', 1)[1]}" in text
    assert f'/sounds/{taken_out.stimulus_id}"' not in text


def test_the_papers_design_says_what_cannot_be_concluded(client: Client, version: StudyVersion) -> None:
    make_machine(version, is_right=lambda frozen, index: False)
    make_session(version)
    text = text_of(client)
    assert "0 by construction" in text and "how they were chosen" in text
    assert "DeLong’s test" not in text and "McNemar’s test" not in text and "Error consistency" not in text


def test_clips_chosen_by_the_machines_own_training_carry_a_caution(client: Client, version: StudyVersion) -> None:
    machine = scored(version)
    make_session(version)
    assert "fixed by that choice" not in text_of(client)
    stimulus_set = version.study.stimulus_set
    stimulus_set.provenance = {"kind": "selection", "training": 7}
    stimulus_set.save()
    assert "fixed by that choice" not in text_of(client)
    machine.provenance = {"training": 7}
    machine.save()
    assert "fixed by that choice" in text_of(client)


def test_another_machine_and_other_clips_are_asked_for_by_name(client: Client, version: StudyVersion) -> None:
    scored(version)
    make_machine(version, is_right=lambda frozen, index: True, slug="second")
    make_session(version)
    assert '<h3 class="h5">Scored</h3>' in text_of(client, "?machine=scored")
    assert '<h3 class="h5">Scored</h3>' not in text_of(client, "?machine=second")
    assert "No clip is of this kind" in text_of(client, "?machine=second&who=both_wrong")
    for query in ("?machine=moon", "?who=moon", "?machine=second&who=%00", "?origin=moon"):
        assert client.get(f"{PAGE}{query}").status_code == 404


def test_p_values_are_called_exploratory_and_corrected_over_machines(client: Client, version: StudyVersion) -> None:
    scored(version)
    for shift in range(3):
        make_session(version, says_fake=lambda frozen, index, shift=shift: (index + shift) % 3 > 0)
    text = text_of(client)
    assert "All of this is exploratory: no p is corrected for how many stand here." in text
    assert "Holm’s correction over the machines" not in text
    methods = "All comparisons with machines are exploratory; p values are not corrected for their number."
    assert methods in text and "corrected p" not in text
    make_machine(version, is_right=lambda frozen, index: index % 4 > 0, slug="second")
    text = text_of(client)
    assert "All of this is exploratory" in text and "Holm’s correction over the machines" in text
    assert re.search(r"ties left out: p (&lt; )?[.\d]+ \([.\d]+\) \(exact\)", text)
    assert "corrected p = " in text and "after Holm (Holm, 1979) over the machines" in text


def test_a_machine_more_costs_no_query_more(client: Client, version: StudyVersion) -> None:
    def n_queries() -> int:
        StoredAnalysis.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            text_of(client)
        return len(captured.captured_queries)

    make_session(version)
    scored(version)
    text_of(client)  # what is looked up once for all
    few = n_queries()
    for _ in range(3):
        make_machine(version, is_right=lambda frozen, index: index > 0)
    assert n_queries() == few


def test_where_a_worker_computes_the_page_waits(
    client: Client, version: StudyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(version)
    make_session(version)
    monkeypatch.setattr("studyapp.services.stored_analyses.FEW_ANSWERS", 0)
    assert "The first analysis of these answers" in text_of(client)
    compute_stored(analysis_id=StoredAnalysis.objects.get().pk)
    text = text_of(client)
    assert "Computed at" in text and "12 clips that listeners and this machine judged." in text


def test_many_clips_come_in_pages(client: Client) -> None:
    owner = make_user("other")
    client.force_login(owner)
    version = make_version(slug="ears", n_fake=30, n_real=25, owner=owner)
    scored(version)
    make_session(version)
    first: Any = text_of(client)
    assert (first.count("data-clip-src="), "page 1 of 2" in first) == (50, True)
    assert text_of(client, "?page=2").count("data-clip-src=") == 5
