"""The report's page: before, while and after a worker computes it."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from detector.models import InferenceTiming, Report, Training
from detector.report_charts import draw_calibration, equal_error_point
from detector.report_page import _quality
from detector.selectors.report import training_report
from detector.services.report_plan import plan_report
from detector.services.report_work import run_report
from studyapp.models import Stimulus
from studyapp.services import media
from tests.detector.drawn_training import draw_training
from tests.detector.material import make_set
from tests.detector.report_example import example_report, store_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ERRORS = ("incorrect_positive", "incorrect_negative")


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user("ada"))
    return client


@pytest.fixture
def training() -> Training:
    return draw_training(make_set("corpus", n=120))


def address(training: Training) -> str:
    return reverse("detector:report", args=[training.pk])


def gallery(training: Training, outcome: str) -> str:
    return f"{reverse('detector:gallery', args=[training.pk])}?outcome={outcome}"


def time_clip(training: Training) -> None:
    part = {"mean_s": 0.11, "sd_s": 0.01, "percent_of_real_time": 2.75, "percent_sd": 0.25}
    results = {"n_runs": 100, "clip": {"duration_s": 4.0}, "end_to_end": part, "network": None, "head": part}
    InferenceTiming.objects.create(
        encoder="aisfx",
        fingerprint=training.fingerprint,
        device="cpu",
        machine="A processor",
        results={**results, "network_means": "Nothing."},
    )


def charts(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split('data-chart="')[1:]]


def test_without_a_report_the_matrices_stand_there_and_a_button_plans_it(
    page: Client, training: Training, django_capture_on_commit_callbacks: Callable
) -> None:
    text = page.get(address(training)).content.decode()
    assert "chosen on the evaluation set" in text.lower() and "not computed yet" in text and charts(text) == []
    with django_capture_on_commit_callbacks() as sent:
        answer = page.post(reverse("detector:compute_report", args=[training.pk]))
    assert answer.url == address(training) and len(sent) == 1
    running = page.get(address(training)).content.decode()
    assert "data-job=" in running and "Compute the report" not in running
    progress = page.get(reverse("detector:report_progress", args=[training.pk])).json()
    assert (progress["state"], progress["is_open"]) == ("queued", True)


def test_progress_of_a_report_that_nobody_asked_for_is_not_found(page: Client, training: Training) -> None:
    assert page.get(reverse("detector:report_progress", args=[training.pk])).status_code == 404


def test_a_computed_report_shows_every_section_and_says_what_numbers_are_of(page: Client, training: Training) -> None:
    store_report(training, example_report(training))
    text = page.get(address(training)).content.decode()
    assert charts(text) == ["roc", "calibration", "systems", "quality-frechet-all"]
    for words in (
        "0.877 to 0.934",
        "draw whole clusters anew, 3 of fakes (by team) and 7 of real clips (by source_group)",
        "Table III of the paper: chosen on the evaluation set",
        "best by validation",
        "With so few clusters the intervals are too narrow",
        "−0.30",
        "Not measured yet",
        "None was trained on this set by this protocol",
        "how well known generators are recognised",
        "CSV",
    ):
        assert words in text, words


def test_what_a_worker_really_computes_is_shown(page: Client) -> None:
    corpus = make_set("named", n=120)
    for place, fake in enumerate(Stimulus.objects.filter(label="fake")):
        fake.generator, fake.track = f"system {place % 5}", "AB"[place % 2]
        fake.save()
    training = draw_training(corpus, n_folds=2, protocol="grouped")
    run_report(report=plan_report(training=training, n_resamples=100))
    answer = page.get(address(training))
    assert answer.status_code == 200 and charts(answer.content.decode())[:3] == ["roc", "calibration", "systems"]
    assert answer.context["full"]["systems"]["n"] == 5 and "100 bootstrap samples" in answer.content.decode()


def test_matrix_cells_and_systems_lead_to_their_clips(page: Client, training: Training) -> None:
    store_report(training, example_report(training))
    answer = page.get(address(training))
    clips = reverse("detector:gallery", args=[training.pk])
    matrices = answer.context["confusions"]
    addresses = [[cell["address"] for cell in row["cells"]] for row in matrices[0]["rows"]]
    names = [["correct_rejection", "incorrect_positive"], ["incorrect_negative", "hit"]]
    assert addresses == [[f"{clips}?outcome={name}" for name in row] for row in names]
    best = answer.context["report"]["confusion"]["best_on_evaluation"]["run"]
    assert matrices[1]["rows"][0]["cells"][1]["address"] == f"{clips}?outcome=incorrect_positive&run={best}"
    assert f"{clips}?outcome=fake&amp;system=system+01&amp;category=rain" in answer.content.decode()


def test_a_cell_counts_the_clips_that_its_link_shows(page: Client, training: Training) -> None:
    matrix = page.get(address(training)).context["confusions"][1]
    for row in matrix["rows"]:
        for cell in row["cells"]:
            assert page.get(cell["address"]).context["page"].paginator.count == int(cell["clips"])


def test_several_folds_are_listed_and_a_set_without_systems_says_so(page: Client) -> None:
    training = draw_training(make_set("folds", n=120), n_folds=3, protocol="grouped")
    store_report(training, example_report(training, systems=0))
    text = page.get(address(training)).content.decode()
    assert "part 2" in text and "the best run by validation of each of 3 folds" in text
    assert "does not say which system made which fake" in text and "recognised, not new ones" not in text


def test_what_was_left_out_is_said_with_its_reason(page: Client, training: Training) -> None:
    content = example_report(training) | {
        "roc": None,
        "quality": [],
        "frechet": {"left_out": "No frames were kept."},
        "shortcut_audit": {"left_out": "A fact is not a number."},
    }
    store_report(training, content)
    text = page.get(address(training)).content.decode()
    assert "No frames were kept." in text and "A fact is not a number." in text and "There is no ROC" in text


def test_the_time_of_a_clip_is_of_the_encoder(page: Client, training: Training) -> None:
    time_clip(training)
    store_report(training, example_report(training))
    text = page.get(address(training)).content.decode()
    assert "2.75 (SD 0.25)" in text and "110.0 (SD 10.0)" in text and "Networks only" not in text


def test_a_failed_report_shows_its_reason_and_can_be_tried_again(page: Client, training: Training) -> None:
    report = store_report(training, example_report(training))
    Report.objects.update(state="failed", error="The disk is full.")
    text = page.get(address(training)).content.decode()
    assert "The disk is full." in text and "the report of before" in text and "roc" in charts(text)
    Report.objects.update(content_name="")
    text = page.get(address(training)).content.decode()
    assert "could not be computed: The disk is full." in text and "Compute the report" in text
    page.post(reverse("detector:compute_report", args=[training.pk]), {"anew": "1"})
    report.refresh_from_db()
    assert report.state == "queued"


def test_a_report_whose_file_was_changed_says_so_and_shows_the_rest(page: Client, training: Training) -> None:
    report = store_report(training, example_report(training))
    other = json.dumps({}).encode()
    Report.objects.update(content_name=media.store(media.name_for("detector/reports", other, ".json"), other))
    answer = page.get(address(training))
    assert answer.status_code == 200 and "has changed" in answer.content.decode()
    assert "Compute the report" in answer.content.decode() and report.pk


def test_a_training_that_has_not_ended_has_no_report(page: Client, training: Training) -> None:
    Training.objects.update(state="running")
    assert page.get(address(training)).url == reverse("detector:training", args=[training.pk])
    answer = page.post(reverse("detector:compute_report", args=[training.pk]))
    assert answer.url == reverse("detector:training", args=[training.pk]) and not Report.objects.exists()


def test_table_ii_stands_there_before_the_report_and_with_the_times_of_the_encoder(
    page: Client, training: Training
) -> None:
    accuracy = training_report(training)["evaluation"]["accuracy"]
    text = page.get(address(training)).content.decode().split("table2-heading")[-1]
    assert f"{100 * accuracy['mean']:.2f} (SD {100 * accuracy['sd']:.2f}) %" in text
    assert "0.100 s" in text and "0.0333 s" in text and "not measured yet" in text
    time_clip(training)
    text = page.get(address(training)).content.decode()
    assert "2.75 (SD 0.25) %" in text and "100 times on A processor (cpu)" in text


def test_the_ten_most_confident_errors_are_there_to_play(page: Client) -> None:
    training = draw_training(make_set("large", n=400), n_folds=2, protocol="grouped")
    answer = page.get(address(training))
    clips = page.get(reverse("detector:gallery", args=[training.pk])).context["rows"][:10]
    assert answer.context["rows"] == clips and len(clips) == 10
    text = answer.content.decode()
    assert text.count("data-clip-src") == 10 and "js/clip-player.js" in text and "data-clip-status" in text
    counts = [page.get(gallery(training, name)).context["page"].paginator.count for name in ERRORS]
    assert f"10 of {sum(counts)} errors" in text
    for name, n in zip(ERRORS, counts, strict=True):
        assert f'{gallery(training, name)}">{n} ' in text


def test_without_errors_the_page_leads_to_all_clips(page: Client) -> None:
    training = draw_training(make_set("easy", n=120), strength=30.0)
    text = page.get(address(training)).content.decode()
    assert "makes none" in text and gallery(training, "all") in text and "clip-player" not in text


def test_scores_that_cannot_be_read_leave_the_rest_of_the_page(page: Client, training: Training) -> None:
    training.folds.update(table_sha256="0" * 64)
    answer = page.get(address(training))
    assert answer.status_code == 200 and "alert-danger" in answer.content.decode() and answer.context["confusions"]


def test_a_report_is_cancelled_by_who_asked_for_it_last_and_by_staff(client: Client, training: Training) -> None:
    asked_first, asked_again, staff = make_user("first"), make_user("again"), make_user("root", is_staff=True)
    report = plan_report(training=training, owner=asked_first)
    report.state = "failed"
    report.save()
    plan_report(training=training, owner=asked_again)
    cancel = reverse("detector:cancel_report", args=[training.pk])
    client.force_login(asked_first)
    assert client.post(cancel).status_code == 403 and cancel not in client.get(address(training)).content.decode()
    for user in (asked_again, staff):
        Report.objects.update(state="running")
        client.force_login(user)
        assert cancel in client.get(address(training)).content.decode()
        text = client.post(cancel, follow=True).content.decode()
        assert "Cancelled." in text and Report.objects.get().state == "cancelled" and "Compute the report" in text
    assert "It had ended already." in client.post(cancel, follow=True).content.decode()


def test_after_a_cancelled_second_computation_the_report_of_before_is_shown(page: Client, training: Training) -> None:
    store_report(training, example_report(training))
    Report.objects.update(state="cancelled")
    text = page.get(address(training)).content.decode()
    assert "cancelled. What is shown is the report of before" in text and "Computed " not in text and "roc" in text


def test_nobody_cancels_a_report_that_was_not_asked_for(page: Client, training: Training) -> None:
    assert page.post(reverse("detector:cancel_report", args=[training.pk])).status_code == 404


def test_a_missing_correlation_is_a_dash_and_one_without_interval_stands_alone() -> None:
    row = {"against": "official", "track": "A", "n": 3, "points": []}
    missing, bare = ({"r": r, "low": None, "high": None} for r in (None, 0.5))
    shown = _quality({**row, "pearson": missing, "spearman": bare})
    assert (shown["pearson"], shown["spearman"]) == ("–", "0.50")


def test_numbers_say_what_they_are_of(page: Client, training: Training) -> None:
    content = example_report(training)
    content["frechet"]["systems"][0]["n_categories"] = 1
    store_report(training, content)
    text = page.get(address(training)).content.decode()
    assert "at most 300 points; the diamond is the equal error rate of this curve" in text
    assert "Where at most 1 % of the recordings are called fake, so none below 100 recordings" in text
    assert "1 of 2" in text and "2 of 2" in text
    assert all("<caption" in table for table in text.split("<table")[1:])


def test_the_number_of_queries_does_not_grow_with_folds_runs_and_controls(
    page: Client, training: Training, django_assert_num_queries: Callable
) -> None:
    store_report(training, example_report(training))
    with CaptureQueriesContext(connection) as few:
        page.get(address(training))
    large = draw_training(make_set("more", n=300), n_runs=4, n_folds=6)
    store_report(large, example_report(large))
    for seed in range(3):
        control = draw_training(large.stimulus_set, n_runs=1, encoder="aisfx/random-weights", seed=seed)
        store_report(control, example_report(control))
    with django_assert_num_queries(len(few)):
        page.get(address(large))
    assert len(few) <= 16


def test_a_report_in_the_queue_counts_no_parts(page: Client, training: Training) -> None:
    plan_report(training=training)
    assert "0 of 0 parts" not in page.get(address(training)).content.decode()


def test_the_legend_of_the_calibration_counts_whole_clips() -> None:
    bins = [{"low": 0.0, "high": 0.1, "n": n, "mean_score": 0.05, "share_fake": 0.0} for n in (0, 3)]
    assert '"values": [1, 2, 3]' in json.dumps(draw_calibration(bins))
    assert json.dumps(draw_calibration(bins[:1]))


def test_the_point_of_equal_errors_lies_where_misses_are_false_alarms() -> None:
    x, y = equal_error_point([[0, 0], [0.1, 0.5], [0.3, 0.9], [1, 1]])
    assert x == pytest.approx(1 - y) and 0.1 < x < 0.3
    assert equal_error_point([[0, 0], [0, 1], [1, 1]]) == (0.0, 1.0)
    assert equal_error_point([[0, 0], [1, 1]]) == (0.5, 0.5)
