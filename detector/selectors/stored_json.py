"""JSON that a worker computed and put into the media storage."""

import json
from typing import Any

from detector.ml.checkpoint import BadFile, digest
from studyapp.services import media


def read_json(name: str, sha256: str, *, what: str) -> dict[str, Any]:
    """Return a stored object. Raises NotFound where the file is gone, BadFile where it is not what was stored.

    what: its name in words, for the error.
    """
    content = media.read(name)
    if digest(content) != sha256:
        raise BadFile(f"The stored {what} has changed. Compute it anew.")
    stored: dict[str, Any] = json.loads(content)
    return stored
