"""Encoders of other packages, from real installed distributions in fresh processes."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "encoders_of_your_own.md"


def install(folder: Path, name: str, entries: dict[str, str], files: dict[str, str]) -> None:
    """Lay the files and the metadata of a distribution out as pip does."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    lines = "\n".join(f"{key} = {value}" for key, value in entries.items())
    (info / "entry_points.txt").write_text(f"[earwitness.encoders]\n{lines}\n", encoding="utf-8")


def installed_from_page(folder: Path) -> None:
    """Install the package of the page: each block of code stands in the file named before it."""
    named = re.findall(r"^`([\w./]+)`:.*?```\w+\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    files = dict(named)
    assert set(files) == {"pyproject.toml", "octave_bands/specs.py", "octave_bands/encoder.py"}
    project = tomllib.loads(files["pyproject.toml"])["project"]
    install(folder, project["name"], project["entry-points"]["earwitness.encoders"], files)


def run_python(code: str, site: Path, **environment: str) -> Any:
    """Return the last line that the program prints, which must be JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(site), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


EMBED = """
import django, json, sys
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.detector.material import give_audio, make_set
made = make_set("sounds", n=3)
give_audio(made, seconds=2.5)
from detector.selectors.encoders import known_encoder
from detector.selectors.weights import encoder_rows
listed = [row.spec.name for row in encoder_rows() if row.is_ready]
light = [name for name in ("torch", "octave_bands.encoder") if name in sys.modules]
call_command("embed_stimuli", "--set", "sounds", "--embedding", "octave-bands", "--device", "cpu", verbosity=0)
from detector.services.vectors import load_frames
spec = known_encoder("octave-bands")
frames = [load_frames(sha, spec=spec) for sha in made.own_stimuli.values_list("sha256", flat=True)]
print(json.dumps({"listed": listed, "light": light, "shapes": [each.shape for each in frames],
                  "mean": float(frames[0].mean()), "recipe": spec.recipe}))
"""


def test_the_package_of_the_page_embeds_a_set_through_the_ordinary_command(tmp_path: Path) -> None:
    installed_from_page(tmp_path / "site")
    found = run_python(
        EMBED,
        tmp_path / "site",
        DJANGO_SETTINGS_MODULE="studyapp.settings",
        EARWITNESS_DATA_DIR=str(tmp_path / "data"),
        DATABASE_URL="",
        REDIS_URL="",
    )
    assert "octave-bands" in found["listed"] and "aisfx" in found["listed"]
    assert found["light"] == []  # listing loaded neither a network library nor the recipe's code
    assert found["shapes"] == [[2, 8]] * 3
    assert -80 < found["mean"] < 20
    assert found["recipe"]["weights_sha256"] == "none"


SPEC = """
from dataclasses import replace
from detector.ml.embeddings.registry import SPECS
ONE = replace(SPECS["aisfx"], name="other")
def two(): return [replace(ONE, name="first"), replace(ONE, name="second")]
TAKEN = replace(ONE, name="aisfx")
ESCAPING = replace(ONE, name="../../etc")
OTHER_WEIGHTS = replace(ONE, name="liar", weights=replace(ONE.weights, sha256="0" * 64))
UNHASHED = replace(ONE, name="unhashed", weights=replace(ONE.weights, name="unhashed", sha256=""))
UNSTORABLE = replace(ONE, name="unstorable", preprocessing={"x": object()})
NAMELESS = replace(ONE, name=None)
WEIGHTLESS = replace(ONE, name="weightless", weights=None)
GETTABLE = replace(ONE.weights, name="got", kind="download", url="https://example.org/x", file="x.pth", n_bytes=5)
UNKNOWN_FILE = replace(ONE, name="unknown-file", weights=replace(GETTABLE, sha256=""))
UNSIZED = replace(ONE, name="unsized", weights=replace(GETTABLE, n_bytes=0))
MISTYPED = replace(ONE, name="mistyped", weights=replace(GETTABLE, kind="downlaod"))
HALF = replace(ONE, name="half", frames_dtype="float8")
UNPACKED = replace(ONE, name="unpacked", packages="torch")
NOWIDTH = replace(ONE, name="nowidth", dim="512")
NUMBER = 7
def leaves(): raise SystemExit(3)
def raises(): raise RuntimeError("no licence server")
"""
LIST = """
import json
from detector.ml.embeddings.registry import all_encoders, broken_encoders, encoder_spec
broken = {each.name: [each.distribution, each.problem] for each in broken_encoders()}
print(json.dumps({"names": list(all_encoders()), "broken": broken, "ours": encoder_spec("aisfx").module}))
"""


def test_broken_entry_points_are_named_with_the_reason_and_the_others_work(tmp_path: Path) -> None:
    attributes = ["ONE", "two", "TAKEN", "ESCAPING", "OTHER_WEIGHTS", "UNHASHED", "UNSTORABLE", "NUMBER", "raises"]
    attributes += [
        "NAMELESS",
        "WEIGHTLESS",
        "UNKNOWN_FILE",
        "UNSIZED",
        "MISTYPED",
        "HALF",
        "UNPACKED",
        "NOWIDTH",
        "leaves",
    ]
    entries = {each.lower().replace("_", "-"): f"odd_specs:{each}" for each in attributes}
    entries |= {"absent": "odd_specs:NOWHERE", "uninstalled": "nobody_has_this:SPEC", "syntax": "odd_syntax:SPEC"}
    install(tmp_path, "odd-encoders", entries, {"odd_specs.py": SPEC, "odd_syntax.py": "def ("})
    install(tmp_path, "copycat", {"zz-copy": "copy_specs:ONE"}, {"copy_specs.py": SPEC})
    found = run_python(LIST, tmp_path)
    ours = [name for name in found["names"] if name not in ("other", "first", "second")]
    assert found["names"][: len(ours)] == ours and {"other", "first", "second"} < set(found["names"])
    assert found["ours"] == "detector.ml.embeddings.aisfx"
    words = {
        "taken": "there is an encoder named aisfx already",
        "escaping": "'../../etc'",
        "other-weights": "other weights named aisfx",
        "unhashed": "their full SHA-256",
        "nameless": "name must be text",
        "weightless": "weights must be a WeightsSource",
        "unknown-file": "need url, file, n_bytes, and a sha256",
        "unsized": "need url, file, n_bytes, and a sha256",
        "mistyped": "kind of weights must be one of",
        "half": "frames_dtype must be one of float32, float16",
        "unpacked": "packages must be a tuple",
        "nowidth": "must be whole numbers",
        "leaves": "SystemExit",
        "unstorable": "plain numbers and words",
        "number": "no EncoderSpec",
        "raises": "RuntimeError: no licence server",
        "absent": "cannot be loaded: AttributeError",
        "uninstalled": "cannot be loaded: ModuleNotFoundError",
        "syntax": "cannot be loaded: SyntaxError",
        "zz-copy": "there is an encoder named other already",
    }
    assert set(found["broken"]) == set(words)
    for name, part in words.items():
        distribution, problem = found["broken"][name]
        assert part in problem
        assert distribution == ("copycat 1.0" if name == "zz-copy" else "odd-encoders 1.0")
