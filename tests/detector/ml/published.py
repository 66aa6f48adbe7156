"""The published packages as they are, with their own front-ends: the other side of the equality tests.

Only their `__init__` files are kept out, which would need torchaudio, transformers or a network. msclap.models.clap
imports transformers for its text tower; an empty module stands in for it.
"""

import importlib
import importlib.util
import sys
import types
import warnings
from typing import Any

import torch


def part(name: str) -> Any:
    """Import a module of a package whose `__init__` must not run; it stays imported."""
    parents = name.split(".")[:-1]
    for n in range(len(parents)):
        package = ".".join(parents[: n + 1])
        if package not in sys.modules:
            found = importlib.util.find_spec(package)
            assert found is not None and found.submodule_search_locations is not None
            bare = types.ModuleType(package)
            bare.__path__ = list(found.submodule_search_locations)
            sys.modules[package] = bare
    if "transformers" not in sys.modules and importlib.util.find_spec("transformers") is None:
        stand_in = types.ModuleType("transformers")
        stand_in.AutoModel = None  # type: ignore[attr-defined]
        sys.modules["transformers"] = stand_in
        try:
            return importlib.import_module(name)
        finally:
            del sys.modules["transformers"]
    return importlib.import_module(name)


def vggish() -> torch.nn.Module:
    file = part("torchvggish.torchvggish")
    network: torch.nn.Module = file.VGG(file.make_layers(), postprocess=False)
    return network.eval()


def clap() -> torch.nn.Module:
    """The audio tower, built from the numbers of the package's config_2023.yml (most of which it ignores)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.meshgrid")
        tower: torch.nn.Module = part("msclap.models.clap").AudioEncoder(
            "HTSAT", 768, 1024, 44100, 1024, 320, 64, 50, 8000, 527
        )
    return tower.eval()


def cnn14() -> torch.nn.Module:
    network: torch.nn.Module = part("panns_inference.models").Cnn14(32000, 1024, 320, 64, 50, 14000, 527)
    return network.eval()
