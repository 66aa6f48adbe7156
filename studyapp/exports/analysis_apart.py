"""The analysis of many answers, in a process of its own: it takes more memory than all that an export streams."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings

from studyapp.exports.written import ExportFailed
from studyapp.models import Study
from studyapp.vocab import Origin

BEAT_S = 1.0  # on_part is called so often while the analysis goes on


def analysis_apart(*, study: Study, origin: Origin, on_part: Callable[[], None]) -> dict[str, Any]:
    """Return the analysis by the study's plan, as `analyze_study --json` prints it; the child ends when on_part raises.

    It reads what is committed: whoever has changed answers in an open transaction gets the analysis without them.

    Raises ExportFailed with what the child said when it fails.
    """
    command = [sys.executable, "manage.py", "analyze_study", study.slug, "--origin", origin.value, "--json"]
    with TemporaryFile() as found, TemporaryFile() as said:
        # Our own interpreter and script; the slug is that of a study that exists.
        with subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ, stdout=found, stderr=said) as child:  # noqa: S603
            try:
                while _goes_on(child):
                    on_part()
            finally:
                child.kill()  # of a child that has ended nothing is asked
        if child.returncode != 0:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise ExportFailed(f"the analysis ended with {child.returncode}: {''.join(last) or 'nothing was said'}")
        found.seek(0)
        return dict(json.load(found))


def _goes_on(child: "subprocess.Popen[bytes]") -> bool:
    try:
        child.wait(timeout=BEAT_S)
    except subprocess.TimeoutExpired:
        return True
    return False
