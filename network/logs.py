"""Logs: one JSON object a line, and no query strings, which may hold the names of patients."""

from __future__ import annotations

from typing import Any

import structlog


def without_query(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Cut the query string off the request that an event names."""
    if "request" in event:
        event["request"] = str(event["request"]).partition("?")[0]
    return event


def configure() -> None:
    """Let structlog write through the standard library, whose levels the settings say."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            without_query,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
