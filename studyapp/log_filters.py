"""Keep tokens out of the logs: whoever reads a log could otherwise open a session, or take an invitation."""

import logging
import re

_SESSION = re.compile(r"(/p/)[A-Za-z0-9_-]{16,}")
_INVITATION = re.compile(r"(/invitations/)[A-Za-z0-9_-]{16,}")
_LINK = re.compile(r"([?&](?:pilot|bot|preview)=)[A-Za-z0-9_:.-]+")


def without_tokens(text: str) -> str:
    """Return the text with the token of every session's, pilot's and bot's address and every invitation replaced."""
    return _INVITATION.sub(r"\1<invitation>", _LINK.sub(r"\1<token>", _SESSION.sub(r"\1<session>", text)))


class HideTokens(logging.Filter):
    """Replaces the tokens in logged addresses, and drops participants' 409s: the protocol's ordinary answers."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = without_tokens(message)
        if hidden == message:
            return True
        record.msg, record.args = hidden, ()
        return not _SESSION.search(message) or getattr(record, "status_code", None) != 409
