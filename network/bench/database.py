"""A database of the benchmark's own beside the project's, kept between runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from network.services import superuser_dsn

ALIASES = ("default", "migrator")


@contextmanager
def own_database(name: str, *, fresh: bool) -> Iterator[bool]:
    """Work in the database `name`, migrated; made when missing, or anew when `fresh`. Gives whether it was made.

    It stays afterwards. Whoever fills it calls `mark_loaded`; without the mark the next call makes it anew.
    """
    made = fresh or not _is_loaded(name)
    if made:
        _make(name)
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    use(dict.fromkeys(ALIASES, name))
    try:
        call_command("migrate", database="migrator", verbosity=0)
        yield made
    finally:
        use(before)


def mark_loaded(name: str, size: str) -> None:
    """Note on the database that it is filled, and with how much."""
    with _administrator() as administrator:
        administrator.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(size))
        )


def loaded_with(name: str) -> str:
    """What `mark_loaded` noted; '' when the database is missing or was left half filled."""
    with _administrator() as administrator:
        row = administrator.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    return str(row[0] or "") if row else ""


def use(names: dict[str, str]) -> None:
    """Point the aliases at databases."""
    for alias, name in names.items():
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _is_loaded(name: str) -> bool:
    return bool(loaded_with(name))


def _make(name: str) -> None:
    identifier = sql.Identifier(name)
    with _administrator() as administrator:
        administrator.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        administrator.execute(
            sql.SQL("CREATE DATABASE {} OWNER caretree_owner TEMPLATE template0 ENCODING 'UTF8'").format(
                identifier
            )
        )
    with _administrator(name) as inside:
        inside.execute("ALTER SCHEMA public OWNER TO caretree_owner")


def _administrator(database: str = "") -> psycopg.Connection:
    """Who makes databases: the embedded server's administrator, or on one's own server the migrator with CREATEDB."""
    if settings.EMBEDDED:
        return psycopg.connect(superuser_dsn(database or "postgres"), autocommit=True)
    known = connections["migrator"].get_connection_params()
    names = ("user", "password", "host", "port")
    wanted = {name: known[name] for name in names if known.get(name)}
    return psycopg.connect(dbname=database or known["dbname"], **wanted, autocommit=True)
