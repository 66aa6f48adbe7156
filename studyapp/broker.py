"""The brokers' transports, which drop a message that is none instead of ending the worker that took it.

kombu reads a message before anything of Celery's looks at it: text that is no JSON, or JSON that is no message, is an
error that no worker survives. What can be read, but names an unknown task or another format, Celery logs and drops.
studyapp.celery names these transports to kombu, which loads them when it connects.
"""

import logging
from json import JSONDecodeError
from queue import Empty
from typing import Any

from kombu.transport import filesystem, redis, virtual

logger = logging.getLogger(__name__)
UNREADABLE = (JSONDecodeError, UnicodeDecodeError)


class RedisChannel(redis.Channel):
    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]
        except UNREADABLE as error:  # it was taken from the queue, and nobody else gets it
            _say_dropped(f"it is no JSON ({error})")
            return None


class FilesChannel(filesystem.Channel):
    def _get(self, queue: str, timeout: float | None = None) -> Any:
        try:
            return super()._get(queue)
        except UNREADABLE as error:
            _say_dropped(f"it is no JSON ({error})")
            raise Empty from None


class _Careful(virtual.Transport):
    def _deliver(self, message: Any, queue: str | None) -> None:
        """Hand a message on, after a trial of all that a channel does with one before a consumer sees it."""
        try:
            read = self.Channel.Message(message, channel=next(iter(self.channels or ()), None))
            for word in ("exchange", "routing_key"):
                read.delivery_info[word]
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            _say_dropped(f"it lacks what a message has ({type(error).__name__}: {error})")
        else:
            super()._deliver(message, queue)


class Redis(_Careful, redis.Transport):
    Channel = RedisChannel


class Files(_Careful, filesystem.Transport):
    Channel = FilesChannel


def _say_dropped(reason: str) -> None:
    logger.error("a message in the broker was dropped: %s. Only Earwitness may write to its queues.", reason)
