"""The network classes of msclap, panns-inference and torchvggish, without what their packages do when imported.

`import msclap` imports torchaudio and transformers, silences every warning of the process and later builds a GPT-2;
`import panns_inference` downloads a table into the home folder; torchlibrosa and matplotlib, which their network files
import, bring librosa, numba and a font cache. None of that is needed for the networks.

So each network file is imported on its own: bare package objects stand in for the packages' `__init__`, empty modules
for what is named but never used, and the front-end's two layers are `torch.nn.Identity`, which holds no weights and
hands on the log-mel spectrogram that our own front-end computed. Afterwards `sys.modules` is as it was: a later real
import of the same package finds nothing of this.
"""

import importlib
import importlib.util
import sys
import threading
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from .spec import EncoderNotReady

_LOCK = threading.Lock()


@lru_cache(maxsize=8)
def network_file(name: str) -> Any:
    """Import one network file, such as "panns_inference.models", alone.

    Raises EncoderNotReady when its package, or torchlibrosa, is not installed.
    """
    package = name.partition(".")[0]
    with _LOCK:
        ours = {package, "torchlibrosa"}
        before = {key: module for key, module in sys.modules.items() if key.partition(".")[0] in ours}
        for key in before:
            del sys.modules[key]
        stand_ins = {**_bare(name), **_front_end()}
        # Named by the network files and never used; where the real ones are loaded already, they do no harm.
        unused = {"matplotlib": {}, "matplotlib.pyplot": {}, "transformers": {"AutoModel": None}}
        added = [key for key in unused if key not in sys.modules]
        stand_ins |= {key: _module(key, **unused[key]) for key in added}
        sys.modules.update(stand_ins)
        try:
            return importlib.import_module(name)
        finally:
            left = [key for key in sys.modules if key.partition(".")[0] in ours or key in added]
            for key in left:
                del sys.modules[key]
            sys.modules.update(before)


def _bare(name: str) -> dict[str, ModuleType]:
    """Return an empty package object for each package above the file."""
    root, *below = name.split(".")[:-1]
    folder = _folder(root)
    bare = {root: _module(root, __path__=[str(folder)])}
    for part in below:
        folder, root = folder / part, f"{root}.{part}"
        bare[root] = _module(root, __path__=[str(folder)])
    return bare


def _front_end() -> dict[str, ModuleType]:
    bare = _module("torchlibrosa", __path__=[str(_folder("torchlibrosa"))])
    layers = {"Spectrogram": torch.nn.Identity, "LogmelFilterBank": torch.nn.Identity}
    return {"torchlibrosa": bare, "torchlibrosa.stft": _module("torchlibrosa.stft", **layers)}


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or []) if found else []:
        return Path(folder)
    raise EncoderNotReady(
        f"The package {package} is not installed. "
        "Install it with: pip install -r requirements.txt && pip install --no-deps -r requirements-nodeps.txt"
    )


def _module(name: str, **contents: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(contents)
    return module
