"""Real studies for tests: sounds stored, and launched by the services; and a client that walks a session."""

import hashlib
import json
import secrets
from dataclasses import asdict
from typing import Any

import numpy as np
from django.test import Client

from studyapp.models import ScreeningTrial, Session, SetMember, Stimulus, StimulusSet, Study, StudyLaunch, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.services import media
from studyapp.services.bot_tokens import mint_bot_token
from studyapp.services.launch import do_launch, launch_study
from studyapp.services.study_create import create_study
from studyapp.sound.audit import measure
from studyapp.sound.wav import encode_pcm16
from studyapp.vocab import Label

# Consent, instructions and trials: what no study is without.
BARE: dict[str, Any] = {
    "consent": {"ticks": []},
    "eligibility": {"questions": []},
    "volume": {"enabled": False},
    "channels": {"enabled": False},
    "screening": {"test": "none"},
    "instructions": {"questions": []},
    "questions": {"questions": []},
    "debrief": {"text": ""},
}
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


def do_launches() -> None:
    """Do what a worker does: every launch that a page or the API asked for."""
    for pk in StudyLaunch.objects.filter(state="queued").values_list("pk", flat=True):
        assert do_launch(launch_id=pk)


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
        """Walk one attempt at one test of the screening, all answers right or all wrong."""
        for _ in range(state["screening"]["n_trials"]):
            position = state["screening"]["position"]
            assert self.sound(state["screening"]["sound"]).status_code == 200
            self.act("screening-play", position=position)
            answer = ScreeningTrial.objects.get(token=state["screening"]["sound"]).right_answer
            answer = answer if right else answer % 3 + 1
            state = self.act("screening-answer", position=position, answer=answer, rt_from_offset_ms=400.0)
        return state

    def to(self, *steps: str) -> dict[str, Any]:
        """Go on, everything as a good participant does it, until the session is in one of the steps."""
        state = self.state()
        while state["step"] not in steps:
            state = self._next(state)
        return state

    def _next(self, state: dict[str, Any]) -> dict[str, Any]:
        match state["step"]:
            case "device":
                return self.act("device", kind="desktop", audio=True)
            case "consent":
                return self.act("consent", agree=True, ticks=[tick["code"] for tick in state["consent"]["ticks"]])
            case "eligibility":
                return self.act("eligibility", answers=self.best_answers("eligibility"))
            case "volume":
                assert self.sound(state["volume"]["sound"]).status_code == 200
                return self.act("volume")
            case "screening":
                return self.screen(state)
            case "instructions":
                return self.act("instructions", answers=self.best_answers("instructions"))
            case "practice" | "trials":
                return self.trial(state)
            case "questions":
                return self.act("questions", answers={})
        raise AssertionError(f"nothing follows on {state['step']}")

    def best_answers(self, step: str) -> dict[str, str]:
        """Return the answers that admit, or are right."""
        config = frozen_config(Session.objects.get(token=self.token).version)
        if step == "eligibility":
            return {each.code: (each.admit or [each.options[0].value])[0] for each in config.eligibility.questions}
        return {each.code: each.right for each in config.instructions.questions}

    def to_trials(self) -> dict[str, Any]:
        return self.to("trials")

    def finish(self, state: dict[str, Any]) -> dict[str, Any]:
        """Answer the last questions, where there are any."""
        return self.act("questions", answers={}) if state["step"] == "questions" else state

    def hear(self, state: dict[str, Any]) -> dict[str, Any]:
        position = state["trial"]["position"]
        for sound in state["trial"]["sounds"]:
            assert self.sound(sound).status_code == 200
        self.act("play", position=position)
        heard_ms = 1000 * state["trial"]["duration_s"]
        return self.act("played", position=position, heard_ms=heard_ms, output_latency_ms=None)

    def answer(self, state: dict[str, Any], choice: str) -> dict[str, Any]:
        return self.act(
            "answer",
            position=state["trial"]["position"],
            choice=choice,
            rt_from_onset_ms=900.0,
            confidence=3 if state["trial"]["confidence"] else None,
            source="keyboard",
        )

    def trial(self, state: dict[str, Any], choice: str = "") -> dict[str, Any]:
        """Walk one trial, with the first reason where one is asked for; the break before it and its feedback, too."""
        position = state["trial"]["position"]
        if state["trial"]["phase"] == "break":
            state = self.act("continue", position=position)
        state = self.answer(self.hear(state), choice or self.easy_choice(state))
        if "trial" in state and state["trial"]["position"] == position and state["trial"]["phase"] == "reason":
            code = state["trial"]["reasons"][0]["code"]
            state = self.act("reason", position=position, codes=[code], text="", rt_ms=1200.0)
        if "trial" in state and state["trial"]["position"] == position and state["trial"]["phase"] == "feedback":
            state = self.act("continue", position=position)
        return state

    @staticmethod
    def easy_choice(state: dict[str, Any]) -> str:
        values = [choice["value"] for choice in state["trial"]["choices"]]
        return "real" if "real" in values else values[0]
