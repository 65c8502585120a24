"""System checks of the database server; `manage.py migrate` and `check --database` run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

# The first releases whose planner statistics keep rows hidden that row-level security hides (CVE-2025-8713).
_FIRST_SAFE = {15: 150014, 16: 160010, 17: 170006}

# Settling or closing the books of a large network locks each of them: 10,000, and others with them.
FEWEST_LOCKS = 20_000
_LOCKS = """
    SELECT current_setting('max_locks_per_transaction')::int
           * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
"""


@register(Tags.database)
def check_locks(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a server whose table of locks is too small for a large network's books."""
    return [
        Warning(
            f"The server keeps at most about {held:,} locks; books of 10,000 organizations need {FEWEST_LOCKS:,}.",
            hint="Set max_locks_per_transaction to 256 or more, and start the server anew.",
            id="network.W002",
            obj=alias,
        )
        for alias in databases or ()
        if (held := _one(alias, _LOCKS)) < FEWEST_LOCKS
    ]


@register(Tags.database)
def check_server(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a server that tells about hidden rows through its statistics."""
    return [
        Warning(
            f"PostgreSQL {version // 10000}.{version % 10000} lets statistics of hidden rows through.",
            hint="Update to 15.14, 16.10, 17.6 or later: these close CVE-2025-8713.",
            id="network.W001",
            obj=alias,
        )
        for alias in databases or ()
        if leaks(version := _one(alias, "SELECT current_setting('server_version_num')::int"))
    ]


def leaks(version: int) -> bool:
    return version < _FIRST_SAFE.get(version // 10000, 0)


def _one(alias: str, sql: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
