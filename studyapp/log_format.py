"""How a log line is written: as text, or as one JSON object. Both hide session tokens, in tracebacks too."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from studyapp.log_filters import without_tokens


class LineFormatter(logging.Formatter):
    """Lines of text."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))


class ObjectFormatter(logging.Formatter):
    """One JSON object in each line. Nothing else of a record is written: others put whole requests into theirs."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            "job": getattr(record, "job", ""),
            "process": record.process,
        }
        if (status := getattr(record, "status_code", None)) is not None:
            said["status"] = status
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(said, ensure_ascii=False, default=str))


def gunicorn_logging(log_format: str) -> dict[str, Any]:
    """Return gunicorn's configuration of its own lines: `line`, or `json` objects."""
    handler = {"class": "logging.StreamHandler", "formatter": log_format}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "studyapp.log_format.ObjectFormatter"},
            "line": {
                "()": "studyapp.log_format.LineFormatter",
                "format": "{asctime} {levelname} {name} {message}",
                "style": "{",
            },
        },
        "handlers": {"console": handler},
        "root": {"level": "INFO", "handlers": ["console"]},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
    }
