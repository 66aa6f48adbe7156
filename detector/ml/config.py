"""What a training is made with. Frozen, complete, and stored as JSON beside every result."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from studyapp.errors import EarwitnessError


class BadTraining(EarwitnessError):
    """A training cannot be done as asked, or with the clips at hand."""


class Protocol(StrEnum):
    """How clips are divided."""

    PAPER = "paper"
    GROUPED = "grouped"
    LEAVE_ONE_TEAM_OUT = "leave-one-team-out"
    LEAVE_ONE_CLASS_OUT = "leave-one-class-out"
    CROSS_TRACK = "cross-track"


@dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """The paper's head and recipe (audioFoleyDeepFake 82e84b2), every number written out.

    hidden: widths of the hidden layers.
    dropout: chance that a hidden unit is dropped in training.
    learning_rate: of Adam, constant, no weight decay.
    batch_size: clips in a step; the last batch of an epoch may be smaller.
    n_epochs, checkpoint_every: epochs in all, and between checkpoints; the second divides the first.
    balanced: draw training clips with replacement, each class equally often.
    split_seed: seed of the random split (42 in the released code, whatever seeds the networks).
    threshold: fake_score at or above it means fake.
    warm_up_epochs: epochs trained before the first that counts, not in the curves, at most one checkpoint interval.
        The released code has 3 that the paper does not name: `warm_up_gpu` steps the same network and optimiser.
    permute_labels: a negative control: labels are dealt anew over all clips, so that nothing can be learned.
    """

    hidden: tuple[int, ...] = (512, 1024, 512)
    dropout: float = 0.5
    learning_rate: float = 7e-4
    batch_size: int = 128
    n_epochs: int = 100
    checkpoint_every: int = 10
    balanced: bool = True
    split_seed: int = 42
    threshold: float = 0.5
    warm_up_epochs: int = 0
    permute_labels: bool = False

    def __post_init__(self) -> None:
        if self.n_epochs < 1 or self.checkpoint_every < 1 or self.n_epochs % self.checkpoint_every:
            raise BadTraining(
                f"{self.n_epochs} epochs with a checkpoint every {self.checkpoint_every}: "
                "the epochs must be a multiple of the checkpoint interval"
            )
        if not 0 <= self.warm_up_epochs <= self.checkpoint_every:
            raise BadTraining(f"{self.warm_up_epochs} warm-up epochs: ask for 0 to {self.checkpoint_every}")

    @property
    def n_epochs_done(self) -> int:
        """Epochs of one fold with its warm-up, which is what progress counts."""
        return self.warm_up_epochs + self.n_epochs

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "hidden": list(self.hidden)}


def config_from_json(data: dict[str, Any]) -> HeadConfig:
    """Return the config of stored JSON; what is left out takes the paper's value.

    Raises
    ------
    BadTraining
        For a name that the config does not have.

    Examples
    --------
    >>> config_from_json({"n_epochs": 20}).n_epochs
    20
    """
    unknown = set(data) - {field.name for field in fields(HeadConfig)}
    if unknown:
        raise BadTraining(f"unknown training options: {', '.join(sorted(unknown))}")
    given = dict(data)
    if "hidden" in given:
        given["hidden"] = tuple(given["hidden"])
    return HeadConfig(**given)
