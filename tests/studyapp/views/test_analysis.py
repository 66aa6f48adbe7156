import csv
import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from studyapp.models import AuditEntry, FrozenStimulus, Session, Study, User
from studyapp.reports.analysis_tests import SCOPES
from studyapp.services.analysis import analyze
from studyapp.services.api_tokens import make_token
from studyapp.services.session_manage import exclude_by_hand
from studyapp.vocab import Label, Origin
from tests.factories import CONFIG, make_machine, make_session, make_user, make_version
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("owner")


@pytest.fixture
def study(owner: User) -> Study:
    return make_version(owner=owner).study


def _get(client: Client, study: Study, user: User, query: str = "", name: str = "analysis/") -> object:
    client.force_login(user)
    return client.get(f"/studies/{study.slug}/{name}{query}")


def test_says_that_nobody_took_part_yet(client: Client, study: Study, owner: User) -> None:
    page = _get(client, study, owner)
    assert page.status_code == 200
    assert "Nobody has taken part yet." in page.content.decode()
    assert "simulate_participants" in page.content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [("draft", "launch it first"), ("closed", "nobody can begin"), ("pilot", "brings the pilot link")],
)
def test_a_study_that_is_not_live_offers_no_link(
    client: Client, study: Study, owner: User, state: str, words: str
) -> None:
    Study.objects.update(state=state)
    text = _get(client, study, owner).content.decode()
    assert words in text
    assert "simulate_participants" not in text


ANSWERS: list[Callable[[FrozenStimulus, int], bool]] = [
    lambda frozen, index: True,
    lambda frozen, index: False,
    lambda frozen, index: index % 2 == 0,
]


@pytest.mark.parametrize("classes", [(4, 4), (3, 0), (0, 3), (1, 1)])
@pytest.mark.parametrize("says_fake", ANSWERS, ids=["fake", "real", "by turns"])
def test_empty_tiny_and_one_sided_studies_show_sentences_and_never_nan(
    client: Client, owner: User, classes: tuple[int, int], says_fake: Callable[[FrozenStimulus, int], bool]
) -> None:
    version = make_version(n_fake=classes[0], n_real=classes[1], owner=owner)
    make_machine(version, is_right=lambda frozen, index: False)
    for n_sessions in range(3):
        if n_sessions:
            make_session(version, says_fake=says_fake)
        json.dumps(analyze(study=version.study), allow_nan=False)
        for scope in SCOPES:
            page = _get(client, version.study, owner, f"?generalise={scope}")
            text = html.unescape(page.content.decode())
            assert page.status_code == 200
            assert not LEFTOVERS.search(text)
            assert ("Nobody has taken part yet." in text) == (n_sessions == 0)
            if n_sessions:
                assert WHY_NONE[scope].search(text) or "mixed model</td>" in text
                assert "0 by construction" in text


LEFTOVERS = re.compile(r"\b(nan|NaN|inf|None(?! that))\b")  # as words: a form's token may hold the letters
WHY_NONE = {
    "listeners_and_clips": re.compile(
        "nothing can be said of other listeners and clips|the answers do not vary|no model has a finite estimate"
    ),
    "listeners": re.compile("one listener allows no test|all listeners have the same share"),
}


def test_the_switch_chooses_the_tests_and_every_link_keeps_it(client: Client, study: Study, owner: User) -> None:
    version = study.versions.get()
    for number in range(4):
        make_session(version, says_fake=lambda frozen, index, n=number: (index + n) % 3 == 0 or index == n)
    exclude_by_hand(session=Session.objects.first(), detail="phoned", actor=owner)
    for scope, test, speaks in (
        ("", "mixed model</td>", "other listeners and other clips of these kinds"),
        ("listeners", "t over listeners</td>", "of no other clips"),
    ):
        text = html.unescape(_get(client, study, owner, f"?generalise={scope}&incomplete=0").content.decode())
        sentences = text[text.index('id="answers"') : text.index("Download the judgements")]
        assert test in sentences and speaks in sentences
        assert ("The primary test of the analysis plan speaks of other clips too." in text) == bool(scope)
    links = re.findall(r'href="(\?[^"]+)"', text)
    assert all("generalise=listeners" in link and "incomplete=0" in link.replace("=1", "=0") for link in links)
    excluded = next(link for link in links if "excluded=1" in link)
    text = _get(client, study, owner, excluded).content.decode()
    assert "Excluded sessions are included" in text and "Leave out excluded sessions" in text
    assert 'aria-current="true"' in text and text.count("<tbody>") >= 10


