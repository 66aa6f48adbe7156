"""How long a session takes, as far as its sounds say. Pure."""

SECONDS_PER_ANSWER = 4.0  # what answering takes beside listening


def session_minutes(*, n_sounds: int, sounds_s: float, n_screening: int = 0, screening_s: float = 0.0) -> float:
    """Return the estimated length of a session, minutes: all sounds once, and 4 s for each answer.

    Parameters
    ----------
    n_sounds, sounds_s
        Number of sounds, and their durations together, seconds.
    n_screening, screening_s
        Trials of one attempt at the headphone screening, and the duration of one of them, seconds.

    Examples
    --------
    >>> session_minutes(n_sounds=60, sounds_s=240.0, n_screening=6, screening_s=4.0)
    8.8
    """
    listening_s = sounds_s + n_screening * screening_s
    return (listening_s + SECONDS_PER_ANSWER * (n_sounds + n_screening)) / 60
