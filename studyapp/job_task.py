"""What every task is: it takes the number of one row, and nothing else."""

import logging
from typing import Any

from celery import Task

logger = logging.getLogger(__name__)
LARGEST = 2**63 - 1  # of a key in the database


class JobTask(Task):  # type: ignore[type-arg]
    """A message with other arguments is not from this version, or not from Earwitness: it is logged and dropped."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) != 1 or type(args[0]) is not int or not 0 < args[0] <= LARGEST:
            given = ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())])
            logger.error(
                "%s takes the number of one row; a message with (%s) was dropped. Only Earwitness may write to its "
                "queues.", self.name, given[:200],
            )  # fmt: skip
            return None
        return super().__call__(*args)
