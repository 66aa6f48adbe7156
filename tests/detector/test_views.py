"""The detectors' pages: what each shows, what each refuses, and that none of them loads torch."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from detector.models import EmbeddingRun, Scoring, Training
from detector.services.embedding import plan_embedding
from detector.services.scoring_work import plan_scoring, score_planned
from detector.services.training import plan_training
from studyapp.models import MachineScore, StimulusSet, User
from studyapp.services import media
from studyapp.vocab import JobState
from tests.detector.material import TINY, give_vectors, make_set, make_training
from tests.factories import make_user
from tests.installation import EMBEDDED, new_installation

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user("ada")


@pytest.fixture
def page(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def corpus(user: User) -> StimulusSet:
    made = make_set("corpus", n=60)
    made.owner = user
    made.save()
    give_vectors(made, shift=0.05)
    return made


ADDRESSES = [
    ("get", "index", []),
    ("get", "training", [1]),
    ("get", "training_progress", [1]),
    ("get", "training_curves", [1]),
    ("get", "report", [1]),
    ("get", "report_progress", [1]),
    ("get", "gallery", [1]),
    ("get", "embedding_progress", [1]),
    ("post", "embed", []),
    ("post", "train", []),
    ("post", "select", [1]),
    ("post", "score", [1]),
    ("post", "compute_report", [1]),
    ("post", "cancel_training", [1]),
    ("post", "cancel_embedding", [1]),
    ("post", "cancel_report", [1]),
    ("post", "cancel_scoring", [1]),
]


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_every_page_asks_for_a_sign_in(client: Client, method: str, name: str, args: list[int]) -> None:
    answer = getattr(client, method)(reverse(f"detector:{name}", args=args))
    assert answer.status_code == 302 and "/accounts/login/" in answer.url


@pytest.mark.parametrize(("name", "args"), [(name, args) for method, name, args in ADDRESSES if method == "post"])
def test_what_changes_things_takes_only_post(page: Client, name: str, args: list[int]) -> None:
    address = reverse(f"detector:{name}", args=args)
    assert page.put(address).status_code == 405
    answer = page.get(address)
    assert answer.status_code == 302
    backs = {reverse("detector:index"), *(reverse(f"detector:{back}", args=[1]) for back in ("training", "report"))}
    assert answer.url in backs


@pytest.mark.parametrize(("method", "name", "args"), [each for each in ADDRESSES if each[2]])
def test_another_persons_work_is_not_there(
    client: Client, corpus: StimulusSet, method: str, name: str, args: list[int]
) -> None:
    training = make_training(corpus, n_runs=1)
    client.force_login(make_user("eve"))
    key = EmbeddingRun.objects.get().pk if "embedding" in name else training.pk
    assert getattr(client, method)(reverse(f"detector:{name}", args=[key])).status_code == 404


def test_an_empty_site_says_what_to_do(page: Client) -> None:
    text = page.get(reverse("detector:index")).content.decode()
    assert "manage.py import_stimuli" in text
    assert "CC BY 4.0" in text


def test_embedding_is_planned_and_sent_once_committed(
    page: Client, user: User, django_capture_on_commit_callbacks: Callable
) -> None:
    make_set("fresh", n=6)
    with django_capture_on_commit_callbacks() as sent:
        answer = page.post(reverse("detector:embed"), {"embed-stimulus_set": "fresh", "embed-encoder": "aisfx"})
    assert answer.status_code == 302
    run = EmbeddingRun.objects.get()
    assert (run.state, run.owner, len(sent)) == (JobState.QUEUED.value, user, 1)
    progress = page.get(reverse("detector:embedding_progress", args=[run.pk])).json()
    assert (progress["is_open"], progress["n_done"], progress["n_total"]) == (True, 0, 6)
    assert "data-job=" in page.get(reverse("detector:index")).content.decode()


def test_training_is_planned_and_sent(
    page: Client, corpus: StimulusSet, django_capture_on_commit_callbacks: Callable
) -> None:
    form = {"stimulus_set": "corpus", "encoder": "aisfx", "protocol": "paper", "n_runs": 4, "seed": 7}
    with django_capture_on_commit_callbacks() as sent:
        answer = page.post(reverse("detector:train"), {f"train-{name}": value for name, value in form.items()})
    training = Training.objects.get()
    assert (training.n_runs, training.seed, len(sent)) == (4, 7, 1)
    text = page.get(answer.url).content.decode()
    assert "It waits for a worker" in text and "Too few to say anything." in text


def test_training_without_vectors_is_refused_on_the_page(page: Client) -> None:
    make_set("bare", n=20)
    form = {"stimulus_set": "bare", "encoder": "aisfx", "protocol": "paper", "n_runs": 4, "seed": 7}
    answer = page.post(reverse("detector:train"), {f"train-{name}": value for name, value in form.items()})
    assert answer.status_code == 422
    assert "20 of 20 clips have no aisfx vectors" in answer.content.decode()
    make_set("few", n=8)
    form["stimulus_set"] = "few"
    answer = page.post(reverse("detector:train"), {f"train-{name}": value for name, value in form.items()})
    text = answer.content.decode()
    assert "Import at least 10. Also, 8 of 8 clips have no aisfx vectors" in text
    form["n_runs"] = 0
    answer = page.post(reverse("detector:train"), {f"train-{name}": value for name, value in form.items()})
    assert answer.status_code == 422


def test_a_finished_training_shows_runs_and_curves_and_leads_on(page: Client, corpus: StimulusSet) -> None:
    training = make_training(corpus)
    text = page.get(reverse("detector:training", args=[training.pk])).content.decode()
    assert "best by validation" in text and 'data-chart="curves"' in text
    assert reverse("detector:report", args=[training.pk]) in text
    assert reverse("detector:gallery", args=[training.pk]) in text


def test_errors_are_selected_from_the_page(page: Client, user: User, corpus: StimulusSet) -> None:
    training = make_training(corpus)
    address = reverse("detector:select", args=[training.pk])
    errors = {"buckets": ["incorrect_positive", "incorrect_negative"], "per_class": 2}
    answer = page.post(address, {**errors, "run_choice": "best", "into": "hard"})
    assert answer.url == reverse("stimulus_set", args=["hard"])
    assert StimulusSet.objects.get(slug="hard").owner == user
    again = page.post(address, {**errors, "run_choice": "best", "into": "hard"})
    assert again.status_code == 422 and "already" in again.content.decode()
    assert page.post(address, {**errors, "run_choice": "all", "into": "x"}).status_code == 422
    both = page.post(address, {**errors, "run_choice": "77", "into": "my errors"}).content.decode()
    alert = both.split('role="alert">')[1].split("</div></div>")[0]
    assert 'href="#select-heading"' in alert
    assert "There is no run 77" in alert and "without spaces or dots" in alert and "slug" not in both
    assert "misclassified" in page.get(reverse("detector:index")).content.decode()


def test_kinds_caps_and_controls_are_chosen_on_the_page(page: Client, corpus: StimulusSet) -> None:
    training = make_training(corpus)
    address = reverse("detector:select", args=[training.pk])
    form = page.get(reverse("detector:training", args=[training.pk])).content.decode().split("<fieldset")[1]
    assert form.count('type="checkbox"') == 5 and form.count("checked") == 2
    assert "barely caught: fakes with a score above .48" in form
    given = {"run_choice": "1", "per_class": 3, "per_source": 2, "n_controls": 1, "into": "mixed"}
    nothing = page.post(address, given)
    assert nothing.status_code == 422 and "Kinds of clips: tick at least one." in nothing.content.decode()
    wrong = page.post(address, {**given, "buckets": ["control"], "n_controls": 99, "per_source": "-"}).content.decode()
    assert "Controls: type a whole number from 0 to 10, or leave it empty." in wrong
    assert "Per source: type a whole number from 1 to 1000, or leave it empty." in wrong
    page.post(address, {**given, "buckets": ["incorrect_positive", "sure_reals"]})  # together, all held-out recordings
    rule = StimulusSet.objects.get(slug="mixed").provenance["rule"]
    assert (rule["per_class"], rule["per_source"], rule["n_controls"]) == (3, 2, 1)
    assert rule["buckets"] == ["incorrect_positive", "sure_reals"]
    shown = page.get(reverse("stimulus_set", args=["mixed"])).content.decode()
    assert "Sure reals (recordings called real" in shown and "Control of" in shown


def test_a_set_is_scored_from_the_page_by_a_worker(
    page: Client, corpus: StimulusSet, django_capture_on_commit_callbacks: Callable
) -> None:
    training = make_training(corpus)
    address = reverse("detector:score", args=[training.pk])
    with django_capture_on_commit_callbacks() as sent:
        page.post(address, {"score-run_choice": "best", "score-stimulus_set": "corpus"})
    scoring = Scoring.objects.get()
    assert len(sent) == 1 and page.get(reverse("detector:scoring_progress", args=[scoring.pk])).json()["is_open"]
    assert score_planned(scoring_id=scoring.pk)
    assert not score_planned(scoring_id=scoring.pk)
    assert page.get(reverse("detector:scoring_progress", args=[scoring.pk])).json()["state"] == "done"
    assert MachineScore.objects.count() == 60
    wrong = page.post(address, {"score-run_choice": "77", "score-stimulus_set": "corpus"})
    assert wrong.status_code == 422 and "no run 77" in wrong.content.decode()


def test_a_scoring_whose_claim_was_lost_stores_nothing(corpus: StimulusSet, monkeypatch: pytest.MonkeyPatch) -> None:
    scoring = plan_scoring(training=make_training(corpus, n_runs=1), run_choice="1", stimulus_set=corpus)
    read = media.read

    def read_late(name: str) -> bytes:
        Scoring.objects.update(claim="another worker's")
        return read(name)

    monkeypatch.setattr(media, "read", read_late)
    assert not score_planned(scoring_id=scoring.pk)
    assert not MachineScore.objects.exists()


def test_scoring_a_set_without_vectors_fails_with_what_to_do(page: Client, corpus: StimulusSet) -> None:
    make_set("bare", n=4)
    address = reverse("detector:score", args=[make_training(corpus).pk])
    page.post(address, {"score-run_choice": "1", "score-stimulus_set": "bare"})
    score_planned(scoring_id=Scoring.objects.get().pk)
    assert "embed_stimuli" in Scoring.objects.get().error


def test_jobs_are_cancelled_from_the_page(page: Client, corpus: StimulusSet) -> None:
    training = plan_training(stimulus_set=corpus, encoder="aisfx", config=TINY)
    page.post(reverse("detector:cancel_training", args=[training.pk]))
    run = plan_embedding(stimulus_set=make_set("more", n=4), encoder="aisfx")
    page.post(reverse("detector:cancel_embedding", args=[run.pk]))
    training.refresh_from_db()
    run.refresh_from_db()
    assert training.state == run.state == JobState.CANCELLED.value
    text = page.post(reverse("detector:cancel_training", args=[training.pk]), follow=True).content.decode()
    assert "It had ended already." in text


def test_only_who_started_a_job_and_staff_cancel_it(client: Client, user: User) -> None:
    everybodys = make_set("everybodys", n=40)
    run = plan_embedding(stimulus_set=everybodys, encoder="aisfx", owner=user)
    give_vectors(everybodys)
    training = plan_training(stimulus_set=everybodys, encoder="aisfx", config=TINY, owner=user)
    jobs = {"cancel_training": training, "cancel_embedding": run}
    client.force_login(make_user("eve"))
    for name, job in jobs.items():
        assert client.post(reverse(f"detector:{name}", args=[job.pk])).status_code == 403
        job.refresh_from_db()
        assert job.state == JobState.QUEUED.value
    for page in (reverse("detector:index"), reverse("detector:training", args=[training.pk])):
        assert "cancel" not in client.get(page).content.decode().split("<main")[1].lower().replace("cancel</span>", "")
    client.force_login(make_user("root", is_staff=True))
    for name, job in jobs.items():
        client.post(reverse(f"detector:{name}", args=[job.pk]))
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED.value


def test_a_scoring_is_cancelled_by_who_started_it_and_by_staff(client: Client, corpus: StimulusSet) -> None:
    everybodys = make_set("everybodys", n=40)
    give_vectors(everybodys)
    training, owner = make_training(everybodys, n_runs=1), make_user("owner")
    scoring = plan_scoring(training=training, run_choice="1", stimulus_set=everybodys, owner=owner)
    cancel = reverse("detector:cancel_scoring", args=[scoring.pk])
    page = reverse("detector:training", args=[training.pk])
    client.force_login(make_user("eve"))
    assert client.post(cancel).status_code == 403 and cancel not in client.get(page).content.decode()
    for user in (owner, make_user("root", is_staff=True)):
        Scoring.objects.update(state=JobState.RUNNING.value)
        client.force_login(user)
        assert cancel in client.get(page).content.decode()
        answer = client.post(cancel, follow=True)
        assert answer.redirect_chain[0][0] == page and "Cancelled." in answer.content.decode()
        scoring.refresh_from_db()
        assert (scoring.state, scoring.claim) == (JobState.CANCELLED.value, "")
    assert not score_planned(scoring_id=scoring.pk) and not MachineScore.objects.exists()


def test_the_first_page_marks_stand_ins(page: Client, corpus: StimulusSet) -> None:
    assert "stand-ins" not in page.get(reverse("detector:index")).content.decode()
    StimulusSet.objects.update(is_stand_in=True)
    text = page.get(reverse("detector:index")).content.decode()
    assert "synthetic stand-ins, made by rule" in text and text.count(">stand-ins</span>") == 2
    assert "Set corpus (corpus, 60 synthetic stand-ins)" in text
    assert text.count('<option value="" selected>Choose a set</option>') == 2


def test_staff_look_at_rows_in_the_admin_and_delete_none(client: Client, corpus: StimulusSet) -> None:
    training = make_training(corpus, n_runs=1)
    client.force_login(make_user("root", is_staff=True))
    assert client.get(reverse("admin:detector_training_change", args=[training.pk])).status_code == 200
    assert (
        client.post(reverse("admin:detector_training_delete", args=[training.pk]), {"post": "yes"}).status_code == 403
    )
    assert Training.objects.filter(pk=training.pk).exists()


def test_a_failed_training_shows_its_reason(page: Client, corpus: StimulusSet) -> None:
    training = plan_training(stimulus_set=corpus, encoder="aisfx", config=TINY)
    Training.objects.filter(pk=training.pk).update(state=JobState.FAILED.value, error="The disk is full.")
    text = page.get(reverse("detector:training", args=[training.pk])).content.decode()
    assert "The disk is full." in text


BUILD = """
import django; django.setup()
from tests.detector.material import give_vectors, make_set, make_training
made = make_set("a", n=60)
give_vectors(made, shift=0.05)
make_training(made)
"""
VISIT = """
import django; django.setup()
from django.conf import settings; settings.ALLOWED_HOSTS = ["testserver"]
from django.test import Client
from studyapp.models import User
client = Client(); client.force_login(User.objects.create(username="a"))
training = "/detector/trainings/1/"
pages = ["/detector/", "/detector/compare/", *(training + page for page in ("", "progress", "report/", "clips/"))]
print([client.get(page).status_code for page in pages])
choice = {"buckets": ["incorrect_positive", "incorrect_negative"], "run_choice": "best", "per_class": 7, "into": "b"}
print(client.post(training + "select", choice).status_code)
print(client.post("/detector/embeddings/", {"embed-stimulus_set": "a", "embed-encoder": "aisfx"}).status_code)
import sys; print([name for name in ("torch", "librosa") if name in sys.modules])
"""


@pytest.mark.once
def test_no_page_loads_torch(tmp_path: Path) -> None:
    with new_installation(tmp_path, **EMBEDDED) as made:
        for code, lines in ((BUILD, []), (VISIT, ["[200, 200, 200, 200, 200, 200]", "302", "302", "[]"])):
            assert made.run_code(code).splitlines() == lines
