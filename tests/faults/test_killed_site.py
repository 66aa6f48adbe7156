"""The site killed with SIGKILL, one of its processes or all, and PostgreSQL restarted, while participants answer.

Participants are as patient as the page: what got no answer, or one of 500 and more, is sent again with the same key. At
the end every answer that the site acknowledged is there, once.
"""

import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from studyapp.services.local_server import WebServer
from tests.faults.installation import Installation, until
from tests.faults.services import Servers, free_port

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]
N_PARTICIPANTS, N_CLIPS = 6, 12
PATIENCE_S = 90.0


class Participant:
    """Goes through a study of consent, instructions and trials, and keeps what the site acknowledged."""

    def __init__(self, url: str, bot: str) -> None:
        self._url, self._bot = url, bot
        self._n_keys = self.n_failures = 0
        self.acked: dict[int, str] = {}  # position -> choice
        self.token = ""

    def start(self) -> None:
        with httpx.Client(base_url=self._url, timeout=20.0) as client:
            started = client.post("/s/killed/start/", data={"bot": self._bot})
        self.token = started.headers["location"].rstrip("/").rpartition("/")[2]

    def go(self) -> str:
        """Go to the end, and return the outcome."""
        with httpx.Client(base_url=f"{self._url}/p/{self.token}", timeout=20.0) as client:
            state = self._ask(client, "GET", "/state/")
            while state["step"] != "ended":
                state = self._next(client, state)
            return str(state["end"]["outcome"])

    def _next(self, client: httpx.Client, state: dict[str, Any]) -> dict[str, Any]:
        if state["step"] == "device":
            return self._act(client, "device", kind="desktop", audio=True)
        if state["step"] == "consent":
            return self._act(client, "consent", agree=True, ticks=[])
        if state["step"] != "trials":
            return self._act(client, state["step"], answers={})
        trial = state["trial"]
        position, phase = trial["position"], trial["phase"]
        if phase == "play":
            granted = self._act(client, "play", position=position)
            if granted["trial"]["phase"] != "play":
                return granted
            return self._act(client, "played", position=position, heard_ms=500.0, output_latency_ms=None)
        if phase == "answer":
            time.sleep(0.05)  # so that the answers are not over before the site is killed
            choice = ("real", "fake")[position % 2]
            state = self._act(client, "answer", position=position, choice=choice, source="bot", confidence=None,
                              rt_from_onset_ms=900.0, rt_from_offset_ms=400.0)  # fmt: skip
            self.acked[position] = choice
            return state
        if phase == "reason":
            code = trial["reasons"][0]["code"]
            return self._act(client, "reason", position=position, codes=[code], text="", rt_ms=500.0)
        return self._act(client, "continue", position=position)

    def _act(self, client: httpx.Client, action: str, **body: Any) -> dict[str, Any]:
        self._n_keys += 1
        return self._ask(client, "POST", f"/act/{action}/", json={"key": f"killed-{self._n_keys:04d}", **body})

    def _ask(self, client: httpx.Client, method: str, path: str, **content: Any) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                answer = client.request(method, path, **content)
            except httpx.TransportError:
                self.n_failures += 1
                time.sleep(0.1)
                continue
            found: dict[str, Any] = answer.json() if answer.status_code in (200, 409, 422) else {}
            if answer.status_code == 200:
                return found
            if answer.status_code == 409 and found["error"]["code"] == "too_early":
                time.sleep(0.05)
                continue
            assert answer.status_code >= 500, f"{path} was answered {answer.status_code}: {answer.text[:200]}"
            self.n_failures += 1
            time.sleep(0.1)
        raise AssertionError(f"{path}: no answer for {PATIENCE_S:.0f} s")


@pytest.fixture
def participants(place: Installation) -> tuple[int, list[Participant]]:
    """Launch a study, and return the port at which its site will be, and its participants."""
    port = free_port()
    tokens = place.work("launch", slug="killed", clips=N_CLIPS, bots=N_PARTICIPANTS)["tokens"]
    return port, [Participant(f"http://127.0.0.1:{port}", token) for token in tokens]


def is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def site(place: Installation, port: int, name: str) -> WebServer:
    until("the port is free", lambda: is_free(port))  # killed processes hold it until the system has cleared them away
    web = WebServer(environment=place.environment, port=port, workers=2, log_path=place.folder / f"{name}.log")
    assert web.url.endswith(f":{port}")
    return web


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_no_acknowledged_answer_is_lost_or_stored_twice(
    place: Installation, own_servers: Servers, participants: tuple[int, list[Participant]]
) -> None:
    port, people = participants

    def n_acked() -> int:
        return sum(len(each.acked) for each in people)

    def go_on() -> None:
        wanted = n_acked() + 2 * len(people)
        until("answers go on", lambda: n_acked() >= wanted)

    with ThreadPoolExecutor(len(people)) as pool:
        with site(place, port, "first") as web:
            for each in people:
                each.start()
            walks = [pool.submit(each.go) for each in people]
            go_on()
            os.kill(children_of(web._process.pid)[0], signal.SIGKILL)  # one of its processes
            go_on()
            own_servers.postgres.restart_at_once()
            go_on()
            os.killpg(web._process.pid, signal.SIGKILL)  # all of it
            web._process.wait()
        assert not all(walk.done() for walk in walks)
        with site(place, port, "second"):
            assert [walk.result(PATIENCE_S) for walk in walks] == ["completed"] * len(people)
    assert sum(each.n_failures for each in people) >= len(people)  # the faults were met
    rows = place.query(
        "SELECT s.token, t.position, r.choice FROM studyapp_response r "
        "JOIN studyapp_trial t ON t.id = r.trial_id JOIN studyapp_session s ON s.id = t.session_id"
    )
    acked = [(each.token, position, choice) for each in people for position, choice in each.acked.items()]
    assert sorted(rows) == sorted(acked) and len(rows) == N_PARTICIPANTS * N_CLIPS
    print(json.dumps({"answers": len(rows), "sent again": sum(each.n_failures for each in people)}))
