"""Fill an installation with a study that machines judged: python -m tests.browser.machines_for_tests.

Runs in a process of its own, with the installation's EARWITNESS_DATA_DIR. Prints the address of the study's results.
"""

import django
import numpy as np

NAME, PASSWORD = "ada", "a password of the tests"
N_OF_CLASS, N_SESSIONS = 24, 7


def main() -> None:
    django.setup()
    from studyapp.models import Machine, MachineScore, Stimulus, User
    from studyapp.vocab import Label
    from tests.detector.material import give_audio
    from tests.factories import make_machine, make_session, make_version

    owner = User.objects.create_user(NAME, password=PASSWORD)
    categories = ("dog_bark", "rain", "footstep")
    version = make_version(slug="ears", n_fake=N_OF_CLASS, n_real=N_OF_CLASS, categories=categories, owner=owner)
    give_audio(version.study.stimulus_set, seconds=0.2)
    stimuli = list(Stimulus.objects.order_by("pk"))
    for place, stimulus in enumerate(stimuli):
        stimulus.generator = f"system {place % 3}" if stimulus.label == Label.FAKE else ""
        stimulus.save()
    rng = np.random.default_rng(3)
    is_fake = np.array([stimulus.label == Label.FAKE for stimulus in stimuli])
    sounds_fake = np.where(is_fake, 0.62, 0.3) + rng.normal(0, 0.2, len(stimuli))
    for _ in range(N_SESSIONS):
        said = rng.random(len(stimuli)) < sounds_fake
        make_session(version, says_fake=lambda frozen, index, said=said: bool(said[index]))
    scored = Machine.objects.create(slug="cnn14", title="CNN14, trained on the development split")
    scores = np.clip(
        np.where(is_fake, 0.7, 0.35) + 0.4 * (sounds_fake - 0.45) + rng.normal(0, 0.18, len(stimuli)), 0, 1
    )
    MachineScore.objects.bulk_create(
        MachineScore(machine=scored, stimulus=stimulus, fake_score=score, decision="fake" if score >= 0.5 else "real")
        for stimulus, score in zip(stimuli, scores, strict=True)
    )
    errors = make_machine(version, is_right=lambda frozen, index: False, slug="errors-only")
    errors.scores.update(fake_score=None)
    print(f"/studies/{version.study.slug}/analysis/")


if __name__ == "__main__":
    main()
