"""Any sequence of actions, sensible or not, leaves a session that makes sense."""

import random

import pytest
from django.db.models import Count

from studyapp.models import ChosenReason, Play, Presentation, Response, ScreeningTrial, Session, Trial
from studyapp.vocab import Step
from tests.studyapp.launched import Walker, launch

pytestmark = pytest.mark.django_db
STEPS = [step.value for step in Step]
ALLOWED = {200, 409, 422}


def draw_action(rng, state):
    """Return a likely or an unlikely action with a likely or an unlikely body."""
    position = rng.choice([0, 1, 2, 3, (state.get("trial") or state.get("screening") or {}).get("position", 0)])
    key = rng.choice(["a-repeated-key", f"key-{rng.getrandbits(60)}", f"key-{rng.getrandbits(60)}"])
    likely = {
        "device": ["device"],
        "consent": ["consent"],
        "eligibility": ["eligibility"],
        "volume": ["volume"],
        "screening": ["screening-play", "screening-answer"],
        "instructions": ["instructions"],
        "trials": ["play", "played", "answer", "reason", "continue"],
        "questions": ["questions"],
        "ended": ["play"],
    }[state["step"]]
    anything = [
        "device",
        "eligibility",
        "questions",
        "continue",
        "consent",
        "volume",
        "screening-play",
        "screening-answer",
        "instructions",
        "play",
        "played",
        "answer",
        "reason",
    ]
    name = rng.choice(likely if rng.random() < 0.8 else anything)
    bodies = {
        "device": {"kind": "desktop", "audio": True},
        "consent": {"agree": True, "ticks": ["take_part"]},
        "eligibility": {"answers": {"adult": "yes", "normal_hearing": "yes"}},
        "volume": {},
        "instructions": {"answers": {"noise": rng.choice(["true", "false"]), "anywhere": "true"}},
        "questions": {"answers": {"age": rng.choice(["12", "40", "old"])}},
        "continue": {"position": position},
        "screening-play": {"position": position},
        "screening-answer": {"position": position, "answer": rng.choice([1, 2, 3])},
        "play": {"position": position},
        "played": {"position": position, "heard_ms": 500},
        "answer": {"position": position, "choice": rng.choice(["real", "fake"]), "source": "bot"},
        "reason": {
            "position": position,
            "codes": rng.sample(["other", "repetitive", "unknown"], rng.choice([1, 1, 2])),
        },
    }
    return name, key, bodies[name]


def check(session, before, state):
    assert STEPS.index(state["step"]) >= STEPS.index(before["step"]), "a session never goes back"
    assert state["progress"]["done"] >= before["progress"]["done"]
    done = list(
        session.trials.filter(completed_at__isnull=False).order_by("position").values_list("position", flat=True)
    )
    assert done == list(range(len(done))), "trials are completed in order"
    assert Response.objects.filter(trial__session=session, trial__completed_at__isnull=True).count() <= 1
    assert not Trial.objects.filter(session=session, completed_at__isnull=False, response__isnull=True).exists()
    assert max(Presentation.objects.annotate(n=Count("plays")).values_list("n", flat=True), default=0) <= 2
    assert not ScreeningTrial.objects.filter(n_plays__gt=1).exists()
    fakes = Response.objects.filter(trial__session=session, choice="fake", trial__completed_at__isnull=False).count()
    assert ChosenReason.objects.filter(response__trial__session=session).count() == fakes
    assert bool(session.completion_code) == (session.outcome == "completed")
    if session.outcome == "completed":
        assert len(done) == state["progress"]["total"]


@pytest.mark.parametrize("seed", range(2))
def test_a_random_walk_keeps_the_session_whole(seed):
    config = {
        "screening": {"n_trials": 2, "pass_mark": 1, "attempts": 3},
        "channels": {"action": "record", "attempts": 1},
        "order": {"block_size": 2},
    }
    version = launch(n_fake=2, n_real=2, config=config)
    walker, rng = Walker(version.study, seed=seed), random.Random(seed)
    state = walker.state()
    seen = set()
    for _ in range(160):
        name, key, body = draw_action(rng, state)
        response = walker.send(name, key=key, **body)
        assert response.status_code in ALLOWED, (name, body, response.content)
        before, state = state, walker.state()
        if response.status_code == 200:
            assert response.json()["step"] == state["step"]
        if response.status_code == 409:
            assert response.json()["state"]["step"] == state["step"]
        check(Session.objects.get(), before, state)
        seen.add(response.status_code)
    assert {200, 409} <= seen
    assert Play.objects.exists()
