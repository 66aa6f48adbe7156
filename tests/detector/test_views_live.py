"""A training's page while it runs: fold, epochs, accuracy, and curves that grow with the saved state."""

import io
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from detector.ml.checkpoint import BadFile, dump, parse_some
from detector.models import Training
from detector.selectors.unfinished import live_curves
from studyapp.models import StimulusSet
from studyapp.services import media
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


@pytest.fixture
def corpus() -> StimulusSet:
    return make_set("corpus", n=60)


def running(corpus: StimulusSet, **changed: Any) -> Training:
    training = draw_training(corpus, n_runs=2)
    training.folds.all().delete()
    Training.objects.filter(pk=training.pk).update(state="running", n_done=25, n_total=60, **changed)
    training.refresh_from_db()
    return training


def saved(n_epochs: int, *, fold: int = 1) -> str:
    curve = np.linspace(0.5, 0.8, n_epochs)[:, np.newaxis] + np.array([0.0, 0.1])  # (n_epochs, 2)
    arrays = {"curve/train_accuracy": curve, "curve/validation_accuracy": curve, "head/w": np.ones(9, np.float32)}
    content = dump(arrays, {"fold": fold, "epoch": n_epochs})
    return media.store(media.name_for("detector/unfinished", content, ".safetensors"), content)


def test_progress_names_fold_epoch_clips_and_the_latest_validation_accuracy(page: Client, corpus: StimulusSet) -> None:
    training = running(corpus, unfinished_name=saved(10))
    progress = page.get(reverse("detector:training_progress", args=[training.pk])).json()
    assert progress["detail"] == (
        "2 networks on 60 clips; fold 2 of 3, epoch 5 of 20; "
        "validation accuracy 0.850 at epoch 10, mean over the networks."
    )
    assert progress["curves_at"] == "1-10"


def test_curves_are_empty_before_the_first_saved_state_and_grow_with_it(page: Client, corpus: StimulusSet) -> None:
    training = running(corpus)
    address = reverse("detector:training_curves", args=[training.pk])
    assert not any(page.get(address).json().get("datasets", {}).values())
    text = page.get(reverse("detector:training", args=[training.pk])).content.decode()
    assert 'data-curves-at="" hidden' in text and "Learning curves so far" in text
    for n_epochs in (10, 20):
        Training.objects.update(unfinished_name=saved(n_epochs))
        (rows,) = page.get(address).json()["datasets"].values()
        assert len(rows) == 2 * 2 * n_epochs  # runs, measures
    assert 'data-curves-at="1-20">' in page.get(reverse("detector:training", args=[training.pk])).content.decode()


@pytest.mark.parametrize("name", ["detector/unfinished/gone.safetensors", "broken"])
def test_a_state_that_is_gone_or_broken_shows_no_curves(page: Client, corpus: StimulusSet, name: str) -> None:
    if name == "broken":
        name = media.store(media.name_for("detector/unfinished", b"nonsense", ".safetensors"), b"nonsense")
    training = running(corpus, unfinished_name=name)
    assert live_curves(training) is None
    assert page.get(reverse("detector:training", args=[training.pk])).status_code == 200


def test_some_arrays_are_read_without_the_rest_of_the_file() -> None:
    wanted, other = np.arange(6.0).reshape(3, 2), np.zeros(100_000)
    content = dump({"b": wanted, "a": other}, {"fold": 3})

    class Counting(io.BytesIO):
        n_read = 0

        def read(self, size: int | None = -1) -> bytes:
            got = super().read(size)
            self.n_read += len(got)
            return got

    file = Counting(content)
    arrays, facts = parse_some(file, ["b", "absent"])
    assert list(arrays) == ["b"] and (arrays["b"] == wanted).all() and facts == {"fold": 3}
    assert file.n_read < 1000


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x02" + bytes(7) + b"{}", b"\x05" + bytes(7) + b"[1,2]"])
def test_bytes_that_are_no_stored_file_are_refused(content: bytes) -> None:
    with pytest.raises(BadFile):
        parse_some(io.BytesIO(content), ["b"])


def test_a_file_that_ends_too_early_is_refused() -> None:
    content = dump({"b": np.arange(6.0)}, {})
    with pytest.raises(BadFile):
        parse_some(io.BytesIO(content[:-8]), ["b"])


def test_folds_are_listed_with_their_runs_and_a_chosen_one_shows_its_curves(page: Client, corpus: StimulusSet) -> None:
    training = draw_training(corpus, n_runs=2, n_folds=3, protocol="grouped")
    address = reverse("detector:training", args=[training.pk])
    answer = page.get(address, {"fold": "2"})
    text = answer.content.decode()
    assert text.count("<summary>Runs of part") == 3 and text.count("<details open>") == 1
    assert answer.context["shown"].name == "part 3" and "3 folds" in text
    for wrong in ("7", "x"):
        assert page.get(address, {"fold": wrong}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_folds(
    page: Client, corpus: StimulusSet, django_assert_max_num_queries: object
) -> None:
    for n_folds in (1, 6):
        training = draw_training(corpus, n_runs=3, n_folds=n_folds)
        with django_assert_max_num_queries(20):  # type: ignore[operator]
            page.get(reverse("detector:training", args=[training.pk]))
