"""What every log line says of its surroundings: the request that is being answered, the job that is being done."""

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
job: ContextVar[str] = ContextVar("job", default="")


class AddContext(logging.Filter):
    """Gives each record the attributes request_id and job, and `where`, both in one for lines of text."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = {"request": request_id.get(), "job": job.get()}
        where = "".join(f"[{name}={value}] " for name, value in known.items() if value)
        record.__dict__.update(request_id=known["request"], job=known["job"], where=where)
        return True
