"""Nothing that a participant receives tells real from fake, but the sound: over 200 sounds of each label.

Each planted leak makes the audit fail, so it can.
"""

import hashlib
import time
from types import SimpleNamespace

import numpy as np
import pytest
from django.test.testcases import QuietWSGIRequestHandler

from studyapp.models import Presentation, SetMember, Stimulus, StimulusSet
from studyapp.services import media, trial_plan
from studyapp.services.launch import launch_study
from studyapp.services.study_create import create_study
from studyapp.sound.audit import measure
from studyapp.sound.wav import encode_pcm16
from studyapp.views import participant
from tests.leak_audit import Audit, encodings, find_canaries, permutation_p, wav_chunks
from tests.studyapp.launched import BARE

N_PER_CLASS = 200
RATE_HZ = 8000
GENERATOR = "canarygenerator"


def make_study():
    """Launch a study of equally long sounds of two labels; nothing in their samples depends on the label."""
    rng = np.random.default_rng(5)
    stimulus_set = StimulusSet.objects.create(slug="canaryset")
    stimuli = []
    for number in range(2 * N_PER_CLASS):
        label = "fake" if number < N_PER_CLASS else "real"
        samples = (0.1 * rng.standard_normal(400)).astype(np.float32)
        content = encode_pcm16(samples, RATE_HZ)
        stimuli.append(
            Stimulus(
                home_set=stimulus_set,
                sha256=hashlib.sha256(content).hexdigest(),
                name=f"{label}/canaryname{number:04d}.wav",
                label=label,
                category="rain",
                generator=GENERATOR if label == "fake" else "",
                audio_path=media.store(media.name_for("audio", content, ".wav"), content),
                container="WAV",
                subtype="PCM_16",
                n_bytes=len(content),
                **measure(samples, RATE_HZ).__dict__,
            )
        )
    Stimulus.objects.bulk_create(stimuli)
    SetMember.objects.bulk_create(
        SetMember(stimulus_set=stimulus_set, stimulus=stimulus, position=place)
        for place, stimulus in enumerate(Stimulus.objects.order_by("pk"))
    )
    config = {"slug": "blind", "title": "A study", "stimulus_set": "canaryset", **BARE, "order": {"block_size": None}}
    return launch_study(study=create_study(config=config, owner=None))


def labels_by_token():
    return dict(Presentation.objects.values_list("token", "frozen_stimulus__label"))


