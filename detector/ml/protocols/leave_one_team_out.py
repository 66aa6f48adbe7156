"""`leave-one-team-out`: each team's fakes are evaluated by detectors that met nothing of that team."""

from collections.abc import Sequence

import numpy as np

from detector.ml.config import BadTraining, Protocol
from detector.ml.protocols.divide import divide, equal_shares
from detector.ml.protocols.draft import Draft
from detector.ml.protocols.groups import members, need_teams, sole_team, source_key, team_key
from detector.ml.splits import EVALUATION, TRAIN, VALIDATION, ClipFacts

MIN_TEAMS = 3


def leave_one_team_out(clips: Sequence[ClipFacts], rng: np.random.Generator) -> list[Draft]:
    """Return a fold for each team: it is evaluated, the next one in a random circle validates, the others train.

    Recordings are divided by source into as many parts as there are teams, each part going with its team. A source of
    fakes that one team alone made goes with that team.
    """
    need_teams(clips, Protocol.LEAVE_ONE_TEAM_OUT)
    teams = list(members(clips, team_key))
    if len(teams) < MIN_TEAMS:
        raise BadTraining(
            f"The fakes come from {len(teams)} team{'' if len(teams) == 1 else 's'}. leave-one-team-out needs at "
            f"least {MIN_TEAMS}: one to evaluate, one to validate, one to train on. Use another protocol."
        )
    n = len(teams)
    place_of = {teams[place]: turn for turn, place in enumerate(rng.permutation(n).tolist())}
    sources = members(clips, source_key)
    followers = {key: sole_team(group) for key, group in sources.items()}
    shared = {key: group for key, group in sources.items() if not followers[key]}
    parts = divide(shared, equal_shares(n), rng)
    parts |= {key: place_of[team] for key, team in followers.items() if team}

    def code_of(part: int, turn: int) -> int:
        return {0: EVALUATION, 1: VALIDATION}.get((part - turn) % n, TRAIN)

    return [
        Draft(
            name=team.partition(":")[2],
            own=[code_of(place_of[team_key(clip)], place_of[team]) if clip.is_fake else None for clip in clips],
            sources={key: code_of(part, place_of[team]) for key, part in parts.items()},
        )
        for team in teams
    ]
