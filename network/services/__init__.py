"""The embedded services, PostgreSQL and Redis: held together by whoever uses them, stopped by the last one.

`hold("postgres")` is all that a user of a service calls, as often as it likes: the first user on the machine
starts the service, the others share it, and the end of the last one (even by `kill -9`) stops it.
Nothing here imports Django, so that the small processes behind it start fast and stay small.
"""

from __future__ import annotations

from network.services.errors import ServiceError
from network.services.layout import Layout
from network.services.lease import hold, let_go
from network.services.postgres import SUPERUSER

__all__ = ["ServiceError", "hold", "let_go", "superuser_dsn"]


def superuser_dsn(database: str = "postgres") -> str:
    """Where the embedded server's administrator logs in; for tests that make databases, never for the product."""
    hold("postgres")
    return f"host={Layout.default().sockets('postgres')} user={SUPERUSER} dbname={database}"
