"""Place catch trials among the others. Pure."""

from studyapp.design.orders import stream


def place_catch(n_trials: int, n_catch: int, *, seed: int) -> list[int]:
    """Return before which of the trials (from 0) each catch trial comes, in rising order.

    One falls in each of n_catch equal stretches of the session, at a place drawn at random; none comes first, and no
    two come next to each other.

    Raises
    ------
    ValueError
        When there are fewer than two trials for each catch trial.
    """
    if 2 * n_catch > n_trials:
        raise ValueError(f"{n_catch} catch trials do not fit among {n_trials} trials")
    rng = stream(seed, "catch")
    places = []
    for number in range(n_catch):
        start, stop = max(1, number * n_trials // n_catch), (number + 1) * n_trials // n_catch
        places.append(start + int(rng.random() * (stop - start)))
    return places
