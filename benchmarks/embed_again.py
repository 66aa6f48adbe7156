"""What benchmarks/workers.py runs inside its installation: python -m benchmarks.embed_again SET.

Forgets all vectors, hands an embedding of the set to the workers that run, waits, and prints how long they took, in
seconds from the first shard's start to the last one's end.
"""

import sys
import time

import django

TIMEOUT_S = 1800.0


def main(slug: str) -> float:
    django.setup()
    from django.db.models import Max, Min

    from detector.models import ClipEmbedding, VectorFile
    from detector.services.embedding import enqueue_shards, plan_embedding
    from studyapp.models import StimulusSet
    from studyapp.services import media

    ClipEmbedding.objects.all().delete()
    for file in VectorFile.objects.all():
        media.delete(file.name)
        file.delete()
    run = plan_embedding(stimulus_set=StimulusSet.objects.get(slug=slug), encoder="aisfx", device="cpu")
    enqueue_shards(run)
    deadline = time.monotonic() + TIMEOUT_S
    while run.state not in ("done", "failed") and time.monotonic() < deadline:
        time.sleep(0.2)
        run.refresh_from_db()
    if run.state != "done":
        sys.exit(f"the run is {run.state}: {run.error}")
    ends = run.shards.aggregate(first=Min("started_at"), last=Max("finished_at"))
    return float((ends["last"] - ends["first"]).total_seconds())


if __name__ == "__main__":
    print(main(sys.argv[1]))
