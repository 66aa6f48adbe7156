"""Ratings and forced choices in the analysis and on its page."""

import math
import secrets

import pytest
from sklearn.metrics import roc_auc_score

from studyapp.models import Presentation, Response, Session, Stimulus, StudyVersion, Trial
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.methods_text import methods_document, methods_texts
from studyapp.services.analysis import analyze
from studyapp.vocab import Label
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db


def rated(version: StudyVersion, ratings: list[int], **session: object) -> Session:
    """Let a session rate the version's sounds so, in their order."""
    made = make_session(version, says_fake=lambda frozen, index: ratings[index] >= 4, reason=None, **session)
    for response in Response.objects.filter(trial__session=made).select_related("trial"):
        response.value = ratings[response.trial.position]
        response.save()
    return made


def chose(version: StudyVersion, answers: list[tuple[int, int]]) -> Session:
    """Let a session answer pairs of the version's sounds: (interval of the fake, interval called fake)."""
    made = make_session(version, n_answers=0)
    Presentation.objects.filter(trial__session=made).delete()
    made.trials.all().delete()
    sounds = {label: list(version.frozen_stimuli.filter(label=label.value).order_by("pk")) for label in Label}
    for position, (fake_at, chosen) in enumerate(answers):
        trial = Trial.objects.create(session=made, block=version.blocks.get(), position=position)
        order = [Label.FAKE, Label.REAL] if fake_at == 1 else [Label.REAL, Label.FAKE]
        for interval, label in enumerate(order):
            Presentation.objects.create(
                trial=trial,
                interval=interval,
                frozen_stimulus=sounds[label][position % len(sounds[label])],
                token=secrets.token_urlsafe(16),
            )
        Response.objects.create(
            trial=trial, choice="", value=chosen, choice_position=0, idempotency_key=secrets.token_hex(8)
        )
    return made


def rating_version() -> StudyVersion:
    version = make_version(n_fake=3, n_real=3, config={"task": {"type": "rating"}})
    rated(version, [6, 5, 2, 1, 2, 4], pseudonym="A")
    rated(version, [4, 4, 4, 4, 4, 4], pseudonym="B")
    rated(version, [6, 6, 1, 1, 1, 1], pseudonym="C")
    return version


@pytest.fixture
def ratings() -> StudyVersion:
    return rating_version()


@pytest.fixture
def pairs() -> StudyVersion:
    return pair_version()


def test_each_listener_and_all_together_have_an_roc(ratings) -> None:
    rated(ratings, [1, 1, 1, 6, 6, 6], pseudonym="OUT", outcome=None)  # not completed, so not analysed
    found = analyze(study=ratings.study)["ratings"]
    assert [(each["listener"], each["auc"]) for each in found["each"]] == [
        ("A", pytest.approx(roc_auc_score([1, 1, 1, 0, 0, 0], [6, 5, 2, 1, 2, 4]))),
        ("B", 0.5),
        ("C", pytest.approx(2 / 3 + 1 / 6)),
    ]
    everything = [6, 5, 2, 1, 2, 4] + [4] * 6 + [6, 6, 1, 1, 1, 1]
    assert found["pooled"]["auc"] == pytest.approx(roc_auc_score([1, 1, 1, 0, 0, 0] * 3, everything))
    assert found["pooled"]["points"][0] == {"rating": 6, "false_alarm_rate": 0.0, "hit_rate": 3 / 9}
    assert found["pooled"]["points"][-1] == {"rating": 1, "false_alarm_rate": 1.0, "hit_rate": 1.0}
    assert found["counts"][3] == {"rating": 4, "fake": 3, "real": 4}
    assert (found["n_listeners"], found["n_ratings"], found["n_listeners_without"]) == (3, 18, 0)
    over = found["over_listeners"]
    assert (over["n_units"], over["null"], over["df"]) == (3, 0.5, 2)
    assert over["mean"] == pytest.approx(sum(each["auc"] for each in found["each"]) / 3)


def test_a_listener_of_one_class_has_no_roc_and_sounds_in_doubt_are_left_out(ratings) -> None:
    version = ratings
    rated(version, [3, 3, 3], pseudonym="D", n_answers=3)
    found = analyze(study=version.study)["ratings"]
    assert (found["n_listeners"], found["n_listeners_without"], len(found["each"])) == (4, 1, 3)
    Stimulus.objects.filter(pk=version.frozen_stimuli.order_by("pk")[0].stimulus_id).update(label_in_doubt=True)
    found = analyze(study=version.study, leave_out_in_doubt=True)["ratings"]
    assert {each["n_fake"] for each in found["each"]} == {2}


def test_flagged_sessions_are_left_out_where_they_are_elsewhere() -> None:
    settings = {"task": {"type": "rating"}, "screening": {"action": "flag"}}
    version = make_version(n_fake=3, n_real=3, config=settings)
    rated(version, [6, 5, 2, 1, 2, 4], pseudonym="A")
    rated(version, [4, 4, 4, 4, 4, 4], pseudonym="FLAGGED", screening_correct=2)
    with_them, without = (analyze(study=version.study, leave_out_flagged=each) for each in (False, True))
    assert [each["ratings"]["n_listeners"] for each in (with_them, without)] == [2, 1]
    assert [each["counts"]["n_listeners"] for each in (with_them, without)] == [2, 1]


