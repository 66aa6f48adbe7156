"""What the fault tests run inside an installation: python -m tests.faults.work WHAT [JSON]. Prints JSON.

begin: make work, as the pages do. check: look at everything that work has left. sign_in: a session of one of staff.
launch: a study to take part in.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import django


def begin(wanted: dict[str, Any]) -> dict[str, Any]:
    """Plan and enqueue.

    embeddings: for each, slug, clips, shard (clips in a shard), and encoder where it is another than the slow one.
    training: for one on drawn vectors, the seconds that it is to take. Its message comes first.
    export: the name of a study whose tables are to be exported. Its message comes last.
    """
    from detector.services import embedding

    training = _training(wanted["training"]) if "training" in wanted else None
    runs = []
    for each in wanted.get("embeddings", []):
        stimulus_set = _imported(each["slug"], each["clips"])
        embedding.SHARD_CLIPS = each["shard"]
        run = embedding.plan_embedding(stimulus_set=stimulus_set, encoder=each.get("encoder", "slow"))
        embedding.enqueue_shards(run)
        runs.append(run.pk)
    if "export" in wanted:
        _export(wanted["export"])
    return {"runs": runs, "training": training}


def _training(seconds: float) -> int:
    """Enqueue a training that takes about so long on this machine, with ten checkpoints, and return its key."""
    from detector.models import Training
    from detector.services.training import plan_training
    from detector.services.training_work import run_training
    from studyapp.services.jobs import enqueue
    from tests.detector.material import give_vectors, make_set

    corpus = make_set("corpus", n=60)
    give_vectors(corpus, shift=0.05)
    probe = plan_training(stimulus_set=corpus, encoder="aisfx", n_runs=2, config={"n_epochs": 10})
    first = run_training(training=probe).runs.first()
    assert first is not None
    every = max(1, round(seconds / first.seconds_per_epoch / 10))
    config = {"n_epochs": 10 * every, "checkpoint_every": every}
    training = plan_training(stimulus_set=corpus, encoder="aisfx", n_runs=2, config=config)
    enqueue(Training, [training.pk])
    return int(training.pk)


def _export(slug: str) -> None:
    from studyapp.models import StudyExport
    from studyapp.services.jobs import enqueue
    from tests.studyapp.launched import BARE
    from tests.studyapp.launched import launch as launch_study

    study = launch_study(slug=slug, config=BARE, n_fake=1, n_real=1).study
    enqueue(StudyExport, [StudyExport.objects.create(study=study, origin="live", format="csv").pk])


def _imported(slug: str, n_clips: int) -> Any:
    from studyapp.services.stimulus_import import import_stimuli
    from tests.studyapp.clip_files import write_clip

    first = int(hashlib.sha256(slug.encode()).hexdigest()[:8], 16)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_clips):
            place = "real/rain" if number % 2 else "fake/vocoder/rain"
            write_clip(Path(folder) / place / f"{number:03d}.wav", first + number)
        return import_stimuli(path=Path(folder), set_slug=slug, layout="folders").stimulus_set


def check(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what is wrong, in words; an empty list is what every fault test wants."""
    from detector.models import EmbeddingRun, Training

    problems = [problem for run in EmbeddingRun.objects.all() for problem in _problems_of_run(run)]
    problems += _problems_of_files()
    problems += [problem for training in Training.objects.all() for problem in _problems_of_training(training)]
    return {"problems": problems}


