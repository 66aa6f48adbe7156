"""manage.py reconcile_jobs: bring back jobs whose worker died. Workers do the same by themselves every half minute."""

from typing import Any

from django.core.management.base import BaseCommand

from detector.services.reconcile import reconcile_jobs


class Command(BaseCommand):
    help = "Queue again the jobs of dead workers, and send the messages that were lost with them."

    def handle(self, *args: Any, **options: Any) -> None:
        done = reconcile_jobs()
        self.stdout.write(
            f"{done.n_back} jobs back in the queue, {done.n_failed} given up, {done.n_sent} messages sent"
        )
