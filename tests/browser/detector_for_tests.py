"""Fill an installation with trainings for the browser tests: python -m tests.browser.detector_for_tests.

Runs in a process of its own, with the installation's EARWITNESS_DATA_DIR. Scores and reports are drawn, not computed.
"""

import django
import numpy as np

NAME, PASSWORD = "ada", "a password of the tests"


def main() -> None:
    django.setup()
    from detector.ml.checkpoint import dump
    from detector.services.comparison_plan import plan_comparison
    from detector.services.comparison_work import run_comparison
    from studyapp.models import Stimulus, User
    from studyapp.services import media
    from tests.detector.drawn_training import draw_training
    from tests.detector.material import give_audio, make_set
    from tests.detector.report_example import example_report, store_report

    User.objects.create_user(NAME, password=PASSWORD)
    clips = make_set("clips", n=60)
    Stimulus.objects.filter(label="fake").update(generator="system 01")
    give_audio(clips)
    done = draw_training(clips)  # training 1
    store_report(done, example_report(done))
    running = draw_training(clips, seed=1)  # training 2
    running.folds.all().delete()
    curve = np.linspace(0.5, 0.8, 10)[:, np.newaxis]
    content = dump({f"curve/{name}_accuracy": curve for name in ("train", "validation")}, {"fold": 0, "epoch": 10})
    later = dump(
        {f"curve/{name}_accuracy": np.vstack([curve, curve]) for name in ("train", "validation")},
        {"fold": 0, "epoch": 20},
    )
    names = [
        media.store(media.name_for("detector/unfinished", each, ".safetensors"), each) for each in (content, later)
    ]
    running.state, running.n_done, running.unfinished_name = "running", 15, names[0]
    running.save()
    other = draw_training(clips, seed=0, strength=0.2)  # training 3, with the clips of training 1 held out
    third = draw_training(clips, seed=0, strength=0.5)  # training 4
    run_comparison(comparison=plan_comparison(trainings=[done, other], n_resamples=200))
    plan_comparison(trainings=[other, third])  # waits for a worker that is not there
    control = draw_training(clips, seed=3, strength=0.0)  # training 5
    control.config["permute_labels"] = True
    control.save()
    store_report(control, example_report(control))
    print(names[1])  # the state that the test puts in its place


if __name__ == "__main__":
    main()