def _problems_of_run(run: Any) -> list[str]:
    import numpy as np

    from detector.ml.embeddings.registry import encoder_spec, load_encoder
    from detector.ml.embeddings.spec import Sound
    from detector.models import ClipEmbedding
    from detector.services.vectors import load_means
    from studyapp.models import Stimulus
    from studyapp.services.stimulus_audio import load_samples
    from studyapp.sound.decode import Decoder
    from tests.faults.slow_encoder import SLOW, facts_of

    words = []
    if run.state != "done" or run.failures.exists():
        words.append(f"run {run.pk} is {run.state} with {run.failures.count()} failures: {run.error}")
    words += [
        f"shard {shard.number} of run {run.pk} is {shard.state}, {shard.n_done} of {shard.n_total}"
        for shard in run.shards.all()
        if shard.state != "done" or shard.n_done != shard.n_total
    ]
    keys = [pk for shard in run.shards.all() for pk in shard.stimulus_ids]
    stimuli = list(Stimulus.objects.filter(pk__in=keys).order_by("pk"))
    shas = [stimulus.sha256 for stimulus in stimuli]
    n_rows = ClipEmbedding.objects.filter(fingerprint=run.fingerprint, audio_sha256__in=shas).count()
    if not len(shas) == len(set(shas)) == len(set(keys)) == len(keys) == n_rows == run.n_clips:
        words.append(f"run {run.pk}: {run.n_clips} clips, {len(keys)} in shards, {n_rows} with vectors")
        return words
    spec = encoder_spec(run.encoder)
    if run.stimulus_set.slug == "corpus":
        return words  # its vectors were drawn
    with Decoder() as decoder:
        decoded = [load_samples(stimulus, decoder) for stimulus in stimuli]
    sounds = [Sound(audio.samples, audio.sample_rate_hz) for audio in decoded]
    encoder = None if spec == SLOW else load_encoder(spec, device="cpu")
    frames = encoder.frames(sounds) if encoder else [facts_of(sound) for sound in sounds]
    right = np.stack([rows.mean(axis=0) for rows in frames])
    wrong = np.flatnonzero((load_means(shas, spec=spec) != right).any(axis=1))
    return [*words, *(f"run {run.pk}: the vectors of {stimuli[place]} are wrong" for place in wrong)]


def _problems_of_files() -> list[str]:
    """Return what is wrong with the files of vectors: each is named by a row, and whole; nothing is there twice."""
    from django.conf import settings

    from detector.models import VectorFile
    from studyapp.services import media

    rows = list(VectorFile.objects.all())
    words = [
        f"{file.name} has other bytes than its row says"
        for file in rows
        if hashlib.sha256(media.read(file.name)).hexdigest() != file.sha256
    ]
    words += [f"{file.name} has clips that stand elsewhere" for file in rows if file.clips.count() != file.n_clips]
    root = Path(settings.MEDIA_ROOT)
    there = {str(path.relative_to(root)) for path in (root / "detector/vectors").rglob("*.safetensors")}
    return words + [f"no row names {name}" for name in sorted(there - {file.name for file in rows})]


def _problems_of_training(training: Any) -> list[str]:
    words = []
    n_folds, n_networks = training.folds.count(), training.runs.count()
    if training.state != "done" or training.n_done != training.n_total:
        words.append(f"training {training.pk} is {training.state}, {training.n_done} of {training.n_total}")
    if (n_folds, n_networks) != (1, training.n_runs):
        words.append(f"training {training.pk} has {n_folds} folds and {n_networks} networks")
    if training.unfinished_name:
        words.append(f"training {training.pk} left {training.unfinished_name}")
    return words


def sign_in(wanted: dict[str, Any]) -> dict[str, Any]:
    from django.conf import settings
    from django.test import Client

    from tests.factories import make_user

    client = Client()
    client.force_login(make_user("root", is_staff=True))
    return {"cookie": client.cookies[settings.SESSION_COOKIE_NAME].value, "name": settings.SESSION_COOKIE_NAME}


def launch(wanted: dict[str, Any]) -> dict[str, Any]:
    """Launch a study of nothing but consent, instructions and trials; return a token for each bot."""
    from studyapp.services.bot_tokens import mint_bot_token
    from tests.studyapp.launched import BARE
    from tests.studyapp.launched import launch as launch_study

    n = wanted["clips"] // 2
    study = launch_study(slug=wanted["slug"], config=BARE, n_fake=n, n_real=n).study
    return {"tokens": [mint_bot_token(study=study, seed=1, time_scale=0.001) for _ in range(wanted["bots"])]}


if __name__ == "__main__":
    django.setup()
    what = {"begin": begin, "check": check, "sign_in": sign_in, "launch": launch}[sys.argv[1]]
    print(json.dumps(what(json.loads(sys.argv[2]) if sys.argv[2:] else {})))
