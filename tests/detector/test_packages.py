"""The parts of the published encoders' packages that the detector builds on load with the pinned requirements.

Each is loaded in a fresh process, under a bare package object: the packages' own `__init__` files import torchaudio and
transformers, build a GPT-2, or download into the home folder.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

LOAD = """
import importlib, importlib.util, sys, types
module, name = sys.argv[1:]
parents = module.split(".")[:-1]
for n in range(len(parents)):
    package = ".".join(parents[: n + 1])
    bare = types.ModuleType(package)
    bare.__path__ = list(importlib.util.find_spec(package).submodule_search_locations)
    sys.modules[package] = bare
getattr(importlib.import_module(module), name)
print("torchaudio" in sys.modules, "transformers" in sys.modules)
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("msclap.models.htsat", "HTSATWrapper"),
        ("panns_inference.models", "Cnn14"),
        ("torchvggish.torchvggish", "VGG"),
    ],
)
def test_package_part_loads_without_its_obsolete_requirements(tmp_path: Path, module: str, name: str) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path / "mpl")}
    command = [sys.executable, "-c", LOAD, module, name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "False"]
    assert not (tmp_path / "panns_data").exists()
