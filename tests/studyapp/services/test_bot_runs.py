"""Bots in one click: a run is a job, may come twice, can be cancelled, and its sessions can be deleted again."""

from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from studyapp.errors import InvalidAction
from studyapp.models import AuditEntry, BotRun, Session, Study, StudyMember
from studyapp.services import bot_runs
from studyapp.services.bot_runs import delete_bots, do_bot_run, plan_bot_run
from studyapp.services.jobs import LostClaim, cancel
from studyapp.services.simulation_listener import SimulatedListener
from studyapp.services.simulation_walker import Walk
from studyapp.services.study_state import close_study
from studyapp.vocab import JobState
from tests.factories import make_session, make_user
from tests.studyapp.launched import BARE, Walker, launch

FORM = {
    "n": "3",
    "d_prime": "1",
    "criterion_c": "0",
    "drop_out": "0",
    "listener_sd": "0",
    "clip_sd": "0",
    "seed": "5",
    "profile": "even",
}
SETTINGS = {"n": 2, "seed": 5, "d_prime": 1.0, "criterion_c": 0.0}


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def study() -> Study:
    version = launch(n_fake=2, n_real=2, config=BARE)
    Study.objects.update(owner=make_user("ada"))
    return Study.objects.get(pk=version.study_id)


@pytest.fixture
def page(client: Client, study: Study) -> Client:
    client.force_login(study.owner)
    return client


