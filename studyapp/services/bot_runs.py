"""Let simulated participants take a study because a page asked for it, on a worker; and delete their sessions again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from studyapp.errors import EarwitnessError, InvalidAction
from studyapp.models import BotRun, Session, Study, User
from studyapp.models.job import OPEN
from studyapp.services.audit import record_audit
from studyapp.services.jobs import Claim, cancel, do_claimed, enqueue, retry
from studyapp.services.local_server import WebServer
from studyapp.services.session_delete import delete_sessions
from studyapp.services.simulation import SimulationResult, require_open_to_bots, simulate_participants
from studyapp.services.simulation_listener import SimulatedListener
from studyapp.services.simulation_walker import Walk
from studyapp.stats.observer_model import ObserverModel
from studyapp.vocab import Origin

MAX_BOTS = 500  # of one run
CONCURRENCY = 2  # the worker shares its machine with the people who take part
SHOWN_ERRORS = 3


class BotsFailed(EarwitnessError):
    """Not one simulated participant came through."""


def plan_bot_run(*, study: Study, owner: User | None, n: int, seed: int, **settings: Any) -> BotRun:
    """Queue a run, with the settings of BotRun's fields. One at a time for a study.

    Raises InvalidAction when the study is not open to bots, another run is not done yet, or `n` is out of range.
    """
    require_open_to_bots(study)
    if not 1 <= n <= MAX_BOTS:
        raise InvalidAction(f"a run has 1 to {MAX_BOTS} simulated participants, not {n}; ask for several runs")
    with transaction.atomic():
        _refuse_second(study)
        run = BotRun.objects.create(study=study, owner=owner, n=n, n_total=n, seed=seed, **settings)
        record_audit(
            actor=owner,
            action="plan_bot_run",
            object_type="study",
            object_id=study.slug,
            detail={"run": run.pk, "n": n, "seed": seed, **settings},
        )
        enqueue(BotRun, [run.pk])
    return run


def do_bot_run(*, bot_run_id: int) -> bool:
    """Do a queued run; False when another worker has it or it was cancelled on the way."""
    return do_claimed(job=BotRun, pk=bot_run_id, do=lambda held: _do(bot_run_id, held))


def cancel_bot_run(*, run: BotRun, user: User) -> bool:
    """Cancel a run; False where it had ended. Who is on the way ends within seconds, and nobody begins any more."""
    return _change(run, user, "cancel_bot_run", cancel(BotRun.objects.filter(pk=run.pk)))


def retry_bot_run(*, run: BotRun, user: User) -> bool:
    """Queue a failed or cancelled run once more; whether it was one. Its first sessions are replaced.

    Raises InvalidAction as `plan_bot_run` does.
    """
    require_open_to_bots(run.study)
    with transaction.atomic():
        _refuse_second(run.study)
        return _change(run, user, "retry_bot_run", retry(BotRun.objects.filter(pk=run.pk)))


def delete_bots(*, study: Study, user: User | None) -> int:
    """Delete every session of simulated participants of the study, and nothing else; return how many there were.

    Raises InvalidAction while some are at work.
    """
    if BotRun.objects.filter(study=study, state__in=OPEN).exists():
        raise InvalidAction("simulated participants are at work on this study; cancel them first")
    n = delete_sessions(_bots(study))
    record_audit(actor=user, action="delete_bots", object_type="study", object_id=study.slug, detail={"n": n})
    return n


def _refuse_second(study: Study) -> None:
    """Raise InvalidAction while a run of the study is not done; the study's row is held, so that two cannot begin."""
    Study.objects.select_for_update().get(pk=study.pk)
    if BotRun.objects.filter(study=study, state__in=OPEN).exists():
        raise InvalidAction("simulated participants are at work on this study already; wait, or cancel them")


def _change(run: BotRun, user: User, action: str, changed: bool) -> bool:
    if changed:
        detail = {"run": run.pk}
        record_audit(actor=user, action=action, object_type="study", object_id=run.study.slug, detail=detail)
    return changed


def _bots(study: Study) -> Any:
    return Session.objects.filter(version__study=study, origin=Origin.BOT.value)


def _do(bot_run_id: int, held: Claim) -> None:
    run = BotRun.objects.select_related("study", "owner").get(pk=bot_run_id)
    model = ObserverModel(
        d_prime=run.d_prime,
        criterion_c=run.criterion_c,
        listener_sd=run.listener_sd,
        clip_sd=run.clip_sd,
        reason_weights=run.reason_weights,
    )
    _forget_earlier_try(run, model, since=run.created_at)

    def note(walk: Walk, n_done: int) -> None:
        held.beat(n_done=n_done, now=True)

    with WebServer(workers=1) as server:
        result = simulate_participants(
            study=run.study,
            url=server.url,
            n=run.n,
            seed=run.seed,
            model=model,
            drop_out=run.drop_out,
            concurrency=CONCURRENCY,
            progress=note,
            actor=run.owner,
        )
    if len(result.failed) == len(result.walks):
        raise BotsFailed(f"none of {run.n} simulated participants came through; the first: {result.failed[0].error}")
    with transaction.atomic():
        held.finish()
        BotRun.objects.filter(pk=run.pk).update(result=_counts(result))


def _forget_earlier_try(run: BotRun, model: ObserverModel, *, since: datetime) -> None:
    """Delete what an earlier try of this run left: a worker may have died at it. Doing a run twice is doing it once."""
    listeners = [SimulatedListener(model=model, seed=run.seed, index=index) for index in range(run.n)]
    seeds = [listener.session_seed() for listener in listeners]
    delete_sessions(_bots(run.study).filter(seed__in=seeds, started_at__gte=since))


def _counts(result: SimulationResult) -> dict[str, Any]:
    return {
        "n": len(result.walks),
        "n_completed": result.n_completed,
        "n_left_early": result.n_left_early,
        "n_failed": len(result.failed),
        "n_ended_otherwise": len(result.walks) - result.n_completed - result.n_left_early - len(result.failed),
        "n_answers": result.n_answers,
        "duration_s": result.duration_s,
        "errors": [walk.error for walk in result.failed[:SHOWN_ERRORS]],
    }
