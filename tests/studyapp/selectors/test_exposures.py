"""What counts as heard: completed sessions and open ones, never those that were given up."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from studyapp.models import FrozenStimulus, Session
from studyapp.selectors.exposures import exposures
from studyapp.vocab import Origin
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db
NEVER = {"reasons": {"after": "never"}}


def spread(session):
    """Return the largest difference of exposure between two sounds of one label, seen from another session."""
    counts = exposures(session)
    by_label = {}
    for frozen in FrozenStimulus.objects.all():
        by_label.setdefault(frozen.label, []).append(counts.get(frozen.pk, 0))
    return max(max(heard) - min(heard) for heard in by_label.values())


def test_each_participant_hears_the_least_heard_sounds_whoever_gives_up():
    version = launch(n_fake=5, n_real=5, config=BARE | {"task": NEVER, "order": {"n_stimuli": 4}})
    rng = random.Random(3)
    onlooker = Session.objects.get(token=Walker(version.study, seed=999).token)
    outcomes = Counter()
    for seed in range(24):
        walker = Walker(version.study, seed=seed)
        state = walker.to_trials()
        assert state["trial"]["n_trials"] == 4
        way = rng.choice(["complete", "complete", "withdraw", "time out"])
        outcomes[way] += 1
        if way == "complete":
            walker.to("ended")
        elif way == "withdraw":
            walker.act("withdraw")
        else:
            Session.objects.filter(token=walker.token).update(started_at=timezone.now() - timedelta(hours=4))
        assert spread(onlooker) <= 1
    assert min(outcomes.values()) >= 3
    assert sum(exposures(onlooker).values()) == 4 * outcomes["complete"]


def test_an_open_session_counts_until_its_time_is_over():
    version = launch(n_fake=1, n_real=1, config=BARE | {"task": NEVER})
    walker, other = Walker(version.study, seed=1), Walker(version.study, seed=2)
    onlooker = Session.objects.get(token=other.token)
    walker.to_trials()
    assert set(exposures(onlooker).values()) == {1}
    Session.objects.filter(token=walker.token).update(started_at=timezone.now() - timedelta(minutes=181))
    assert exposures(onlooker) == {}


def test_a_sound_that_could_not_be_played_was_not_heard():
    version = launch(n_fake=1, n_real=1, config=BARE | {"task": NEVER})
    walker, other = Walker(version.study, seed=1), Walker(version.study, seed=2)
    walker.to_trials()
    walker.act("skip", position=0, problem="decode")
    walker.to("ended")
    counts = exposures(Session.objects.get(token=other.token))
    assert sorted(counts.values()) == [1]


def test_exclusions_and_other_origins_do_not_count():
    version = launch(n_fake=1, n_real=1, config=BARE | {"task": NEVER})
    onlooker = Session.objects.get(token=Walker(version.study, seed=9).token)
    walker = Walker(version.study, seed=1)
    walker.to("ended")
    session = Session.objects.get(token=walker.token)
    session.exclusions.create(reason="manual")
    assert exposures(onlooker) == {}
    session.exclusions.all().delete()
    assert len(exposures(onlooker)) == 2
    Session.objects.filter(pk=session.pk).update(origin=Origin.PREVIEW.value, time_scale=1.0)
    assert exposures(onlooker) == {}
