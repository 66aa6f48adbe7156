"""Walk one session over HTTP, as docs/participant_protocol.md has it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from studyapp.errors import EarwitnessError
from studyapp.selectors.bot_truth import ClipTruth, good_answers, presentation_truths, right_screening_answers
from studyapp.services.simulation_listener import SimulatedListener

MAX_CONFLICTS = 60  # in a row; each waits a little longer than the one before
MAX_TRIES = 4  # of one request, when the connection breaks
MAX_STEPS = 100_000  # a bound for a server that never comes to an end


class WalkFailed(EarwitnessError):
    """The server said something that the protocol does not allow, or stopped answering."""


@dataclass(kw_only=True)
class Walk:
    """What became of one walk. `outcome` is empty when the listener left on purpose; `error` when nothing failed."""

    index: int
    outcome: str = ""
    left_early: bool = False
    n_answers: int = 0
    n_requests: int = 0
    n_conflicts: int = 0
    error: str = ""


class Walker:
    """A simulated participant at its browser."""

    def __init__(self, *, client: httpx.Client, listener: SimulatedListener, slug: str, bot_token: str) -> None:
        self._client, self._listener, self._slug, self._bot_token = client, listener, slug, bot_token
        self._walk = Walk(index=listener.index)
        self._token = ""
        self._n_keys = 0
        self._truths: dict[str, ClipTruth] = {}
        self._steps: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "device": lambda state: self._act("device", kind="desktop", audio=True),
            "consent": lambda state: self._act(
                "consent", agree=True, ticks=[tick["code"] for tick in state["consent"]["ticks"]]
            ),
            "eligibility": self._ask,
            "volume": self._set_volume,
            "screening": self._screen,
            "instructions": self._ask,
            "practice": self._trial,
            "trials": self._trial,
            "questions": self._ask,
        }

    def walk(self) -> Walk:
        """Go from the landing page to the end page, or to the trial at which the listener leaves.

        Raises WalkFailed; what was done until then stands in `progress`.
        """
        state = self._start()
        for _ in range(MAX_STEPS):
            step = state.get("step")
            if step == "ended":
                self._walk.outcome = str(state["end"]["outcome"])
                return self._walk
            if step not in self._steps:
                raise WalkFailed(f"the server is at step {step!r}, which the protocol does not have")
            if step == "trials" and self._leaves_now(state):
                self._walk.left_early = True
                return self._walk
            state = self._steps[step](state)
        raise WalkFailed(f"no end after {MAX_STEPS} steps")

    @property
    def progress(self) -> Walk:
        return self._walk

    def _start(self) -> dict[str, Any]:
        self._request("GET", f"/s/{self._slug}/", params={"bot": self._bot_token})
        started = self._request("POST", f"/s/{self._slug}/start/", data={"bot": self._bot_token}, is_repeatable=False)
        page = started.headers.get("location", "")
        if started.status_code != 303 or "/p/" not in page:
            raise WalkFailed(f"starting the session was answered {started.status_code}: {started.text[:200]}")
        self._token = page.rstrip("/").rsplit("/", 1)[-1]
        self._request("GET", f"/p/{self._token}/")
        return self._json(self._request("GET", f"/p/{self._token}/state/"))

    def _leaves_now(self, state: dict[str, Any]) -> bool:
        trial = state["trial"]
        return bool(self._listener.last_position(trial["n_trials"]) == trial["number"] - 1)

    def _ask(self, state: dict[str, Any]) -> dict[str, Any]:
        step = str(state["step"])
        return self._act(step, answers=good_answers(self._token, step))

    def _set_volume(self, state: dict[str, Any]) -> dict[str, Any]:
        self._fetch_sound(state["volume"]["sound"])
        return self._act("volume")

    def _screen(self, state: dict[str, Any]) -> dict[str, Any]:
        screening = state["screening"]
        position = screening["position"]
        if not screening["played"]:
            self._fetch_sound(screening["sound"])
            return self._act("screening-play", position=position)
        answer = right_screening_answers(self._token).get(screening["sound"])
        if answer is None:
            raise WalkFailed("the server's screening sound is not in this database: does URL use another database?")
        return self._act("screening-answer", position=position, answer=answer, rt_from_offset_ms=600.0)

    def _trial(self, state: dict[str, Any]) -> dict[str, Any]:
        """Do the next thing of the current trial: hear it, answer it, or say why."""
        trial = state["trial"]
        position, phase = trial["position"], trial["phase"]
        if phase in ("break", "feedback"):
            return self._act("continue", position=position)
        if phase == "play":
            for sound in trial["sounds"]:
                self._fetch_sound(sound)
            granted = self._act("play", position=position)
            if self._is_at(granted, position, "play"):
                return self._act(
                    "played", position=position, heard_ms=trial["duration_s"] * 1e3, output_latency_ms=None
                )
            return granted
        if phase == "answer":
            return self._answer(trial)
        if phase == "reason":
            return self._reason(trial)
        raise WalkFailed(f"the trial is in phase {phase!r}, which the protocol does not have")

    def _answer(self, trial: dict[str, Any]) -> dict[str, Any]:
        position = trial["position"]
        rt_ms = self._listener.response_time_ms(position=position)
        clips = [self._truth(sound) for sound in trial["sounds"]]
        state = self._act(
            "answer",
            position=position,
            choice=self._listener.choice(position=position, task=trial["task"], clips=clips),
            rt_from_onset_ms=trial["duration_s"] * 1e3 + rt_ms,
            rt_from_offset_ms=rt_ms,
            confidence=2 if trial["confidence"] else None,
            source="bot",
        )
        if not self._is_at(state, position, "answer"):
            self._walk.n_answers += 1
        return state

    def _reason(self, trial: dict[str, Any]) -> dict[str, Any]:
        items = {item["code"]: item for item in trial["reasons"]}
        code = self._listener.reason(position=trial["position"], codes=list(items))
        text = "simulated" if items[code].get("needs_text") else ""
        return self._act("reason", position=trial["position"], codes=[code], text=text, rt_ms=1500.0)

    def _truth(self, sound: str) -> ClipTruth:
        if sound not in self._truths:
            self._truths = presentation_truths(self._token)
        if sound not in self._truths:
            raise WalkFailed("the server's sound is not in this database: does URL use another database?")
        return self._truths[sound]

    @staticmethod
    def _is_at(state: dict[str, Any], position: int, phase: str) -> bool:
        trial = state.get("trial") or {}
        return bool(trial and trial["position"] == position and trial["phase"] == phase)

    def _fetch_sound(self, sound: str) -> None:
        """Download a sound, whole, and see that it is a WAV file with samples."""
        content = self._request("GET", f"/p/{self._token}/sound/{sound}").content
        if content[:4] != b"RIFF" or content[8:12] != b"WAVE" or len(content) <= 44:
            raise WalkFailed(f"a sound of {len(content)} bytes is no WAV file")

    def _act(self, action: str, **body: Any) -> dict[str, Any]:
        """Send an action until the server takes it or moves on; return the state after it.

        The key stays the same while the action is repeated, so that the server takes it once.
        """
        self._n_keys += 1
        content = {"key": f"bot-{self._listener.index:04d}-{self._n_keys:06d}", **body}
        for conflict in range(MAX_CONFLICTS):
            answer = self._request("POST", f"/p/{self._token}/act/{action}/", json=content)
            found = self._json(answer)
            if answer.status_code == 200:
                return found
            self._walk.n_conflicts += 1
            if found["error"]["code"] != "too_early":
                # Somebody else moved the session on: go on from what the server says.
                time.sleep(0.01)
                return self._json(self._request("GET", f"/p/{self._token}/state/"))
            time.sleep(min(0.002 * 1.3**conflict, 1.0))
        raise WalkFailed(f"{action} was refused {MAX_CONFLICTS} times: {found['error']}")

    def _request(self, method: str, path: str, *, is_repeatable: bool = True, **content: Any) -> httpx.Response:
        """Send a request, again when the connection broke. Raises WalkFailed on any answer but 200, 303 and 409."""
        for attempt in range(MAX_TRIES):
            self._walk.n_requests += 1
            try:
                answer = self._client.request(method, path, **content)
            except httpx.TransportError as error:
                if not is_repeatable or attempt + 1 == MAX_TRIES:
                    raise WalkFailed(f"{method} {_hide(path)}: {error!r}") from error
                time.sleep(0.1 * 2**attempt)
                continue
            if answer.status_code not in (200, 303, 409):
                raise WalkFailed(f"{method} {_hide(path)} was answered {answer.status_code}: {answer.text[:200]}")
            return answer
        raise AssertionError("not reached")

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        try:
            found = answer.json()
        except ValueError:
            raise WalkFailed(f"the server sent no JSON: {answer.text[:200]}") from None
        if not isinstance(found, dict):
            raise WalkFailed(f"the server sent no JSON object: {answer.text[:200]}")
        return found


def _hide(path: str) -> str:
    """Return the path without its session token, which opens the session to whoever reads it."""
    parts = path.split("/")
    return "/".join("…" if parts[index - 1 : index] == ["p"] else part for index, part in enumerate(parts))
