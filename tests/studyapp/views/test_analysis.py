import csv
import io

import pytest
from django.test import Client

from studyapp.models import AuditEntry, Study, User
from studyapp.vocab import Label, Origin
from tests.factories import make_machine, make_session, make_user, make_version

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


@pytest.mark.parametrize(("state", "words"), [("draft", "launch it first"), ("closed", "open it again")])
def test_a_study_that_is_not_live_offers_no_link(
    client: Client, study: Study, owner: User, state: str, words: str
) -> None:
    Study.objects.update(state=state)
    text = _get(client, study, owner).content.decode()
    assert words in text
    assert "simulate_participants" not in text


@pytest.mark.parametrize("n_sessions", [1, 2])
@pytest.mark.parametrize("says_fake", [True, False])
def test_tiny_and_one_sided_studies_show_sentences(
    client: Client, study: Study, owner: User, n_sessions: int, says_fake: bool
) -> None:
    version = study.versions.get()
    make_machine(version, is_right=lambda frozen, index: False)
    for _ in range(n_sessions):
        make_session(version, says_fake=lambda frozen, index: says_fake)
    text = _get(client, study, owner).content.decode()
    assert "nan" not in text.lower().replace("finance", "")
    assert "None" not in text
    assert "one listener allows no test" in text or "all listeners have the same share" in text
    assert "0 by construction" in text
    assert ("No reason was given yet." in text) == (not says_fake)


def test_shows_the_answers_with_a_banner_when_they_are_no_data(client: Client, study: Study, owner: User) -> None:
    for offset in range(3):
        make_session(
            study.versions.get(),
            origin=Origin.BOT,
            says_fake=lambda frozen, index, offset=offset: (frozen.label == Label.FAKE) != (index == offset),
        )
    text = _get(client, study, owner).content.decode()
    assert "3 sessions by simulated participants; these are no listeners" in text
    assert "simulated participants: no data" in text
    assert 'id="reason-chart"' in text
    assert "No detector has judged these clips" in text
    assert "Nobody has taken part yet." in _get(client, study, owner, "?origin=live").content.decode()


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
