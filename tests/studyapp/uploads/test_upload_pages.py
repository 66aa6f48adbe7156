"""The pages: a set is made, filled, described and imported; and each refusal."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import StimulusSet, StimulusUpload, UploadedFile, User
from studyapp.services.upload_work import import_upload
from studyapp.vocab import JobState
from tests.factories import make_user
from tests.studyapp.uploads.archives import REFUSED
from tests.studyapp.uploads.sending import folders, make_set, post_file, send, sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def test_a_set_is_made_filled_described_and_imported(
    page: Client, ada: User, django_assert_max_num_queries: Any
) -> None:
    assert "New set" in page.get(reverse("stimulus_sets")).content.decode()
    made = page.post(reverse("set_new"), {"title": "Street sounds"})
    assert made["Location"] == reverse("add_sounds", args=["street-sounds"])
    assert "Drop sounds" in page.get(made["Location"]).content.decode()
    for name, seed in (("c/real/rain/a.wav", 1), ("c/fake/net/rain/b.wav", 2)):
        with django_assert_max_num_queries(35):
            answer = post_file(page, "street-sounds", name, sound(seed))
        assert answer.json() == {"name": name, "n_bytes": len(sound(1)), "kind": "sound", "n_members": 0}
    assert "c/real/rain/a.wav" in page.get(made["Location"]).content.decode()  # known after a reload
    describe = reverse("describe_upload", args=["street-sounds"])
    shown = page.get(describe).content.decode()
    assert "<strong>1</strong> real and <strong>1</strong> fake" in shown and "net" in shown
    assert (
        "2 files that you sent are not imported yet"
        in page.get(reverse("stimulus_set", args=["street-sounds"])).content.decode()
    )
    assert page.post(describe, {"how": "folders"}).status_code == 302
    upload = StimulusUpload.objects.get()
    watch = reverse("upload_progress", args=["street-sounds", upload.pk])
    assert page.get(watch).json()["state"] == "queued"
    assert import_upload(upload_id=upload.pk)
    shown = page.get(reverse("stimulus_set", args=["street-sounds"])).content.decode()
    assert "2 of 2 files" in shown and "real/rain/" in shown


def test_a_table_is_guessed_and_mapped(page: Client, mine: StimulusSet) -> None:
    send(mine, "protocol.csv", b"Utterance;Key;Attack\na;bonafide;-\nb;spoof;A07\n")
    send(mine, "a.wav", sound(1))
    send(mine, "b.wav", sound(2))
    at = reverse("describe_upload", args=[mine.slug])
    shown = page.get(at).content.decode()
    assert "Which column holds what?" in shown and "bonafide" in shown
    asked = page.get(at, {"how": "manifest"}).content.decode()  # by the tab: no table is named yet
    assert "bonafide" in asked and "Choose the table" not in asked
    fields = {
        "how": "manifest", "table": "protocol.csv", "columns_of": "protocol.csv", "column-path": "0",
        "column-label": "1", "column-generator": "2", "word-0": "bonafide", "means-0": "real", "word-1": "spoof",
        "means-1": "fake",
    }  # fmt: skip
    refused = page.post(at, fields)
    assert refused.status_code == 400 and "Choose the column that holds the category" in refused.content.decode()
    fields["constant-category"] = "speech"
    assert "<strong>1</strong> real and <strong>1</strong> fake" in page.get(at, fields).content.decode()
    bad = page.post(at, fields | {"means-1": ""})
    told = bad.content.decode()
    assert bad.status_code == 400 and "whether <code>spoof</code> means real or fake" in told and "row 3" not in told
    assert page.post(at, fields).status_code == 302


@pytest.mark.parametrize(
    "fields",
    [
        {"how": "all"}, {"how": "all", "label": "real", "category": "x" * 101}, {"how": "manifest"},
        {"how": "manifest", "table": "none.csv"}, {"how": "no way"}, {},
        {"how": "all", "label": "real", "category": "\0"},
        {"how": "manifest", "table": "m.csv", "columns_of": "m.csv", "column-path": "77", "column-label": "-1"},
    ],
)  # fmt: skip
def test_bad_descriptions_change_nothing(fields: dict[str, str], page: Client, mine: StimulusSet) -> None:
    upload = send(mine, "a.wav", sound(1)).upload
    send(mine, "m.csv", b'path\n"')
    at = reverse("describe_upload", args=[mine.slug])
    assert page.post(at, fields).status_code == 400
    assert page.get(at, fields).status_code == 200
    upload.refresh_from_db()
    assert upload.submitted_at is None


@pytest.mark.parametrize(
    "fields", [{}, {"title": " "}, {"title": "x", "slug": "a b"}, {"title": "x", "slug": "new"}, {"title": "y" * 201},
               {"title": "x", "slug": "street-sounds"}, {"title": "a\0b"}]
)  # fmt: skip
def test_bad_names_of_sets_are_marked(fields: dict[str, str], page: Client, mine: StimulusSet) -> None:
    answer = page.post(reverse("set_new"), fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert StimulusSet.objects.count() == 1


def test_a_free_name_follows_from_the_title(page: Client, mine: StimulusSet) -> None:
    for title in ("Street sounds", "New", "雨"):
        page.post(reverse("set_new"), {"title": title})
    assert set(StimulusSet.objects.values_list("slug", flat=True)) == {
        "street-sounds", "street-sounds-2", "new-2", "sounds",
    }  # fmt: skip


def test_refused_files_say_why(page: Client, mine: StimulusSet, settings: Any) -> None:
    for name, content, status in (
        ("a.exe", b"x", 415), ("bad.zip", REFUSED["climbs"][0](), 400), ("", b"x", 400), ("big.wav", bytes(2000), 413)
    ):  # fmt: skip
        settings.UPLOAD_MAX_FILE_BYTES = 1000
        answer = post_file(page, mine.slug, name, content)
        assert answer.status_code == status and answer.json()["error"], name
    at = reverse("add_file", args=[mine.slug])
    wrong = page.post(at, b"x", content_type="application/octet-stream", headers={"X-File-Name": "%ff.wav"})
    assert wrong.status_code == 400 and not UploadedFile.objects.exists()


def test_sent_files_are_removed_and_discarded(page: Client, mine: StimulusSet) -> None:
    send(mine, "a.wav", sound(1))
    at = reverse("remove_sent", args=[mine.slug])
    assert page.post(at, {"name": "a.wav"}).status_code == 200 and page.post(at, {"name": "a.wav"}).status_code == 404
    page.post(reverse("discard_waiting", args=[mine.slug]))
    assert not StimulusUpload.objects.exists()


def test_a_job_is_cancelled_retried_described_anew_and_discarded(page: Client, mine: StimulusSet) -> None:
    upload = folders(mine)
    page.post(reverse("describe_upload", args=[mine.slug]), {"how": "folders"})
    for name, state in (("cancel", "cancelled"), ("retry", "queued"), ("cancel", "cancelled"), ("reopen", "queued")):
        assert page.post(reverse(f"{name}_upload", args=[mine.slug, upload.pk])).status_code == 302
        upload.refresh_from_db()
        assert upload.state == state
    assert upload.submitted_at is None
    StimulusUpload.objects.update(state=JobState.FAILED.value, submitted_at=upload.created_at, error="a fault")
    assert "a fault" in page.get(reverse("stimulus_set", args=[mine.slug])).content.decode()
    page.post(reverse("discard_upload", args=[mine.slug, upload.pk]))
    assert not StimulusUpload.objects.exists()


def addresses(slug: str, pk: int) -> list[tuple[str, str]]:
    gets = ["add_sounds", "describe_upload"]
    posts = ["add_file", "remove_sent", "discard_waiting", "add_corpus", "describe_upload"]
    jobs = [f"{name}_upload" for name in ("cancel", "retry", "reopen", "discard")]
    return [
        *(("get", reverse(name, args=[slug])) for name in gets),
        *(("post", reverse(name, args=[slug])) for name in posts),
        *(("post", reverse(name, args=[slug, pk])) for name in jobs),
        ("get", reverse("upload_progress", args=[slug, pk])),
    ]


def test_nobody_gets_in_who_has_not_signed_in(client: Client, mine: StimulusSet) -> None:
    pk = folders(mine).pk
    for method, at in [*addresses(mine.slug, pk), ("get", reverse("set_new"))]:
        assert getattr(client, method)(at)["Location"].startswith(reverse("login")), at


def test_somebody_elses_set_is_not_there(client: Client, mine: StimulusSet) -> None:
    pk = folders(mine).pk
    client.force_login(make_user("eve"))
    for method, at in addresses(mine.slug, pk):
        assert getattr(client, method)(at).status_code == 404, at


def test_who_may_see_a_set_may_not_fill_it(client: Client, mine: StimulusSet) -> None:
    pk = folders(mine).pk
    StimulusSet.objects.update(owner=None)  # seen by all, changed by staff
    client.force_login(make_user("eve"))
    StimulusUpload.objects.update(submitted_at="2026-01-01T00:00Z")
    for method, at in addresses(mine.slug, pk)[:-1]:
        assert getattr(client, method)(at).status_code == 403, at
    assert "Add sounds" not in client.get(reverse("stimulus_set", args=[mine.slug])).content.decode()


def test_selections_corpora_and_uploads_of_others_are_refused(page: Client, ada: User, mine: StimulusSet) -> None:
    assert page.post(reverse("add_corpus", args=[mine.slug]), {"folder": "x"}).status_code == 403
    other = make_set(ada, "Chosen")
    StimulusSet.objects.filter(pk=other.pk).update(provenance={"kind": "selection"})
    assert page.get(reverse("add_sounds", args=[other.slug])).status_code == 302
    assert post_file(page, other.slug, "a.wav", sound(1)).status_code == 409
    theirs = send(mine, "b.wav", sound(2), owner=make_user("root", is_staff=True)).upload
    StimulusUpload.objects.filter(pk=theirs.pk).update(submitted_at="2026-01-01T00:00Z")
    assert page.post(reverse("cancel_upload", args=[mine.slug, theirs.pk])).status_code == 403
    assert page.get(reverse("upload_progress", args=[mine.slug, theirs.pk + 1])).status_code == 404


def test_get_changes_nothing(page: Client, mine: StimulusSet) -> None:
    for name in ("add_file", "remove_sent", "discard_waiting", "add_corpus"):
        assert page.get(reverse(name, args=[mine.slug])).status_code == 405