FLAGS = CONFIG | {"screening": {"action": "flag"}, "analysis": {}}
FLAGGED = (
    "1 session is flagged (headphone test not passed: 1) and {} here. With such sessions fakes were called fake in 75"
)


def test_a_switch_leaves_out_flagged_sessions_and_a_sentence_says_what_it_changes(client: Client, owner: User) -> None:
    version = make_version(owner=owner, config=FLAGS)
    make_session(version)
    text = _get(client, version.study, owner).content.decode()
    assert "Flagged sessions: none with" in text and "is flagged" not in text
    make_session(version, screening_correct=2, says_fake=lambda frozen, index: index % 2 == 0)
    text = html.unescape(_get(client, version.study, owner).content.decode())
    assert (
        FLAGGED.format("kept in") in text and "Leave out flagged sessions" in text and "Analysed: 2, 1 flagged" in text
    )
    assert "without them fakes were called fake in 100.0 % of judgements and real sounds real in 100.0 %." in text
    of_machines = _get(client, version.study, owner, name="analysis/machines/").content.decode()
    assert "Leave out flagged sessions" in of_machines
    switch = next(link for link in re.findall(r'href="(\?[^"]+)"', text) if "without_flagged=1" in link)
    text = html.unescape(_get(client, version.study, owner, switch).content.decode())
    assert FLAGGED.format("left out") in text and "Include flagged sessions" in text
    assert "Flagged sessions are left out too." in text and "Analysed: 1<" in text and "Flagged: 1<" in text
    assert "Flagged sessions are left out of this analysis; the plan says otherwise." in text
    assert "1 session was flagged (failed headphone: 1) and left out." in text


def test_the_api_leaves_out_flagged_sessions_where_it_is_asked_to(client: Client, owner: User) -> None:
    version = make_version(owner=owner, config=FLAGS)
    make_session(version, screening_correct=2)
    make_session(version)
    key = {"Authorization": f"Bearer {make_token(user=owner, name='a', may_write=False)[1]}"}
    for query, n in (("", 2), ("?leave_out_flagged=false", 2), ("?leave_out_flagged=true", 1)):
        found = client.get(f"/api/v1/studies/{version.study.slug}/analysis{query}", headers=key).json()
        assert (found["flow"]["analysed"], found["flow"]["flagged"]) == (n, 1)


def test_a_switch_that_would_change_nothing_says_why_and_is_no_link(client: Client, study: Study, owner: User) -> None:
    session = make_session(study.versions.get())
    reasons = ("Incomplete sessions: none with", "Clips in doubt: none was judged", "Excluded sessions: none with")
    reasons += ("Flagged sessions: none with",)
    for name in ("analysis/", "analysis/machines/"):
        text = _get(client, study, owner, name=name).content.decode()
        assert all(text.count(words) == 1 for words in reasons), name
        assert not re.search(r'href="[^"]*(incomplete|without_doubt|excluded|without_flagged)=', text), name
    assert "nobody else: these answers allow no test" in _get(client, study, owner).content.decode()
    # What the address asks for can be taken back.
    assert "Completed sessions only" in _get(client, study, owner, "?incomplete=1").content.decode()
    exclude_by_hand(session=session, detail="phoned", actor=owner)
    assert "Include excluded sessions" in _get(client, study, owner).content.decode()


def test_shows_the_answers_with_a_banner_when_they_are_no_data(client: Client, study: Study, owner: User) -> None:
    for offset in range(3):
        make_session(
            study.versions.get(),
            origin=Origin.BOT,
            says_fake=lambda frozen, index, offset=offset: (frozen.label == Label.FAKE) != (index == offset),
        )
    text = _get(client, study, owner).content.decode()
    assert "3 sessions by simulated participants; these are no listeners" in text
    assert "simulated participants: not the study’s data" in text
    assert 'id="reason-chart"' in text
    assert "No machine has judged these clips" in text
    assert "Nobody has taken part yet." in _get(client, study, owner, "?origin=live").content.decode()


