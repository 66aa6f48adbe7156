"""Hold back a flood of starts from one address. Generous: a lecture hall shares one."""

import time

from django.conf import settings
from django.core.cache import cache

WINDOW_S = 60


def may_start(address: str | None) -> bool:
    """Count a start from the address in this minute; return whether it keeps within STARTS_PER_MINUTE.

    Each web process counts for itself, in its memory, and the address is nowhere else. None, an address that is not
    known, is never held back: it may be everybody's.
    """
    if address is None:
        return True
    key = f"starts:{address}:{int(time.time()) // WINDOW_S}"
    cache.add(key, 0, timeout=2 * WINDOW_S)
    try:
        return cache.incr(key) <= settings.STARTS_PER_MINUTE
    except ValueError:  # so many addresses that this one was pushed out
        return True
