"""A walker on a session that an experimenter's page began."""

import time
from typing import Any

from django.test import Client

from studyapp.models import Session
from tests.studyapp.launched import DURATION_S, Walker


class PreviewWalker(Walker):
    """Goes on from the session's address; sounds take their time, as they do for people."""

    def __init__(self, base: str) -> None:
        self.client, self.base, self.received = Client(), base, []
        self.token = base.split("/")[2]

    def hear(self, state: dict[str, Any]) -> dict[str, Any]:
        position = state["trial"]["position"]
        self.act("play", position=position)
        time.sleep(DURATION_S)
        return self.act("played", position=position, heard_ms=500.0, output_latency_ms=None)

    def leave(self) -> None:
        """Withdraw, which ends any step."""
        self.act("withdraw")
        assert not Session.objects.filter(token=self.token).exists()
