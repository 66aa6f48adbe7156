"""What benchmarks/launches.py runs inside its installation: python -m benchmarks.launch_once SET.

Asks for a launch of a new study of the set, waits for the worker, and prints the seconds from the request to the open
study, and those of the last transaction.
"""

import sys
import time

import django

TIMEOUT_S = 1800.0


def main(slug: str) -> tuple[float, float]:
    django.setup()
    from studyapp.models import AuditEntry
    from studyapp.services.launch import plan_launch
    from studyapp.services.study_create import create_study

    config = {"slug": "large", "title": "Large", "stimulus_set": slug, "order": {"n_stimuli": 80}}
    launch = plan_launch(study=create_study(config=config, owner=None))
    deadline = time.monotonic() + TIMEOUT_S
    while launch.state in ("queued", "running") and time.monotonic() < deadline:
        time.sleep(0.2)
        launch.refresh_from_db()
    if launch.finished_at is None or launch.state != "done":
        sys.exit(f"the launch is {launch.state}: {launch.error}")
    opened_at = AuditEntry.objects.get(action="launch_study").at  # the last row of the transaction that finishes it
    return (opened_at - launch.created_at).total_seconds(), (opened_at - launch.finished_at).total_seconds()


if __name__ == "__main__":
    print(*main(sys.argv[1]))