@contextmanager
def no_server(**_: Any) -> Any:
    yield type("Server", (), {"url": "http://nowhere"})


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let bots start their sessions by the test client alone, and note which did."""
    done: list[int] = []

    def walk(slug: str, url: str, listener: SimulatedListener, certificates: Any) -> Walk:
        Walker(Study.objects.get(slug=slug), seed=listener.session_seed())
        done.append(listener.index)
        return Walk(index=listener.index, outcome="completed", n_answers=4)

    class InOrder:
        def __init__(self, **_: Any) -> None: ...
        def __enter__(self) -> "InOrder":
            return self

        def __exit__(self, *_: Any) -> None: ...
        def submit(self, call: Any, *arguments: Any) -> Any:
            return lambda: call(*arguments)

        def shutdown(self, **_: Any) -> None: ...

    monkeypatch.setattr(bot_runs, "WebServer", no_server)
    monkeypatch.setattr("studyapp.services.simulation._walk", walk)
    monkeypatch.setattr("studyapp.services.simulation.ThreadPoolExecutor", InOrder)

    def one_by_one(futures: list[Any]) -> Any:
        return (type("Done", (), {"result": staticmethod(future)}) for future in futures)

    monkeypatch.setattr("studyapp.services.simulation.as_completed", one_by_one)
    return done


@pytest.mark.django_db
def test_a_run_is_asked_for_on_the_page_watched_and_done(page, study, walks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as messages:
        assert page.post("/studies/study/bots/", FORM)["Location"] == "/studies/study/pilot/#bots"
    run = BotRun.objects.get()
    assert len(messages) == 1 and (run.n, run.seed, run.d_prime, run.reason_weights) == (3, 5, 1.0, {})
    assert page.get(f"/studies/study/bots/{run.pk}/progress").json()["state"] == "queued"
    assert b"It waits for a worker" in page.get("/studies/study/pilot/").content
    assert do_bot_run(bot_run_id=run.pk) and not do_bot_run(bot_run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.n_done, run.result["n_completed"], walks) == (JobState.DONE.value, 3, 3, [0, 1, 2])
    assert b"their results" in page.get("/studies/study/pilot/").content
    assert AuditEntry.objects.filter(action="plan_bot_run", actor=study.owner).count() == 1
    assert AuditEntry.objects.filter(action="simulate_participants", actor=study.owner).count() == 1


@pytest.mark.django_db
def test_a_run_that_begins_again_replaces_what_its_first_try_left(study, walks):
    Walker(study, seed=1)  # another bot, from before
    run = plan_bot_run(study=study, owner=None, **SETTINGS)
    do_bot_run(bot_run_id=run.pk)
    BotRun.objects.update(state=JobState.QUEUED.value)
    do_bot_run(bot_run_id=run.pk)
    assert walks == [0, 1, 0, 1] and Session.objects.filter(origin="bot").count() == 3


@pytest.mark.django_db
def test_a_cancelled_run_lets_nobody_begin_any_more(study, walks, monkeypatch):
    run = plan_bot_run(study=study, owner=None, n=5, seed=1, d_prime=1.0, criterion_c=0.0)
    beat = bot_runs.Claim.beat

    def cancelled(held: Any, **given: Any) -> None:
        cancel(BotRun.objects.filter(pk=run.pk))
        beat(held, **given)

    monkeypatch.setattr(bot_runs.Claim, "beat", cancelled)
    assert not do_bot_run(bot_run_id=run.pk)
    assert walks == [0] and BotRun.objects.get().state == JobState.CANCELLED.value
    assert LostClaim.__name__ not in BotRun.objects.get().error


@pytest.mark.django_db
def test_a_run_in_which_all_fail_is_failed_and_says_why(page, study, walks, monkeypatch):
    monkeypatch.setattr(
        "studyapp.services.simulation._walk", lambda *given: Walk(index=given[2].index, error="the server is away")
    )
    run = plan_bot_run(study=study, owner=study.owner, **SETTINGS)
    do_bot_run(bot_run_id=run.pk)
    run.refresh_from_db()
    assert run.state == JobState.FAILED.value and "the server is away" in run.error
    assert b"Do it again: run" in page.get("/studies/study/pilot/").content
    page.post(f"/studies/study/bots/{run.pk}/retry")
    run.refresh_from_db()
    assert run.state == JobState.QUEUED.value
    page.post(f"/studies/study/bots/{run.pk}/cancel")
    run.refresh_from_db()
    assert run.state == JobState.CANCELLED.value


@pytest.mark.django_db
def test_bots_are_deleted_in_one_click_and_nobody_else(page, study):
    kept = make_session(study.versions.get())
    Walker(study)
    run = plan_bot_run(study=study, owner=study.owner, **SETTINGS)
    assert b"cancel them first" in page.post("/studies/study/bots/delete/", follow=True).content
    cancel(BotRun.objects.filter(pk=run.pk))
    assert (
        b"1 sessions of simulated participants are deleted"
        in page.post("/studies/study/bots/delete/", follow=True).content
    )
    assert list(Session.objects.all()) == [kept]
    assert AuditEntry.objects.get(action="delete_bots").detail == {"n": 1}
    assert delete_bots(study=study, user=None) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"n": "0"}, "n"),
        ({"n": "501"}, "n"),
        ({"d_prime": "nan"}, "d_prime"),
        ({"criterion_c": "inf"}, "criterion_c"),
        ({"drop_out": "1.5"}, "drop_out"),
        ({"clip_sd": "-1"}, "clip_sd"),
        ({"seed": "1" + "0" * 40}, "seed"),
        ({"seed": ""}, "seed"),
        ({"profile": "any"}, "profile"),
        ({"profile": "own", "reason_other": "0"}, "profile"),
        ({"profile": "own", "reason_other": "much"}, "reason_other"),
    ],
)
def test_wrong_numbers_are_said_at_their_field_and_nothing_is_queued(page, wrong, field):
    answer = page.post("/studies/study/bots/", FORM | wrong)
    assert answer.status_code == 400 and field in answer.context["form"].errors
    assert not BotRun.objects.exists()


@pytest.mark.django_db
def test_weights_of_ones_own_are_those_of_the_studys_reasons(page):
    page.post("/studies/study/bots/", FORM | {"profile": "own", "reason_other": "3", "reason_invented": "9"})
    weights = BotRun.objects.get().reason_weights
    assert weights["other"] == 3.0 and "invented" not in weights


@pytest.mark.django_db
def test_one_run_at_a_time_and_none_in_a_closed_study(page, study):
    plan_bot_run(study=study, owner=study.owner, **SETTINGS)
    answer = page.post("/studies/study/bots/", FORM)
    assert answer.status_code == 400 and b"at work on this study already" in answer.content
    BotRun.objects.all().delete()
    close_study(study=study)
    assert b"They are let in while" in page.get("/studies/study/pilot/").content
    assert page.post("/studies/study/bots/", FORM).status_code == 400
    with pytest.raises(InvalidAction, match="is closed"):
        plan_bot_run(study=study, owner=None, **SETTINGS)


@pytest.mark.django_db
def test_a_run_is_not_done_again_beside_another_one(page, study):
    first = plan_bot_run(study=study, owner=study.owner, **SETTINGS)
    cancel(BotRun.objects.filter(pk=first.pk))
    plan_bot_run(study=study, owner=study.owner, **SETTINGS)
    answer = page.post(f"/studies/study/bots/{first.pk}/retry", follow=True)
    assert b"at work on this study already" in answer.content
    first.refresh_from_db()
    assert first.state == "cancelled" and not AuditEntry.objects.filter(action="retry_bot_run").exists()


@pytest.mark.django_db
def test_every_address_of_a_run_refuses_who_may_not(client, study):
    run = plan_bot_run(study=study, owner=study.owner, **SETTINGS)
    addresses = {f"/studies/study/bots/{run.pk}/{action}": action for action in ("progress", "cancel", "retry")}
    bob = make_user("bob")
    for address, action in addresses.items():
        ask = client.get if action == "progress" else client.post
        client.logout()
        assert ask(address)["Location"].startswith("/accounts/login/")
        client.force_login(bob)
        assert ask(address).status_code == 404
    for role, of_others in (("viewer", 403), ("editor", 403)):
        StudyMember.objects.update_or_create(study=study, user=bob, defaults={"role": role})
        assert client.post(f"/studies/study/bots/{run.pk}/cancel").status_code == of_others
    assert client.get(f"/studies/study/bots/{run.pk}/progress").status_code == 200
    assert client.get("/studies/study/bots/0/progress").status_code == 404
    assert BotRun.objects.get().state == "queued"
