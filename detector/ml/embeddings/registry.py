"""The encoders that Earwitness knows. Data only: listing them loads, builds and downloads nothing."""

import importlib
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from studyapp.errors import NotFound

from .entry_points import BrokenEncoder, foreign_encoders
from .spec import Encoder, EncoderNotReady, EncoderSpec, WeightsSource
from .specs_aisfx import AISFX
from .specs_clap import CLAP_2023, CLAP_2023_ONE_PASS
from .specs_panns import CNN14, CNN14_VARIANTS, WAVEGRAM, WAVEGRAM_VARIANTS
from .specs_vggish import VGGISH

RECIPES = (AISFX, VGGISH, CLAP_2023, WAVEGRAM, CNN14)
VARIANTS = (CLAP_2023_ONE_PASS, *WAVEGRAM_VARIANTS, *CNN14_VARIANTS)


def _negative_control(spec: EncoderSpec) -> EncoderSpec:
    """Return the recipe with weights drawn at random: what a network knows without having learned anything."""
    source = spec.weights
    drawn = WeightsSource(
        name=f"{source.name}/random-weights",
        kind="random",
        licence="none: the values are drawn",
        page=source.page,
    )
    return replace(
        spec,
        name=f"{spec.name}/random-weights",
        title=f"{spec.title}, random weights",
        description=f"A negative control: the recipe of {spec.name} with weights drawn from seed {drawn.seed}.",
        weights=drawn,
        variant_of=spec.name,
    )


SPECS: dict[str, EncoderSpec] = {
    spec.name: spec for spec in (*RECIPES, *VARIANTS, *(_negative_control(each) for each in RECIPES))
}
WEIGHTS: dict[str, WeightsSource] = {
    spec.weights.name: spec.weights for spec in SPECS.values() if spec.weights.kind != "random"
}


def all_encoders() -> dict[str, EncoderSpec]:
    """Return our encoders and those of other installed packages, by name; ours come first and cannot be replaced."""
    return {**SPECS, **foreign_encoders(taken_encoders=SPECS, taken_weights=WEIGHTS).specs}


def all_sources() -> dict[str, WeightsSource]:
    """Return where the weights of all encoders come from, by name of the source."""
    return {spec.weights.name: spec.weights for spec in all_encoders().values()}


def broken_encoders() -> list[BrokenEncoder]:
    """Return the entry points of other packages that give no usable encoder, each with what is wrong."""
    return foreign_encoders(taken_encoders=SPECS, taken_weights=WEIGHTS).broken


def encoder_spec(name: str) -> EncoderSpec:
    """Return the spec of that name.

    Raises
    ------
    NotFound
        With the names that exist.

    Examples
    --------
    >>> encoder_spec("aisfx").dim
    512
    """
    try:
        return SPECS[name] if name in SPECS else all_encoders()[name]
    except KeyError:
        known = list(all_encoders())
        close = f" Did you mean {found[0]}?" if (found := get_close_matches(name, known, n=1)) else ""
        raise NotFound(f"There is no encoder named {name!r}.{close} There are: {', '.join(known)}.") from None


def load_encoder(spec: EncoderSpec, *, device: str, weights: Path | None = None) -> Encoder:
    """Import the encoder's module and load its network onto `device` ("cpu" or "cuda").

    weights: the converted file (safetensors) of a source of kind "download"; other kinds need none.

    Raises EncoderNotReady without it, and what the module raises.
    """
    if spec.weights.kind == "download" and weights is None:
        name = spec.weights.name
        raise EncoderNotReady(f"The weights {name} are not here. Run `manage.py weights fetch {name}`.")
    module = importlib.import_module(spec.module)
    return cast(Encoder, module.load(spec, device=device, weights=weights))
