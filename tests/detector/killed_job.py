"""What tests/detector/test_killed.py runs inside its own installation: python -m tests.detector.killed_job WHAT.

vectors: make a set named corpus, fakes of three teams, with drawn vectors. embed: `embed_stimuli` with shards of eight
clips, so that few clips make several shards. leftovers: do the shards that are queued.
"""

import sys

import django

SHARD_CLIPS = 8


def vectors() -> None:
    from tests.detector.material import give_vectors, make_set

    made = make_set("corpus", n=60)
    give_vectors(made, shift=0.05)
    for place, stimulus in enumerate(made.own_stimuli.filter(label="fake").order_by("pk")):
        stimulus.team = ("north", "south", "west")[place % 3]
        stimulus.save()


def embed() -> None:
    from django.core.management import call_command

    call_command("embed_stimuli", "--set", "sounds", "--embedding", "aisfx", "--json")


def leftovers() -> None:
    from detector.models import EmbeddingShard
    from detector.services.embedding_work import embed_shard

    for pk in EmbeddingShard.objects.filter(state="queued").values_list("pk", flat=True):
        embed_shard(shard_id=pk)


if __name__ == "__main__":
    django.setup()
    from detector.services import embedding, embedding_work

    embedding.SHARD_CLIPS = embedding_work.SHARD_CLIPS = SHARD_CLIPS
    {"vectors": vectors, "embed": embed, "leftovers": leftovers}[sys.argv[1]]()
