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

    def says_fake(self, *, position: int, clip: ClipTruth) -> bool:
        """Draw the answer to the trial. A clip's shift is the same for every listener of the simulation."""
        clip_number = int(clip.stimulus_sha256[:15], 16)
        return draw_says_fake(
            self.model,
            is_fake=clip.is_fake,
            rng=self._rng(_ANSWER, position),
            listener_shift=draw_shift(self.model.listener_sd, self._rng(_SHIFT)),
            clip_shift=draw_shift(
                self.model.clip_sd, np.random.default_rng([self.seed % _UNSIGNED, _CLIP, clip_number])
            ),
        )

    def reason(self, *, position: int, codes: list[str]) -> str:
        """Draw the reason for the answer to the trial."""
        return draw_reason(self.model, codes=codes, rng=self._rng(_ANSWER, position, 1))

    def response_time_ms(self, *, position: int) -> float:
        """Draw a time from the sound's end to the answer: log-normal, median 900 ms."""
        return float(self._rng(_ANSWER, position, 2).lognormal(np.log(900.0), 0.4))

    def _rng(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed % _UNSIGNED, self.index, *stream])
