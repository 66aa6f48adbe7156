"""The table of encoders on the detectors' first page, and what the forms offer."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from detector.ml.embeddings.entry_points import BrokenEncoder
from detector.ml.embeddings.registry import SPECS
from detector.ml.embeddings.spec import WeightsSource
from detector.models import EmbeddingRun, Weights
from detector.selectors.weights import encoder_choices
from studyapp.models import User
from studyapp.services import media
from tests.detector.material import make_set
from tests.detector.tiny_encoder import tiny_spec
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SHA = "ab" * 32


@pytest.fixture
def user() -> User:
    return make_user("ada")


@pytest.fixture
def page(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def register(monkeypatch: pytest.MonkeyPatch, name: str, **source: object) -> None:
    spec = tiny_spec(name, **{"n_bytes": 288_567_937, "sha256": SHA, **source})
    control = WeightsSource(name=f"{name}/random", kind="random", licence="none")
    monkeypatch.setitem(SPECS, name, spec)
    monkeypatch.setitem(SPECS, f"{name}/random", replace(spec, name=f"{name}/random", variant_of=name, weights=control))


def keep(name: str, sha256: str = SHA) -> Weights:
    return Weights.objects.create(
        name=name,
        source_sha256=sha256,
        source_md5="0" * 32,
        source_n_bytes=5,
        checked_by="SHA-256",
        origin="a file",
        file_name=media.store(f"detector/weights/{name}/file", b"bytes"),
        file_sha256=SHA,
        file_n_bytes=5,
    )


def rows(page: Client) -> dict[str, str]:
    """Return the text of each row of the table by the encoder's name."""
    text = page.get(reverse("detector:index")).content.decode()
    table = text[text.index('id="encoders-heading"') :].partition("</section>")[0]
    cells = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", table, re.DOTALL)]
    return {row.split()[0]: re.sub(r"\s+", " ", row).replace("\xa0", " ") for row in cells}


def test_a_missing_encoder_says_what_to_type_and_what_the_file_is(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, "absent")
    row = rows(page)["absent"]
    assert "missing on the server, type manage.py weights fetch absent" in row
    assert "288.6 MB known by SHA-256" in row and SHA in row and "CC0" in row


def test_kept_weights_make_it_ready_unless_they_are_of_another_file(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, "kept")
    register(monkeypatch, "changed")
    register(monkeypatch, "short", sha256="", sha256_prefix="abababab")
    for name in ("kept", "short"):
        keep(name)
    keep("changed", sha256="cd" * 32)
    found = rows(page)
    assert "ready" in found["kept"] and "missing" not in found["kept"]
    assert "missing" in found["changed"]
    assert "ready" in found["short"] and "size and 8 digits of the SHA-256" in found["short"]
    assert f"{SHA}, recorded here at first use" in found["short"]


def test_a_control_is_marked_follows_its_recipe_and_needs_nothing(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, "one")
    register(monkeypatch, "two")
    found = rows(page)
    assert "negative control" in found["one/random"] and "ready" in found["one/random"]
    assert [name for name in found if name.startswith(("one", "two"))] == ["one", "one/random", "two", "two/random"]


def test_a_broken_encoder_of_another_package_is_named(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = BrokenEncoder(name="odd", distribution="odd-encoders 1.0", problem="<b>no</b>")
    monkeypatch.setattr("detector.views.index.broken_encoders", lambda: [broken])
    text = page.get(reverse("detector:index")).content.decode()
    assert "<code>odd</code> of the package odd-encoders 1.0 cannot be used: &lt;b&gt;no&lt;/b&gt;" in text


def test_more_encoders_ask_no_more_queries(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page.get(reverse("detector:index"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        page.get(reverse("detector:index"))
    for number in range(12):
        register(monkeypatch, f"e{number}")
        keep(f"e{number}")
    with CaptureQueriesContext(connection) as many:
        page.get(reverse("detector:index"))
    assert len(many) == len(few)


def test_the_forms_offer_ready_encoders_first_and_embedding_without_weights_is_refused_in_words(
    page: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, "absent")
    (ready, names), (missing, others) = encoder_choices()[0], encoder_choices()[-1]
    assert (ready, missing) == ("Ready", "Not ready: weights or a package are missing")
    assert "absent" in dict(others) and {"aisfx", "absent/random"} <= set(dict(names))
    made = make_set("corpus", n=4)
    made.owner = user
    made.save()
    answer = page.post(reverse("detector:embed"), {"embed-stimulus_set": "corpus", "embed-encoder": "absent"})
    assert answer.status_code == 422
    assert "The weights absent are missing. Run `manage.py weights fetch absent`" in answer.content.decode()
    assert not EmbeddingRun.objects.exists()


def test_the_admin_shows_weights_and_changes_none(client: Client) -> None:
    client.force_login(make_user("root", is_staff=True))
    row = keep("kept")
    assert "kept" in client.get(reverse("admin:detector_weights_changelist")).content.decode()
    assert client.get(reverse("admin:detector_weights_change", args=[row.pk])).status_code == 200
    assert client.post(reverse("admin:detector_weights_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert Weights.objects.filter(pk=row.pk).exists()


def test_the_weights_of_the_page_are_documented() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "weights.md").read_text(encoding="utf-8")
    for spec in SPECS.values():
        if spec.weights.kind in ("package", "download"):
            for fact in (spec.weights.name, spec.weights.url, f"{spec.weights.n_bytes:,}", spec.weights.licence):
                assert fact in text, f"docs/weights.md does not name {fact}"
            assert (spec.weights.sha256 or spec.weights.sha256_prefix or spec.weights.md5) in text
