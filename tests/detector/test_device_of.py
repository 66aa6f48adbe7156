"""Where a job computes: as it asks, else as the installation is set; and that messages are taken as they must be."""

from typing import Any

import pytest
import torch
from django.conf import settings as configured

from detector.ml.device import NoDevice
from detector.services.device import device_of
from detector.services.embedding_work import CLIPS_AT_ONCE, SECONDS_AT_ONCE, _parts
from studyapp.models import Stimulus

pytestmark = pytest.mark.once


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_auto_is_the_setting_and_what_was_asked_for_beats_it(settings: Any) -> None:
    settings.DEVICE = "cuda"
    with pytest.raises(NoDevice):
        device_of("auto")
    assert device_of("cpu") == "cpu"
    settings.DEVICE = "auto"
    assert device_of("auto") == "cpu"


def test_parts_are_bounded_in_clips_and_in_seconds() -> None:
    short, long = ([Stimulus(pk=n, duration_s=s) for n in range(20)] for s in (1.0, 60.0))
    assert [len(part) for part in _parts(short, "cpu")] == [8, 8, 4]
    assert [len(part) for part in _parts(long, "cpu")] == [1] * 20
    assert [len(part) for part in _parts(long, "cuda")] == [10, 10]
    assert [each.pk for part in _parts(long, "cuda") for each in part] == list(range(20))
    assert set(CLIPS_AT_ONCE) == set(SECONDS_AT_ONCE) == {"cpu", "cuda"}


def test_messages_are_acknowledged_late_taken_one_by_one_and_come_again() -> None:
    assert configured.CELERY_TASK_ACKS_LATE and configured.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert configured.CELERY_WORKER_PREFETCH_MULTIPLIER == configured.CELERY_WORKER_CONCURRENCY == 1
    assert configured.CELERY_WORKER_POOL == "solo"
    if configured.REDIS_URL:
        options = configured.CELERY_BROKER_TRANSPORT_OPTIONS
        assert options["visibility_timeout"] > 256 * 60 * 0.4 and options["unacked_restore_throttle"] == 1
