"""Django's side: a command that needs the database gets one, a command that needs none starts none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from network.services.layout import PROJECT, Layout
from network.services.roles import roles_sql
from tests.services.conftest import User, gone, pids

WHO = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT session_user'); print(k.fetchone())"


def manage(layout: Layout, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env={**os.environ, "CARETREE_VAR": str(layout.var), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def address(layout: Layout, user: str) -> str:
    return f"postgresql://{user}@{str(layout.sockets('postgres')).replace('/', '%2F')}/caretree"


def test_a_command_without_database_starts_nothing(layout: Layout) -> None:
    done = manage(layout, "database_roles")
    assert done.stdout == roles_sql()
    assert not (layout.var / "services").exists()


def test_a_command_with_database_brings_it_and_leaves_nothing(layout: Layout) -> None:
    done = manage(layout, "shell", "--no-imports", "-c", WHO)
    assert done.stdout.strip() == "('caretree_web',)", done.stderr
    assert gone(*pids(layout, "postgres"), *pids(layout, "redis"))


def test_a_server_of_ones_own_is_entered_only_by_a_bound_login(
    layout: Layout, user: Callable[[], User]
) -> None:
    user().hold("postgres", "redis")
    welcome = manage(layout, "shell", "--no-imports", "-c", WHO, DATABASE_URL=address(layout, "caretree_web"))
    assert welcome.stdout.strip() == "('caretree_web',)", welcome.stderr
    refused = manage(layout, "shell", "--no-imports", "-c", WHO, DATABASE_URL=address(layout, "postgres"))
    assert refused.returncode != 0
    assert "logs in as postgres, which is a superuser" in refused.stderr
    assert roles_sql() in refused.stderr


def test_migrating_without_the_migrator_says_what_is_missing(layout: Layout) -> None:
    done = manage(layout, "migrate", "--database", "migrator", DATABASE_URL=address(layout, "caretree_web"))
    assert done.returncode != 0
    assert "DATABASE_MIGRATOR_URL is not set" in done.stderr
