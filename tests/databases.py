"""Test databases: one migrated template per schema, clones for whoever needs one; nothing is ever flushed."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from network.databases import ALIASES, administrator, make, use, used
from network.services import superuser_dsn


def schema_hash() -> str:
    """A hash over everything that makes the schema: migrations, SQL, permissions, roles, and how a database is made."""
    digest = hashlib.sha256()
    root = settings.BASE_DIR
    patterns = (
        "*/migrations/*.py",
        "*/sql/*.sql",
        "*/permissions.py",
        "orgs/rules/roles.py",
        "core/tenancy/*.py",
        "network/databases.py",
        "network/services/roles.sql",
        "requirements.txt",
    )
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def disconnect() -> None:
    """Close this thread's connections; the next query opens new ones."""
    for alias in ALIASES:
        connections[alias].close()


def template() -> str:
    """The migrated template of this schema, made once, by one process at a time; or the one that is given."""
    if given := os.environ.get("CARETREE_TEMPLATE"):
        return given
    name = f"caretree_template_{schema_hash()}"
    lock = Path(settings.VAR_DIR) / "template.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held, administrator() as admin:
        fcntl.flock(held, fcntl.LOCK_EX)
        if admin.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [name]).fetchone() == (
            True,
        ):
            return name
        make(name)
        use(name)
        call_command("migrate", verbosity=0)
        disconnect()
        for (old,) in admin.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'caretree\\_template\\_%%' AND datname <> %s",
            [name],
        ).fetchall():
            admin.execute(f"ALTER DATABASE {old} IS_TEMPLATE false")
            admin.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")
        admin.execute(f"ALTER DATABASE {name} IS_TEMPLATE true")
    return name


@contextmanager
def clone(purpose: str, source: str | None = None) -> Iterator[str]:
    """A database that is cloned from the template (or another one), and dropped after a while; not used yet."""
    source = source or template()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"caretree_test_{purpose}_{worker}_{os.getpid()}"
    disconnect()  # a database that somebody is connected to can't be the source
    with administrator() as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} OWNER caretree_owner TEMPLATE {source} STRATEGY FILE_COPY")
        try:
            yield name
        finally:
            disconnect()
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def own(purpose: str, source: str | None = None) -> Iterator[str]:
    """A clone that is used for as long as it is there.

    What lasts longer than the tests that need it takes a clone, and uses it only while it or they are at work.
    """
    with clone(purpose, source) as name, used(name):
        yield name


@contextmanager
def administrator_in(database: str) -> Iterator[psycopg.Connection]:
    """The administrator in a database, with triggers asleep: rows for a test need not be possible, only present."""
    with psycopg.connect(superuser_dsn(database)) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
