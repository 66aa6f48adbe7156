"""The networks of the published packages load without what importing the packages does.

In a fresh process with an empty home folder and no network: nothing is written, no warning filter is added, none of the
packages' own requirements is loaded, and a later real import is not disturbed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once

LOAD = """
import json, random, socket, sys, warnings
import numpy, torch
from detector.ml.embeddings import clap_2023, panns, vggish, wavegram

def refuse(*args, **more):
    raise AssertionError("the network was used")

socket.socket.connect = socket.getaddrinfo = refuse
before = list(warnings.filters)
states = [torch.random.get_rng_state().tolist(), numpy.random.get_state()[1].tolist(), random.getstate()]
built = [each.build() for each in (vggish, clap_2023, panns, wavegram)]
after = [torch.random.get_rng_state().tolist(), numpy.random.get_state()[1].tolist(), random.getstate()]
names = ("aisfx", "torchaudio", "transformers", "librosa", "numba", "matplotlib", "resampy", "msclap",
         "panns_inference", "torchvggish", "torchlibrosa")
print(json.dumps({
    "classes": [type(each).__module__ + "." + type(each).__name__ for each in built],
    "loaded": [name for name in names if any(key.partition(".")[0] == name for key in sys.modules)],
    "filters_added": len(warnings.filters) - len(before),
    "drew": states != after,
}))
"""

REAL = """
import json, sys, torch
from detector.ml.embeddings.packages import network_file
files = network_file("panns_inference.models"), network_file("torchvggish.torchvggish")
import torchlibrosa, torchvggish
from torchlibrosa.stft import Spectrogram
from torchvggish import VGG, vggish_input
again = network_file("msclap.models.audio")
print(json.dumps({
    "is_real": Spectrogram is not torch.nn.Identity and sys.modules["torchlibrosa"] is torchlibrosa,
    "has_front_end": hasattr(vggish_input, "waveform_to_examples"),
    "is_ours_still_bare": again.Spectrogram is files[0].Spectrogram is torch.nn.Identity,
    "holds": sys.modules["torchlibrosa.stft"].Spectrogram is Spectrogram,
}))
"""


def answer(code: str, home: Path) -> dict[str, Any]:
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("MPLCONFIGDIR", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no warning either
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_networks_load_without_network_home_folder_filters_or_obsolete_requirements(tmp_path: Path) -> None:
    assert answer(LOAD, tmp_path) == {
        "classes": [
            "torchvggish.torchvggish.VGG",
            "msclap.models.clap.AudioEncoder",
            "panns_inference.models.Cnn14",
            "detector.ml.embeddings.wavegram.WavegramLogmelCnn14",
        ],
        "loaded": [],
        "filters_added": 0,
        "drew": False,
    }
    assert list(tmp_path.iterdir()) == []


def test_a_later_import_of_a_package_is_the_real_one(tmp_path: Path) -> None:
    assert answer(REAL, tmp_path) == dict.fromkeys(("is_real", "has_front_end", "is_ours_still_bare", "holds"), True)


def test_a_package_that_is_missing_is_named_with_what_to_do() -> None:
    from detector.ml.embeddings.packages import network_file
    from detector.ml.embeddings.spec import EncoderNotReady

    with pytest.raises(EncoderNotReady, match=r"no_such_package is not installed.*pip install"):
        network_file("no_such_package.models")
