"""Pages of negative controls: what was dealt or drawn is never given out as what a clip is."""

import pytest
from django.test import Client
from django.urls import reverse

from detector.models import Training
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.detector.report_example import example_report, store_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


@pytest.fixture
def control() -> Training:
    training = draw_training(make_set("corpus", n=120), n_folds=2, protocol="grouped", strength=0.0)
    training.config["permute_labels"] = True
    training.save()
    return training


def text_of(page: Client, name: str, training: Training) -> str:
    return page.get(reverse(f"detector:{name}", args=[training.pk])).content.decode()


@pytest.mark.parametrize("name", ["training", "report", "gallery"])
def test_every_page_of_a_training_on_dealt_labels_says_so(page: Client, control: Training, name: str) -> None:
    text = text_of(page, name, control)
    assert "Negative control." in text and "by the dealt labels and says nothing of the clips" in text


def test_its_gallery_shows_no_clip_and_leads_back_to_the_report(page: Client, control: Training) -> None:
    text = text_of(page, "gallery", control)
    assert "its errors mean nothing" in text and reverse("detector:report", args=[control.pk]) in text
    assert "data-clip-src" not in text and "data-chart" not in text and "TASys01" not in text


def test_its_report_leaves_out_systems_and_quality_and_leads_to_no_clips(page: Client, control: Training) -> None:
    store_report(control, example_report(control))  # as of before such a report left them out
    answer = page.get(reverse("detector:report", args=[control.pk]))
    text = answer.content.decode()
    assert "Left out, with quality and the heat map: the labels were dealt anew by chance" in text
    assert 'data-chart="systems"' not in text and "quality-heading" not in text and "system 01" not in text
    assert "errors-heading" not in text and reverse("detector:gallery", args=[control.pk]) not in text
    assert answer.context["full"]["frechet"] is None and 'data-chart="roc"' in text and "Confusion matrices" in text


def test_no_page_but_its_own_leads_to_its_clips(page: Client, control: Training) -> None:
    gallery = reverse("detector:gallery", args=[control.pk])
    assert gallery not in text_of(page, "training", control)
    control.config["permute_labels"] = False
    control.save()
    assert gallery in text_of(page, "training", control) and "Negative control." not in text_of(page, "report", control)


def test_an_encoder_of_drawn_weights_is_a_control_whose_clips_are_what_they_are(page: Client) -> None:
    training = draw_training(make_set("drawn", n=120), encoder="aisfx/random-weights")
    for name in ("training", "report", "gallery"):
        assert "what its front-end alone gives" in text_of(page, name, training)
    assert "data-clip-src" in text_of(page, "gallery", training)


def test_the_first_page_marks_controls(page: Client, control: Training) -> None:
    draw_training(control.stimulus_set)
    draw_training(control.stimulus_set, encoder="aisfx/random-weights")
    rows = page.get(reverse("detector:index")).content.decode().split("trainings-heading")[-1]
    assert rows.count(">negative control</span>") == 2
