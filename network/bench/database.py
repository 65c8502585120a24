"""A database of the benchmark's own beside the project's, kept between runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from psycopg import sql

from network.databases import administrator, make, used


@contextmanager
def own_database(name: str, *, fresh: bool) -> Iterator[bool]:
    """Work in the database `name`, migrated; made when missing, or anew when `fresh`. Gives whether it was made.

    It stays afterwards. Whoever fills it calls `mark_loaded`; without the mark the next call makes it anew.
    """
    made = fresh or not _is_loaded(name)
    if made:
        make(name)
    with used(name):
        call_command("migrate", database="migrator", verbosity=0)
        yield made


def mark_loaded(name: str, size: str) -> None:
    """Note on the database that it is filled, and with how much."""
    with administrator() as admin:
        admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(size)))


def loaded_with(name: str) -> str:
    """What `mark_loaded` noted; '' when the database is missing or was left half filled."""
    with administrator() as admin:
        row = admin.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    return str(row[0] or "") if row else ""


def _is_loaded(name: str) -> bool:
    return bool(loaded_with(name))
