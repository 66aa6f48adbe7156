"""Store what a worker computed as JSON, and end its job."""

import json
from typing import Any

from django.db import transaction

from detector.ml.checkpoint import digest
from studyapp.services import media
from studyapp.services.jobs import Claim


def publish_json(content: dict[str, Any], *, folder: str, held: Claim) -> None:
    """Store the content, name it in the job's row, and mark the job done; nothing of that after a lost claim."""
    stored = json.dumps(content, allow_nan=False).encode()
    name = media.store(media.name_for(folder, stored, ".json"), stored)
    with transaction.atomic():
        held.update(content_name=name, content_sha256=digest(stored))
        held.finish()
