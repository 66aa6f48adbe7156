"""Which device this process computes on: as a job asks, else as the installation is set."""

from django.conf import settings


def device_of(asked: str) -> str:
    """Return "cpu" or "cuda". "auto" is what EARWITNESS_DEVICE says; where that says auto too, a GPU if there is one.

    Raises NoDevice where the device is not there. Imports torch: on workers and in commands only.
    """
    from detector.ml.device import prepare_device

    return prepare_device(settings.DEVICE if asked == "auto" else asked)
