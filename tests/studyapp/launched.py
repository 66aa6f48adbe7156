"""Real studies for tests: sounds stored, and launched by the services; and a client that walks a session."""

import hashlib
import json
import secrets
from dataclasses import asdict
from typing import Any

import numpy as np
from django.test import Client

from studyapp.models import ScreeningTrial, SetMember, Stimulus, StimulusSet, Study, StudyVersion
from studyapp.services import media
from studyapp.services.bot_tokens import mint_bot_token
from studyapp.services.launch import launch_study
from studyapp.services.study_create import create_study
from studyapp.sound.audit import measure
from studyapp.sound.wav import encode_pcm16
from studyapp.vocab import Label

RATE_HZ = 8000
DURATION_S = 0.5


def make_set(
    slug: str = "sounds", *, n_fake: int = 3, n_real: int = 3, categories: tuple[str, ...] = ("rain", "dog_bark")
) -> StimulusSet:
    """Store noise bursts as an import would; the names and the generator are canaries for leak tests."""
    rng = np.random.default_rng(7)
    stimulus_set = StimulusSet.objects.create(slug=slug)
    for position in range(n_fake + n_real):
        label = Label.FAKE if position < n_fake else Label.REAL
        category = categories[position % len(categories)]
        samples = (0.1 * rng.standard_normal(round(RATE_HZ * DURATION_S))).astype(np.float32)
        content = encode_pcm16(samples, RATE_HZ)
        stimulus = Stimulus.objects.create(
            home_set=stimulus_set,
            sha256=hashlib.sha256(content).hexdigest(),
            name=f"{label.value}/{category}/canaryname-{position}.wav",
            label=label.value,
            category=category,
            generator="canarygen" if label is Label.FAKE else "",
            audio_path=media.store(media.name_for("audio", content, ".wav"), content),
            container="WAV",
            subtype="PCM_16",
            n_bytes=len(content),
            **asdict(measure(samples, RATE_HZ)),
        )
        SetMember.objects.create(stimulus_set=stimulus_set, stimulus=stimulus, position=position)
    return stimulus_set


def launch(*, slug: str = "study", config: dict[str, Any] | None = None, **counts: Any) -> StudyVersion:
    """Return the launched version of a study on freshly written sounds."""
    stimulus_set = make_set(f"{slug}-sounds", **counts)
    given = {"slug": slug, "title": "A study", "stimulus_set": stimulus_set.slug} | (config or {})
    return launch_study(study=create_study(config=given, owner=None))


class Walker:
    """A participant who speaks the protocol through Django's test client."""

    def __init__(self, study: Study, *, time_scale: float = 0.0, seed: int = 1, bot: bool = True) -> None:
        self.client = Client()
        form = {"bot": mint_bot_token(study=study, seed=seed, time_scale=time_scale)} if bot else {}
        self.started = self.client.post(f"/s/{study.slug}/start/", form)
        assert self.started.status_code == 303, self.started.content
        self.base = self.started["Location"]
        self.token = self.base.split("/")[2]
        self.received: list[Any] = [self.started]

    def state(self) -> dict[str, Any]:
        response = self.client.get(f"{self.base}state/")
        self.received.append(response)
        assert response.status_code == 200, response.content
        return response.json()

    def send(self, action: str, *, key: str = "", **body: Any) -> Any:
        """Return the raw response to the action."""
        content = json.dumps({"key": key or secrets.token_urlsafe(12), **body})
        response = self.client.post(f"{self.base}act/{action}/", content, content_type="application/json")
        self.received.append(response)
        return response

    def act(self, action: str, **body: Any) -> dict[str, Any]:
        response = self.send(action, **body)
        assert response.status_code == 200, (action, body, response.content)
        return response.json()

    def sound(self, token: str, **headers: str) -> Any:
        response = self.client.get(f"{self.base}sound/{token}", headers=headers)
        self.received.append(response)
        return response

    def screen(self, state: dict[str, Any], *, right: bool = True) -> dict[str, Any]:
        """Walk one attempt at the screening, all answers right or all wrong."""
        for _ in range(state["screening"]["n_trials"]):
            position = state["screening"]["position"]
            assert self.sound(state["screening"]["sound"]).status_code == 200
            self.act("screening-play", position=position)
            answer = ScreeningTrial.objects.get(token=state["screening"]["sound"]).right_answer
            answer = answer if right else answer % 3 + 1
            state = self.act("screening-answer", position=position, answer=answer, rt_from_offset_ms=400.0)
        return state

    def to_trials(self) -> dict[str, Any]:
        state = self.act("consent", agree=True)
        if state["step"] == "volume":
            assert self.sound(state["volume"]["sound"]).status_code == 200
            state = self.act("volume")
        if state["step"] == "screening":
            state = self.screen(state)
        assert state["step"] == "instructions", state
        return self.act("instructions")

    def hear(self, state: dict[str, Any]) -> dict[str, Any]:
        position = state["trial"]["position"]
        assert self.sound(state["trial"]["sound"]).status_code == 200
        self.act("play", position=position)
        return self.act("played", position=position, heard_ms=500.0, output_latency_ms=None)

    def answer(self, state: dict[str, Any], choice: str) -> dict[str, Any]:
        return self.act(
            "answer", position=state["trial"]["position"], choice=choice, rt_from_onset_ms=900.0, source="keyboard"
        )

    def trial(self, state: dict[str, Any], choice: str = "real") -> dict[str, Any]:
        """Walk one trial, with the first reason where one is asked for."""
        state = self.answer(self.hear(state), choice)
        if state["step"] == "trials" and state["trial"]["phase"] == "reason":
            code = state["trial"]["reasons"][0]["code"]
            state = self.act("reason", position=state["trial"]["position"], codes=[code], text="", rt_ms=1200.0)
        return state
