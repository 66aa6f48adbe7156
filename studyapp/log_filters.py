"""Keep participants' session tokens out of the logs: whoever reads a log could otherwise open a session."""

import logging
import re

_SESSION = re.compile(r"(/p/)[A-Za-z0-9_-]{16,}")


class HideTokens(logging.Filter):
    """Replaces the token in every logged participant address, and drops 409s there: the protocol's ordinary answers."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if not _SESSION.search(message):
            return True
        record.msg, record.args = _SESSION.sub(r"\1<session>", message), ()
        return getattr(record, "status_code", None) != 409