def test_shows_the_papers_numbers_beside_the_studys(client: Client, study: Study, owner: User) -> None:
    for is_right in (True, False):
        make_session(
            study.versions.get(),
            says_fake=lambda frozen, index, is_right=is_right: (frozen.label == Label.FAKE) == is_right,
        )
    page = _get(client, study, owner).content.decode()
    part = page[page.index('id="paper"') :]
    assert "2 listeners, " in part
    for words in ("t(19) = −0.31", ".621", "643 (220 + 207 + 83 + 64 + 44 + 25)", "15.2 % to 16.1 %"):
        assert words in part


def test_keeps_other_experimenters_out_and_lets_staff_in(client: Client, study: Study) -> None:
    for name in ("analysis/", "judgements.csv"):
        assert _get(client, study, make_user(), name=name).status_code == 404
        assert _get(client, study, make_user(is_staff=True), name=name).status_code == 200
        client.logout()
        assert client.get(f"/studies/{study.slug}/{name}").status_code == 302
        assert client.post(f"/studies/{study.slug}/{name}").status_code in (302, 403)


def test_refuses_an_origin_that_is_none_and_a_study_that_is_not_there(
    client: Client, study: Study, owner: User
) -> None:
    assert _get(client, study, owner, "?origin=moon").status_code == 404
    assert client.get("/studies/none/analysis/").status_code == 404


def test_the_csv_holds_every_judgement_and_is_on_record(client: Client, study: Study, owner: User) -> None:
    make_session(study.versions.get(), pseudonym="ANN")
    answer = _get(client, study, owner, name="judgements.csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 8
    assert {row["subject_id"] for row in rows} == {"ANN"}
    assert AuditEntry.objects.get(action="export_judgements").actor == owner


def test_the_admin_shows_every_list_and_exports_several_studies(client: Client, study: Study) -> None:
    from django.contrib import admin

    other = make_version()
    make_session(study.versions.get())
    make_session(other)
    staff = make_user(is_staff=True)
    client.force_login(staff)
    for model in admin.site._registry:
        if model._meta.app_label == "studyapp":
            place = f"/admin/studyapp/{model._meta.model_name}/"
            assert client.get(f"{place}?q=x").status_code == 200, place
            first = model.objects.first()
            if first is not None:
                assert client.get(f"{place}{first.pk}/change/").status_code == 200, place
    answer = client.post(
        "/admin/studyapp/study/",
        {"action": "download_judgements", "_selected_action": [study.pk, other.study_id]},
    )
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert {row["study_id"] for row in rows} == {study.slug, other.study.slug}
    assert [row["row_id"] for row in rows] == [str(number) for number in range(1, 17)]


def test_the_admin_never_shows_a_sessions_token(client: Client, study: Study) -> None:
    session = make_session(study.versions.get())
    client.force_login(make_user(is_staff=True))
    for place in ("", f"{session.pk}/change/"):
        assert session.token not in client.get(f"/admin/studyapp/session/{place}").content.decode()


def test_an_exclusion_added_in_the_admin_names_who_did_it(client: Client, study: Study) -> None:
    session = make_session(study.versions.get())
    staff = make_user(is_staff=True)
    client.force_login(staff)
    client.post("/admin/studyapp/exclusion/add/", {"session": session.pk, "reason": "manual", "detail": "phoned"})
    assert session.exclusions.get().actor == staff
    assert AuditEntry.objects.filter(action="add_exclusion", object_id=str(session.pk)).exists()


@pytest.mark.parametrize(("task", "n_judged"), [("rating", 12), ("naturalness", 0), ("two_interval", 0)])
def test_a_study_of_another_task_opens_and_gives_its_answers(client: Client, task: str, n_judged: int) -> None:
    version = launch(config=BARE | {"task": {"type": task}, "attention": {"beeps": 1}})
    for seed in range(2):
        Walker(version.study, seed=seed).to("ended")
    Session.objects.update(origin="live", time_scale=1.0)
    client.force_login(make_user("staff", is_staff=True))
    page = client.get("/studies/study/analysis/")
    assert page.status_code == 200
    assert ("not analysed here" in page.content.decode()) == (task == "naturalness")
    assert ("judged 4 pairs" in page.content.decode()) == (task == "two_interval")
    assert _n_judgements(version.study) == n_judged
    rows = list(csv.DictReader(io.StringIO(_body(client.get("/studies/study/judgements.csv")))))
    assert len([row for row in rows if row["phase"] == "main"]) == (4 if task == "two_interval" else 12)


def _body(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def _n_judgements(study: Study) -> int:
    return int(analyze(study=study, origin=Origin.LIVE)["counts"]["n_judgements"])
