"""Mint and read the tokens that mark a session as simulated. Only this installation's key can make one."""

import math
from dataclasses import dataclass

from django.core import signing

from studyapp.errors import InvalidAction
from studyapp.models import Study
from studyapp.vocab import StudyState

SALT = "earwitness.bot"
MAX_AGE_S = 3600
SEED_LIMIT = 2**62
# A paused study too: nobody else is let in then, and bots take no place and are no data.
BOTS_IN = (StudyState.PILOT.value, StudyState.LIVE.value, StudyState.PAUSED.value)


@dataclass(frozen=True, kw_only=True)
class BotPass:
    """What a bot token grants: a session of this study and seed, its least times multiplied by time_scale."""

    study: str
    seed: int
    time_scale: float


def mint_bot_token(*, study: Study | str, seed: int, time_scale: float) -> str:
    """Return a token for one simulated participant, good for an hour.

    Raises InvalidAction unless 0 <= time_scale <= 1 and the seed fits 63 bits.
    """
    if not (math.isfinite(time_scale) and 0.0 <= time_scale <= 1.0):
        raise InvalidAction(f"time_scale {time_scale!r} is not in [0, 1]")
    if not -SEED_LIMIT <= seed < SEED_LIMIT:
        raise InvalidAction(f"seed {seed} does not fit 63 bits")
    slug = study if isinstance(study, str) else study.slug
    return signing.dumps({"study": slug, "seed": seed, "time_scale": time_scale}, salt=SALT)


def read_bot_token(token: str, *, study: Study | str) -> BotPass:
    """Return what the token grants. Raises InvalidAction when it is forged, too old, or of another study."""
    try:
        content = signing.loads(token, salt=SALT, max_age=MAX_AGE_S)
    except signing.BadSignature:
        raise InvalidAction("the bot token is not valid or is older than an hour") from None
    granted = BotPass(**content)
    slug = study if isinstance(study, str) else study.slug
    if granted.study != slug:
        raise InvalidAction("the bot token is for another study")
    return granted
