"""Let simulated participants take a study, over HTTP, several at a time."""

import logging
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import httpx
from django.db import connection

from studyapp.errors import InvalidAction
from studyapp.models import AuditEntry, Study, User
from studyapp.services.bot_tokens import BOTS_IN, mint_bot_token
from studyapp.services.simulation_listener import SimulatedListener
from studyapp.services.simulation_walker import Walk, Walker, WalkFailed
from studyapp.stats.observer_model import ObserverModel

# httpx logs every address at INFO, and the addresses hold the sessions' tokens.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIME_SCALE = 0.001  # of the least time before an answer: a clip of 4 s takes 4 ms
TIMEOUT_S = 60.0

# The shares of section VI.C of Ouajdi et al. (2024), in percent; a study with other reasons draws them evenly.
PAPER_REASON_WEIGHTS = {
    "distorted": 34.2,
    "not_category": 32.2,
    "background_artifacts": 12.9,
    "too_brief": 10.0,
    "repetitive": 6.8,
    "other": 4.0,
}


@dataclass(frozen=True, kw_only=True)
class SimulationResult:
    """The walks, in order of the participants' numbers, and the time they took together."""

    walks: list[Walk]
    duration_s: float

    @property
    def failed(self) -> list[Walk]:
        return [walk for walk in self.walks if walk.error]

    @property
    def n_completed(self) -> int:
        return sum(walk.outcome == "completed" for walk in self.walks)

    @property
    def n_left_early(self) -> int:
        return sum(walk.left_early for walk in self.walks)

    @property
    def n_answers(self) -> int:
        return sum(walk.n_answers for walk in self.walks)

    @property
    def n_requests(self) -> int:
        return sum(walk.n_requests for walk in self.walks)


def require_open_to_bots(study: Study) -> None:
    """Raise InvalidAction unless the study is live, in its pilot, or paused."""
    if study.state not in BOTS_IN:
        raise InvalidAction(
            f"study {study.slug} is {study.state}: launch it first (manage.py launch_study {study.slug} --pilot)"
        )


def simulate_participants(
    *,
    study: Study,
    url: str,
    n: int,
    seed: int,
    model: ObserverModel,
    drop_out: float = 0.0,
    concurrency: int = 4,
    progress: Callable[[Walk, int], None] | None = None,
    actor: User | None = None,
) -> SimulationResult:
    """Let `n` simulated participants walk the study's pages at `url`, which must serve this database.

    The answers depend on `seed`, the participant's number and the trial alone, not on the order in which requests
    arrive. `progress` is called with each finished walk and how many are done.

    Raises InvalidAction when the study is not open to them or a number is out of range. A failed walk is in the result.
    """
    require_open_to_bots(study)
    if n < 1 or concurrency < 1 or not 0.0 <= drop_out <= 1.0:
        raise InvalidAction("n and concurrency must be at least 1, and drop-out must lie in [0, 1]")
    listeners = [SimulatedListener(model=model, seed=seed, index=index, drop_out=drop_out) for index in range(n)]
    started = time.monotonic()
    walks: list[Walk] = []
    certificates = httpx.create_ssl_context()  # once: reading the authorities takes longer than many requests
    with ThreadPoolExecutor(max_workers=min(concurrency, n), thread_name_prefix="walker") as pool:
        futures = [pool.submit(_walk, study.slug, url, listener, certificates) for listener in listeners]
        try:
            for future in as_completed(futures):
                walks.append(future.result())
                if progress:
                    progress(walks[-1], len(walks))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # those that have not begun never do
            raise
    result = SimulationResult(walks=sorted(walks, key=lambda walk: walk.index), duration_s=time.monotonic() - started)
    _record(study, result, actor, seed=seed, model=model, drop_out=drop_out)
    return result


def _walk(slug: str, url: str, listener: SimulatedListener, certificates: ssl.SSLContext) -> Walk:
    """Walk one session in a thread of the pool; a failure becomes the walk's error."""
    bot_token = mint_bot_token(study=slug, seed=listener.session_seed(), time_scale=TIME_SCALE)
    headers = {"User-Agent": "earwitness-simulation"}
    with httpx.Client(base_url=url, timeout=TIMEOUT_S, headers=headers, verify=certificates) as client:
        walker = Walker(client=client, listener=listener, slug=slug, bot_token=bot_token)
        try:
            return walker.walk()
        except (WalkFailed, KeyError, TypeError) as error:
            # KeyError and TypeError: a state without what the protocol promises.
            walker.progress.error = str(error) if isinstance(error, WalkFailed) else f"unexpected state: {error!r}"
            return walker.progress
        finally:
            connection.close()  # this thread's own


def _record(study: Study, result: SimulationResult, actor: User | None, **settings: Any) -> None:
    model: ObserverModel = settings.pop("model")
    AuditEntry.objects.create(
        actor=actor,
        action="simulate_participants",
        object_type="study",
        object_id=study.slug,
        detail={
            **settings,
            "n": len(result.walks),
            "n_completed": result.n_completed,
            "n_failed": len(result.failed),
            "d_prime": model.d_prime,
            "criterion_c": model.criterion_c,
            "listener_sd": model.listener_sd,
            "clip_sd": model.clip_sd,
            "reason_weights": dict(model.reason_weights),
        },
    )