@pytest.fixture
def audit(transactional_db, live_server, monkeypatch):
    # Else every answer waits 40 ms for the acknowledgement of its head.
    monkeypatch.setattr(QuietWSGIRequestHandler, "disable_nagle_algorithm", True)
    version = make_study()
    few = list(Stimulus.objects.order_by("pk").values_list("sha256", "name", "audio_path"))[:: N_PER_CLASS // 4]
    copies = list(version.frozen_stimuli.order_by("pk").values_list("copy_path", flat=True))[:: N_PER_CLASS // 4]
    canaries = ["canaryset", "canaryname", GENERATOR, version.sha256, *copies, *(text for row in few for text in row)]

    def run():
        truth = {}

        def is_fake(token):
            if token not in truth:
                truth.update(labels_by_token())
            return truth[token] == "fake"

        return Audit(live_server.url, "blind", is_fake, canaries).run()

    return run


def test_nothing_but_the_sound_tells_real_from_fake(audit):
    assert audit() == []


def test_a_name_in_a_header_is_found(audit, monkeypatch):
    plain = participant.privately

    def named(response):
        if response["Content-Type"] == "audio/wav":
            response["X-Original"] = f"{GENERATOR}.wav"
        return plain(response)

    monkeypatch.setattr(participant, "privately", named)
    findings = audit()
    assert any("header x-original" in finding for finding in findings)
    assert any(f"sound holds {GENERATOR} (plain)" in finding for finding in findings)


def test_a_tag_in_a_sound_is_found(audit, monkeypatch):
    plain = media.read

    def tagged(name):
        content = plain(name)
        tag = encodings(GENERATOR)["reversed"]
        return content + b"LIST" + len(tag).to_bytes(4, "little") + tag if name.startswith("presentation") else content

    monkeypatch.setattr(participant.media, "read", tagged)
    findings = audit()
    assert any("LIST" in finding for finding in findings)
    assert any("(reversed)" in finding for finding in findings)


def test_real_sounds_first_are_found(audit, monkeypatch):
    plain = trial_plan.plan_session

    def reals_first(items, **given):
        label = {item.key: item.label for item in items}
        return sorted(plain(items, **given), key=lambda trial: label[trial.keys[0]] != "real")

    monkeypatch.setattr(trial_plan, "plan_session", reals_first)
    assert any("predict the label" in finding for finding in audit())


def test_labels_that_alternate_are_found(audit, monkeypatch):
    plain = trial_plan.plan_session

    def alternating(items, **given):
        label = {item.key: item.label for item in items}
        planned = plain(items, **given)
        sides = [[trial for trial in planned if label[trial.keys[0]] == side] for side in ("real", "fake")]
        return [trial for pair in zip(*sides, strict=True) for trial in pair]

    monkeypatch.setattr(trial_plan, "plan_session", alternating)
    assert any("predict the label" in finding for finding in audit())


def test_one_token_for_two_people_is_found(audit, monkeypatch):
    numbers = iter(list(range(2 * N_PER_CLASS)) * 2)
    # The constraint of the database forbids it within an installation: the second session gets another ending.
    seen = set()

    def told(n_bytes):
        token = hashlib.sha256(f"{next(numbers)}".encode()).hexdigest()[:22]
        if token in seen:
            Presentation.objects.filter(token=token).update(token=f"{token}-old")
        seen.add(token)
        return token

    monkeypatch.setattr(trial_plan, "secrets", SimpleNamespace(token_urlsafe=told))
    assert any("shared by two people" in finding for finding in audit())


def test_a_token_that_begins_with_the_label_is_found(audit, monkeypatch):
    plain = trial_plan.plan_session
    order = []

    def noted(items, **given):
        label = {item.key: item.label for item in items}
        planned = plain(items, **given)
        order[:] = [label[trial.keys[0]] for trial in planned]
        return planned

    original = trial_plan.secrets.token_urlsafe

    def told(n_bytes):
        token = original(n_bytes)
        return token if order.pop(0) == "fake" else f"z{token[1:]}"

    monkeypatch.setattr(trial_plan, "plan_session", noted)
    monkeypatch.setattr(trial_plan, "secrets", SimpleNamespace(token_urlsafe=told))
    assert any("predict the label" in finding for finding in audit())


def test_sounds_of_one_label_that_take_longer_are_found(audit, monkeypatch):
    plain = participant.sound_path
    slow = {}

    def late(*, session_token, sound_token):
        if sound_token not in slow:
            slow.update(labels_by_token())
        if slow.get(sound_token) == "fake":
            time.sleep(0.003)
        return plain(session_token=session_token, sound_token=sound_token)

    monkeypatch.setattr(participant, "sound_path", late)
    assert any("predict the label" in finding for finding in audit())


# --- The audit's own parts --------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_canary_is_found_however_it_is_written():
    for name, form in encodings("canaryword").items():
        assert find_canaries(b"..." + form + b"...", ["canaryword"]), name
    import base64

    for shift in range(3):
        assert find_canaries(base64.b64encode(b"x" * shift + b"canaryword and more"), ["canaryword"]), shift
    assert find_canaries(b"nothing of it here", ["canaryword"]) == []


@pytest.mark.once
def test_chunks_of_a_wav_file_are_read():
    plain = encode_pcm16(np.zeros(3), 8000)
    assert wav_chunks(plain) == [b"fmt ", b"data"]
    assert wav_chunks(plain + b"LIST\x04\x00\x00\x00abcd") == [b"fmt ", b"data", b"LIST"]


@pytest.mark.once
def test_chance_gives_chance():
    rng = np.random.default_rng(3)
    is_fake = np.arange(400) < 200
    p_values = [permutation_p(rng.random((400, 40)), rng.permutation(is_fake), seed=seed) for seed in range(20)]
    assert min(p_values) > 0.001
    assert 0.2 < np.median(p_values) < 0.8
