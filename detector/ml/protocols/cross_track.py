"""`cross-track`: detectors trained on the systems of one challenge track are evaluated on those of the other."""

from collections.abc import Mapping, Sequence

import numpy as np

from detector.ml.config import BadTraining, Protocol
from detector.ml.protocols.divide import divide, equal_shares
from detector.ml.protocols.draft import Draft, Wish
from detector.ml.protocols.groups import members, need_teams, sole_team, source_key, team_key
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION, ClipFacts

VALIDATION_PART = 1 / 8
NO_TRACK = "it has no track"
TEAM_IN_BOTH = "its team has systems in the evaluated track"


def cross_track(clips: Sequence[ClipFacts], rng: np.random.Generator) -> list[Draft]:
    """Return two folds, A to B and B to A. Fakes without a track are left out of both.

    A team with systems in both tracks is evaluated, and left out of training. An eighth of the other teams of the
    trained track, at least one, validates. Recordings are divided by source into two halves, one for each fold to
    evaluate; an eighth of the other half validates.
    """
    tracks = sorted({clip.track for clip in clips if clip.is_fake and clip.track})
    if len(tracks) != 2:
        found = f"these: {', '.join(tracks)}" if tracks else "none"
        raise BadTraining(
            f"cross-track needs fakes of exactly two tracks, and there are {found}. "
            "Import them with a manifest that fills in the column track, or use another protocol."
        )
    need_teams([clip for clip in clips if clip.track], Protocol.CROSS_TRACK)
    sources = members(clips, source_key)
    followers = {key: sole_team(group) for key, group in sources.items()}
    halves = divide({key: sources[key] for key in sources if not followers[key]}, equal_shares(2), rng)
    drafts = []
    for number, (trained, evaluated) in enumerate(((tracks[0], tracks[1]), (tracks[1], tracks[0]))):
        teams = _team_codes(clips, trained, evaluated, rng)
        rest = {key: sources[key] for key, half in halves.items() if half != number}
        codes = {key: EVALUATION for key, half in halves.items() if half == number}
        codes |= divide(rest, (1 - VALIDATION_PART, VALIDATION_PART), rng)
        codes |= {key: teams[team] for key, team in followers.items() if team in teams}
        drafts.append(
            Draft(name=f"{trained} to {evaluated}", own=[_own(clip, teams, evaluated) for clip in clips], sources=codes)
        )
    return drafts


def _team_codes(clips: Sequence[ClipFacts], trained: str, evaluated: str, rng: np.random.Generator) -> dict[str, int]:
    tracks = {team: {clip.track for clip in group} for team, group in members(clips, team_key).items()}
    codes = {team: EVALUATION for team, found in tracks.items() if evaluated in found}
    rest = [team for team, found in tracks.items() if trained in found and team not in codes]
    if len(rest) < 2:
        raise BadTraining(
            f"Track {trained} has {len(rest)} team{'' if len(rest) == 1 else 's'} that track {evaluated} has not. "
            "cross-track needs at least 2 in each: one to train on, one to validate. Use another protocol."
        )
    n_validation = max(1, round(len(rest) * VALIDATION_PART))
    order = [rest[place] for place in rng.permutation(len(rest))]
    return codes | dict.fromkeys(order[:n_validation], VALIDATION) | dict.fromkeys(order[n_validation:], TRAIN)


def _own(clip: ClipFacts, teams: Mapping[str, int], evaluated: str) -> Wish:
    if not clip.is_fake:
        return None
    if not clip.track:
        return NO_TRACK
    code = teams[team_key(clip)]
    if clip.track != evaluated and code == EVALUATION:
        return TEAM_IN_BOTH
    return code
