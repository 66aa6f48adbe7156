"""What tests/detector/test_worker.py runs inside its own installation: python -m tests.detector.worker_job FOLDER.

Imports the folder, hands an embedding and a training to the worker, waits, and prints the rows' states as JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

TIMEOUT_S = 120.0


def wait_for(job: Any) -> str:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        job.refresh_from_db()
        if job.state in ("done", "failed", "cancelled"):
            break
        time.sleep(0.2)
    return f"{job.state} {job.error}".strip()


def main(folder: Path) -> None:
    django.setup()
    from detector.models import Training
    from detector.services.embedding import enqueue_shards, plan_embedding
    from detector.services.training import plan_training
    from studyapp.services.jobs import enqueue
    from studyapp.services.stimulus_import import import_stimuli

    stimulus_set = import_stimuli(path=folder, set_slug="sounds", layout="folders").stimulus_set
    run = plan_embedding(stimulus_set=stimulus_set, encoder="aisfx")
    enqueue_shards(run)
    embedding = wait_for(run)
    training = plan_training(stimulus_set=stimulus_set, encoder="aisfx", n_runs=2, config={"n_epochs": 10})
    enqueue(Training, [training.pk])
    print(json.dumps({"embedding": embedding, "training": wait_for(training), "runs": training.runs.count()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
