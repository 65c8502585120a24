"""SQL that migrations run: `<app>/sql/NNNN_name.up.sql` and its `.down.sql`."""

from __future__ import annotations

from pathlib import Path

from django.db.migrations import RunSQL


def sql_file(migration: str, name: str) -> RunSQL:
    """The operation for `sql/<name>.up.sql` and `.down.sql` beside the migration file given as `__file__`."""
    folder = Path(migration).resolve().parent.parent / "sql"
    return RunSQL((folder / f"{name}.up.sql").read_text(), (folder / f"{name}.down.sql").read_text())


def sql_files_again(migration: str, *names: str) -> RunSQL:
    """The operation that takes functions back and makes them anew from the files in which they stand.

    A function is edited where it is; the migration that needs it newer runs its files once more, in their order. Taking
    that migration back leaves the newest functions, which go with the migrations that brought them.
    """
    folder = Path(migration).resolve().parent.parent / "sql"
    down = [(folder / f"{name}.down.sql").read_text() for name in reversed(names)]
    up = [(folder / f"{name}.up.sql").read_text() for name in names]
    return RunSQL("\n".join([*down, *up]), RunSQL.noop)