def test_what_they_say_can_be_written_in_a_paper(ratings, pairs) -> None:
    texts = {key: each.text for key, each in methods_texts(analyze(study=pairs.study)).items()}
    assert set(texts) == {"study", "screening", "exclusions", "pairs"}
    assert texts["study"].startswith("3 listeners judged 12 pairs of a fake and a real sound. Each clip was heard")
    assert texts["pairs"].startswith(
        "The fake was found in 9 of 12 pairs (75.0 %; 50 % is guessing): in 5 of 6 where it came first, in 4 of 6 where"
    )
    assert "t(2) = 1.73 against 50 %, p = .225 two-sided). Sensitivity is d′ = √2 z(share) (Macmillan" in texts["pairs"]
    assert "## Forced choices" in methods_document(analyze(study=pairs.study))
    texts = {key: each.text for key, each in methods_texts(analyze(study=ratings.study)).items()}
    assert "(trapezoids, ties counting half; Hanley & McNeil, 1982)" in texts["ratings"]
    assert "Over 3 listeners its mean is" in texts["ratings"] and "t(2) = " in texts["ratings"]
    assert "pairs" not in texts and "discrimination" in texts


def test_few_ratings_or_pairs_are_written_of_without_a_test() -> None:
    lonely = make_version(n_fake=1, n_real=1, config={"task": {"type": "two_interval"}})
    chose(lonely, [(1, 1)])
    (said,) = [each.text for each in methods_texts(analyze(study=lonely.study)).values() if each.key == "pairs"]
    assert "in 1 of 1 where it came first, in 0 of 0 where it came second. The test" not in said
    assert "t(" not in said
    one_sided = make_version(n_fake=2, n_real=2, config={"task": {"type": "rating"}})
    rated(one_sided, [6, 6], n_answers=2)
    assert "ratings" not in methods_texts(analyze(study=one_sided.study))


def test_a_yes_no_study_has_neither(client) -> None:
    version = make_version(n_fake=2, n_real=2)
    make_session(version)
    found = analyze(study=version.study)
    assert (found["ratings"], found["pairs"]) == (None, None)
    page = analysis_page(found)
    assert (page["ratings"], page["pairs"]) == (None, None)


def pair_version() -> StudyVersion:
    version = make_version(n_fake=4, n_real=4, config={"task": {"type": "two_interval"}})
    chose(version, [(1, 1), (2, 2), (1, 1), (2, 1)])
    chose(version, [(1, 1), (2, 2), (1, 2), (2, 1)])
    chose(version, [(1, 1), (2, 2), (1, 1), (2, 2)])
    return version


def test_pairs_are_counted_by_listener_and_by_interval(pairs) -> None:
    found = analyze(study=pairs.study)["pairs"]
    assert [(each["n_correct"], each["n_pairs"]) for each in found["each"]] == [(3, 4), (2, 4), (4, 4)]
    assert found["pooled"]["proportion_correct"] == 9 / 12
    assert found["by_interval"] == [
        {"fake_at": 1, "n_correct": 5, "n_pairs": 6}, {"fake_at": 2, "n_correct": 4, "n_pairs": 6},
    ]  # fmt: skip
    share = found["over_listeners"]["proportion_correct"]
    assert (share["mean"], share["df"]) == (0.75, 2)
    assert share["t"] == pytest.approx(0.25 / (0.25 / math.sqrt(3)))
    d_primes = [each["d_prime"] for each in found["each"]]
    assert d_primes[1] == pytest.approx(0.0, abs=1e-12)
    assert found["over_listeners"]["d_prime"]["mean"] == pytest.approx(sum(d_primes) / 3)


def test_a_pair_with_a_sound_in_doubt_is_left_out(pairs) -> None:
    in_doubt = pairs.frozen_stimuli.filter(label="real").order_by("pk")[1].stimulus_id  # the first sound of its pair
    Stimulus.objects.filter(pk=in_doubt).update(label_in_doubt=True)
    second = pairs.frozen_stimuli.filter(label="real").order_by("pk")[0].stimulus_id  # the second one of its pair
    assert analyze(study=pairs.study, leave_out_in_doubt=True)["pairs"]["pooled"]["n_pairs"] == 9
    Stimulus.objects.filter(pk=second).update(label_in_doubt=True)
    assert analyze(study=pairs.study, leave_out_in_doubt=True)["pairs"]["pooled"]["n_pairs"] == 6
    assert analyze(study=pairs.study)["pairs"]["pooled"]["n_pairs"] == 12


def test_the_pages_say_what_was_found(client, ratings, pairs) -> None:
    client.force_login(make_user("staff", is_staff=True))
    page = client.get(f"/studies/{pairs.study.slug}/analysis/").content.decode()
    assert (
        "3 listeners judged 12 pairs and found the fake in 75.0 %: not significantly different from guessing (mean "
        "over listeners 75.0 %, 95 % interval 12.9 to 100.0 %; t over listeners, t(2) = 1.73, p = .225 two-sided)."
    ) in page
    assert "none enters the analysis" not in page and "Send participants the link" not in page
    assert "Which of two is fake?" in page and "5 of 6 (83.3 %)" in page
    page = client.get(f"/studies/{ratings.study.slug}/analysis/").content.decode()
    assert "Ratings and their ROC" in page and "3 of 9 (33.3 %)" in page and 'id="roc-chart"' in page
    assert "Which of two is fake?" not in page
