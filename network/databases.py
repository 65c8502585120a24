"""Databases beside the project's own, on its server: making one, working in it, dropping it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from network.services import hold, superuser_dsn
from network.services.roles import privileges_sql

ALIASES = ("default", "migrator")


def administrator(database: str = "") -> psycopg.Connection:
    """Who makes databases: the embedded server's administrator, or on one's own server the migrator with CREATEDB."""
    if settings.EMBEDDED:
        return psycopg.connect(superuser_dsn(database or "postgres"), autocommit=True)
    return login("migrator", database, autocommit=True)


def login(alias: str, database: str = "", *, autocommit: bool = False) -> psycopg.Connection:
    """A connection of its own with an alias' login, in its database or another."""
    if settings.EMBEDDED:
        hold("postgres")
    known = connections[alias].get_connection_params()
    names = ("user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
    wanted = {name: known[name] for name in names if known.get(name)}
    return psycopg.connect(dbname=database or known["dbname"], **wanted, autocommit=autocommit)


def make(name: str) -> None:
    """An empty database of that name, with the privileges of the project's own; one that is there is dropped."""
    identifier = sql.Identifier(name)
    with administrator() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER caretree_owner TEMPLATE template0 ENCODING 'UTF8'").format(
                identifier
            )
        )
    with administrator(name) as inside:
        inside.execute(privileges_sql(name))


def drop(name: str) -> None:
    with administrator() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def name_of(alias: str = "default") -> str:
    return str(connections[alias].settings_dict["NAME"])


def use(name: str) -> None:
    """Point both aliases at a database; the next query opens new connections."""
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        connections.databases[alias]["NAME"] = name  # for the connections of other threads


@contextmanager
def used(name: str) -> Iterator[str]:
    """Both aliases point at a database for a while."""
    before = name_of()
    use(name)
    try:
        yield name
    finally:
        use(before)
