"""Which clips of a set are meant by names: the whole name, or the file's stem where it is unique. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping


def find_clips(names: Mapping[int, str], asked: Iterable[str]) -> dict[str, int | None]:
    """Return asked name -> key of the clip; None where no clip, or more than one, is meant.

    >>> find_clips({1: "real/rain/a.wav", 2: "fake/rain/b.wav", 3: "fake/dog/b.wav"}, ["a", "b", "fake/dog/b.wav"])
    {'a': 1, 'b': None, 'fake/dog/b.wav': 3}
    """
    by_name = {name: key for key, name in names.items()}
    stems = Counter(_stem(name) for name in names.values())
    by_stem = {_stem(name): key for key, name in names.items() if stems[_stem(name)] == 1}
    return {name: by_name.get(name, by_stem.get(name)) for name in asked}


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
