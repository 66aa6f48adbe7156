"""One simulated listener: what it answers depends on the seed, its number, and the trial's position and clip alone."""

from dataclasses import dataclass

import numpy as np

from studyapp.selectors.bot_truth import ClipTruth
from studyapp.stats.observer_model import ObserverModel, draw_reason, draw_says_fake, draw_shift

# Streams of random numbers, so that no two draws of one listener share theirs.
_SESSION, _SHIFT, _DROP_OUT, _ANSWER, _CLIP = range(5)
_UNSIGNED = 2**63  # numpy takes no negative seed


@dataclass(frozen=True, kw_only=True)
class SimulatedListener:
    """Listener number `index` of the simulation `seed`."""

    model: ObserverModel
    seed: int
    index: int
    drop_out: float = 0.0

    def session_seed(self) -> int:
        """Return the seed of the session, from which the server draws order, sides and screening."""
        return int(self._rng(_SESSION).integers(2**62))

    def last_position(self, n_trials: int) -> int | None:
        """Return the position of the trial at which the listener leaves, or None when it stays to the end."""
        rng = self._rng(_DROP_OUT)
        leaves = rng.random() < self.drop_out
        position = int(rng.integers(max(n_trials, 1)))
        return position if leaves else None

    def choice(self, *, position: int, task: str, clips: list[ClipTruth]) -> str:
        """Draw the answer to the trial, as the protocol sends it. A catch trial is answered rightly."""
        if clips[0].sure_answer:
            return self._in_words(task, position, clips[0].sure_answer)
        if task == "two_interval":
            return str(1 + int(self._evidence(position, clips[1], 1) > self._evidence(position, clips[0], 0)))
        says_fake = self.says_fake(position=position, clip=clips[0])
        return self._in_words(task, position, "fake" if says_fake else "real")

    def _in_words(self, task: str, position: int, answer: str) -> str:
        """Return the answer as the task takes it: on a scale, one of its three steps on that side, evenly drawn."""
        step = int(self._rng(_ANSWER, position, 3).integers(3))
        if task == "rating" and not answer.isdigit():
            return str((4 if answer == "fake" else 1) + step)
        if task == "naturalness" and not answer.isdigit():
            return str((1 if answer == "fake" else 3) + step)
        return answer

    def _evidence(self, position: int, clip: ClipTruth, interval: int) -> float:
        """Draw how fake an interval seems: the larger of two is called fake, right with Phi(d' / sqrt 2)."""
        mean = (0.5 if clip.is_fake else -0.5) * self.model.d_prime + self._clip_shift(clip)
        return mean + float(self._rng(_ANSWER, position, 4, interval).standard_normal())

    def _clip_shift(self, clip: ClipTruth) -> float:
        """Return the clip's shift, the same for every listener of the simulation."""
        rng = np.random.default_rng([self.seed % _UNSIGNED, _CLIP, int(clip.stimulus_sha256[:15], 16)])
        return draw_shift(self.model.clip_sd, rng)

    def says_fake(self, *, position: int, clip: ClipTruth) -> bool:
        """Draw whether the sound is called fake."""
        return draw_says_fake(
            self.model,
            is_fake=clip.is_fake,
            rng=self._rng(_ANSWER, position),
            listener_shift=draw_shift(self.model.listener_sd, self._rng(_SHIFT)),
            clip_shift=self._clip_shift(clip),
        )

    def reason(self, *, position: int, codes: list[str]) -> str:
        """Draw the reason for the answer to the trial."""
        return draw_reason(self.model, codes=codes, rng=self._rng(_ANSWER, position, 1))

    def response_time_ms(self, *, position: int) -> float:
        """Draw a time from the sound's end to the answer: log-normal, median 900 ms."""
        return float(self._rng(_ANSWER, position, 2).lognormal(np.log(900.0), 0.4))

    def _rng(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed % _UNSIGNED, self.index, *stream])
