"""Which clips belong together: cuts of one recording, what was made from it, and the fakes of one team."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from detector.ml.config import BadTraining, Protocol
from detector.ml.splits import ClipFacts

BY_TEAM = (Protocol.LEAVE_ONE_TEAM_OUT, Protocol.CROSS_TRACK)
KeyOf = Callable[[ClipFacts], str]


def group_keys(protocol: Protocol, clip: ClipFacts) -> tuple[str, ...]:
    """Return the groups of a clip that no fold of the protocol puts into two splits.

    `paper` keeps no group together: there, it is the groups whose division its facts report.

    Examples
    --------
    >>> clip = ClipFacts(key="a", is_fake=True, team="Lee", source_group="dog 7")
    >>> group_keys(Protocol.GROUPED, clip), group_keys(Protocol.LEAVE_ONE_TEAM_OUT, clip)
    (('source:dog 7',), ('source:dog 7', 'team:Lee'))
    """
    keys = [source_key(clip)]
    if protocol in BY_TEAM or protocol is Protocol.PAPER:
        keys.append(team_key(clip))
    if protocol is Protocol.LEAVE_ONE_CLASS_OUT:
        keys.append(f"category:{clip.category}")
    return tuple(key for key in keys if key)


def source_key(clip: ClipFacts) -> str:
    """Return the recording that a clip comes from, whatever its label; empty for a fake made from none.

    A recording without a `source_group` is its own.
    """
    if clip.source_group:
        return f"source:{clip.source_group}"
    return "" if clip.is_fake else f"clip:{clip.key}"


def team_key(clip: ClipFacts) -> str:
    """Return who made a fake: the team, else the generator; empty where neither is known, and for recordings."""
    name = clip.team or clip.generator
    return f"team:{name}" if clip.is_fake and name else ""


def members(clips: Sequence[ClipFacts], key_of: KeyOf) -> dict[str, list[ClipFacts]]:
    """Return the clips of each group, the groups in order of their key. Clips without a group are left out."""
    groups: defaultdict[str, list[ClipFacts]] = defaultdict(list)
    for clip in clips:
        if key := key_of(clip):
            groups[key].append(clip)
    return dict(sorted(groups.items()))


def sole_team(group: Sequence[ClipFacts]) -> str:
    """Return the team of a group of fakes that one team made; empty where there are recordings, or several teams."""
    teams = {team_key(clip) for clip in group}
    return teams.pop() if len(teams) == 1 else ""


def need_teams(clips: Sequence[ClipFacts], protocol: Protocol) -> None:
    """Raise BadTraining where the maker of a fake is not known, or known for some clips of a generator only."""
    n_unknown = sum(clip.is_fake and not team_key(clip) for clip in clips)
    if n_unknown:
        raise BadTraining(
            f"{n_unknown} of the fake clips have neither a team nor a generator, which {protocol.value} divides by. "
            "Import them with a manifest that fills in one of these columns."
        )
    named = {clip.generator for clip in clips if clip.is_fake and clip.team}
    if halves := sorted({clip.generator for clip in clips if clip.is_fake and not clip.team} & named - {""}):
        raise BadTraining(
            f"Of the generator {halves[0]!r} some clips have a team and some have none, so that {protocol.value} would "
            "put one generator into two teams. Fill in the column team for all of them, or for none."
        )
