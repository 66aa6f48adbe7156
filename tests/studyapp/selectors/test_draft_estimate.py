"""The estimate of a draft speaks of the sounds that a launch would present."""

import pytest

from studyapp.design.config_reading import read_config
from studyapp.models import Stimulus
from studyapp.selectors.draft_estimate import draft_estimate
from studyapp.services.study_create import create_study
from tests.factories import make_user
from tests.studyapp.launched import make_set

pytestmark = pytest.mark.django_db


def test_clips_in_doubt_and_catch_trials_count_as_a_launch_takes_them() -> None:
    sounds = make_set(n_fake=3, n_real=3)
    stimuli = list(Stimulus.objects.order_by("pk"))
    Stimulus.objects.update(duration_s=2.0)
    Stimulus.objects.filter(pk=stimuli[0].pk).update(label_in_doubt=True, duration_s=60.0)
    Stimulus.objects.filter(pk=stimuli[1].pk).update(name="some/folder/siren.wav", duration_s=30.0)
    config = {"slug": "s", "title": "S", "stimulus_set": sounds.slug, "attention": {"clips": {"siren": "fake"}}}
    study = create_study(config=config, owner=make_user("owner"))

    def minutes(**changes: object) -> tuple[int, float]:
        found = draft_estimate(study, read_config(config | {"task": {"reasons": {"after": "never"}}} | changes))
        return found.n_trials, found.trials * 60

    assert minutes() == (6, pytest.approx(4 * 2 + 60 + 30 + 6 * 4))
    assert minutes(sound={"leave_out_in_doubt": True}) == (5, pytest.approx(4 * 2 + 30 + 5 * 4))
