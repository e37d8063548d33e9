"""One shape for every log record: JSON (or console) with exactly one `action`, a time in UTC and named fields.

What must not be in a log, secrets and the content of reports, is taken out of every record before it is written.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from services.runtime.redaction import redacted

Format = Literal["json", "console"]


def configure(service: str, form: Format = "json", level: str = "info") -> None:
    """Sends records of this process to stderr; untrusted text can never start a new record or set a reserved key."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(event_key="action", colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _traceback(form),
            structlog.processors.EventRenamer("action"),
            _without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_on_stderr,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service)


def _traceback(form: Format) -> structlog.types.Processor:
    """Without local variables, for they hold content; plain text where it is for the console, which shows no other."""
    if form == "console":
        return structlog.processors.format_exc_info
    return structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def _without_secrets(_logger: object, _method: str, record: structlog.types.EventDict) -> structlog.types.EventDict:
    """Last before the renderer, so that it sees the texts of exceptions too."""
    return redacted(record)


def _on_stderr(*_: object) -> structlog.PrintLogger:
    """What stderr is now: a test or a wrapper may have put another one in its place since."""
    return structlog.PrintLogger(sys.stderr)


def logger() -> structlog.stdlib.BoundLogger:
    """A logger; its first argument is the action, for example `batch_recorded`."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger()
    return bound
