"""Corpora for the protocols: the challenge's own shape, and whatever hypothesis thinks of."""

import hashlib
from dataclasses import replace

from hypothesis import strategies as st

from detector.ml.splits import ClipFacts
from studyapp.services.stimulus_layouts import DCASE_2023_TEAMS

CATEGORIES = ("dog_bark", "footstep", "gunshot", "keyboard", "moving_motor_vehicle", "rain", "sneeze_cough")


def keyed(clips: list[ClipFacts]) -> list[ClipFacts]:
    """Give each clip a content hash of its own, and sort by it."""
    hashed = [replace(clip, key=hashlib.sha256(str(place).encode()).hexdigest()) for place, clip in enumerate(clips)]
    return sorted(hashed, key=lambda clip: clip.key)


def challenge(*, n_fake: int = 4, n_sources: int = 12, cuts: int = 3) -> list[ClipFacts]:
    """Return the challenge in small: every system with n_fake clips a class, and recordings cut several times."""
    clips = [
        ClipFacts(key="", is_fake=True, category=category, generator=system, team=team, track=system[1])
        for system, team in DCASE_2023_TEAMS.items()
        for category in CATEGORIES
        for _ in range(n_fake)
    ]
    clips += [
        ClipFacts(key="", is_fake=True, category=category, generator="Baseline", team="DCASE organisers")
        for category in CATEGORIES
        for _ in range(n_fake)
    ]
    clips += [
        ClipFacts(
            key="", is_fake=False, category=category, source_group=f"{category} {source}",
            original_split="eval" if source % 6 == 0 else "dev",
        )
        for category in CATEGORIES
        for source in range(n_sources)
        for _ in range(cuts)
    ]  # fmt: skip
    return keyed(clips)


def words(stem: str, n: int) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(f"{stem} {number}" for number in range(n))])


CLIP = st.builds(
    ClipFacts,
    key=st.just(""),
    is_fake=st.booleans(),
    category=words("class", 4),
    generator=words("generator", 6),
    team=words("team", 5),
    track=st.sampled_from(["", "A", "B", "A", "B", "C"]),
    source_group=words("recording", 12),
    original_split=st.sampled_from(["", "dev", "eval", "test"]),
)
CARELESS = st.lists(CLIP, max_size=120).map(keyed)  # most of it is refused


@st.composite
def sound_corpora(draw: st.DrawFn) -> list[ClipFacts]:
    """Return a corpus that every protocol can divide: filled in, several teams in each track, unpaired recordings."""
    n_classes, n_teams = draw(st.integers(3, 5)), draw(st.integers(2, 4))
    teams = {f"{track}{number}": track for track in "AB" for number in range(n_teams)}
    classes = [f"class {number}" for number in range(n_classes)]
    clips = [
        ClipFacts(key="", is_fake=True, category=category, generator=f"system of {team}", team=team, track=track)
        for team, track in teams.items()
        for category in classes
        for _ in range(draw(st.integers(1, 4)))
    ]
    clips += [
        ClipFacts(
            key="",
            is_fake=False,
            category=category,
            source_group=f"{category} {source}",
            original_split=draw(st.sampled_from(["dev", "eval"])) if source > 2 else ("dev", "dev", "eval")[source],
        )
        for category in classes
        for source in range(draw(st.integers(4, 8)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    return keyed(clips)


ODD = st.builds(
    ClipFacts,
    key=st.just(""),
    is_fake=st.booleans(),
    category=st.sampled_from([f"class {number}" for number in range(4)]),
    generator=words("odd generator", 3),
    team=st.sampled_from(["A0", "A1", "B0", "B1", "odd team", "odder team"]),
    track=st.sampled_from(["", "A", "B"]),
    source_group=st.sampled_from(["", "class 0 0", "class 0 1", "class 1 0", "class 2 3", "odd 0", "odd 1", "odd 2"]),
    original_split=st.sampled_from(["", "dev", "eval"]),
)


@st.composite
def odd_corpora(draw: st.DrawFn) -> list[ClipFacts]:
    """Return a sound corpus with odd clips: resyntheses, recordings over several classes, teams in both tracks."""
    return keyed([*draw(sound_corpora()), *draw(st.lists(ODD, max_size=40))])


ANY_CORPUS = st.one_of(CARELESS, odd_corpora(), odd_corpora(), odd_corpora())
