"""Promises about the whole: pure parts stay pure, the web process is light, vendored files are what they claim."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent


def modules_after(code: str) -> set[str]:
    """Return the names of the modules that a fresh Python has loaded after `code`."""
    code += "\nimport sys; print('\\n'.join(sys.modules))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "studyapp.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def pure_modules() -> list[str]:
    folders = ["studyapp/design", "studyapp/stats", "studyapp/sound", "detector/ml"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py"]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    return ["studyapp.vocab", "studyapp.errors", "studyapp.environment", *names]


def test_pure_parts_load_neither_django_nor_celery() -> None:
    loaded = modules_after("\n".join(f"import {name}" for name in pure_modules()))
    assert not {name for name in loaded if name.split(".")[0] in ("django", "celery")}


def test_web_process_never_loads_torch() -> None:
    loaded = modules_after(
        "import django; django.setup(); import studyapp.urls, studyapp.wsgi\n"
        "from django.urls import get_resolver; get_resolver().url_patterns"
    )
    assert "detector.models" in loaded
    assert "torch" not in loaded


def test_nothing_waits_for_a_result_of_celery() -> None:
    """What became of a job stands in its row: results that a broker loses or keeps too long change nothing."""
    from celery.backends.base import DisabledBackend

    from studyapp.celery import app

    assert isinstance(app.backend, DisabledBackend) and app.conf.task_ignore_result
    sources = [path for folder in ("studyapp", "detector") for path in (ROOT / folder).rglob("*.py")]
    assert not [path for path in sources if re.search(r"AsyncResult|GroupResult|celery\.result", path.read_text())]


def test_a_command_loads_no_page() -> None:
    loaded = modules_after(
        "import sys; sys.argv = ['manage.py', 'create_study', '--reference']; import manage; manage.main()"
    )
    assert "studyapp.management.commands.create_study" in loaded
    assert not {"studyapp.urls", "pandas", "scipy", "altair"} & loaded


def test_an_export_loads_no_statistics() -> None:
    """These libraries take more memory than a million judgements that are streamed."""
    loaded = modules_after("import django; django.setup(); import studyapp.management.commands.export_study")
    assert "studyapp.exports.bundle" in loaded
    assert not {"pandas", "scipy", "pyarrow", "matplotlib", "torch"} & loaded
    written = modules_after(
        "import django; django.setup(); import io, pathlib, tempfile\n"
        "from studyapp.exports.formats import write_parquet; from studyapp.exports.tables import Table\n"
        "table = Table(description='x', header=['a', 'b'], rows=[[1, 'x'], [None, None]])\n"
        "write_parquet(table, pathlib.Path(tempfile.mkdtemp()) / 'x.parquet')"
    )
    assert "pyarrow" in written and "pandas" not in written


@pytest.mark.parametrize(
    "package", sorted(path for app in ("studyapp", "detector") for path in (ROOT / app).rglob("__init__.py"))
)
def test_package_files_are_empty(package: Path) -> None:
    if package == ROOT / "studyapp/models/__init__.py":
        assert set(re.findall(r"^(\w+)", package.read_text(), re.M)) <= {"from", "__all__"}
    else:
        assert package.read_text() == ""


def test_vendored_files_are_what_their_table_says() -> None:
    folder = ROOT / "static/vendor"
    table = dict(re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.M))
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "README.md"
    }
    assert table == files


def test_no_file_is_over_400_lines() -> None:
    paths = [
        p
        for suffix in ("py", "js", "html", "css")
        for folder in ("studyapp", "detector", "templates", "static", "tests")
        for p in (ROOT / folder).rglob(f"*.{suffix}")
    ]
    long = {
        str(p.relative_to(ROOT)): n
        for p in paths
        if not {"vendor", "migrations"} & set(p.parts) and (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}
