"""SQL that migrations run: `<app>/sql/NNNN_name.up.sql` and its `.down.sql`."""

from __future__ import annotations

from pathlib import Path

from django.db.migrations import RunSQL


def sql_file(migration: str, name: str) -> RunSQL:
    """The operation for `sql/<name>.up.sql` and `.down.sql` beside the migration file given as `__file__`."""
    folder = Path(migration).resolve().parent.parent / "sql"
    return RunSQL((folder / f"{name}.up.sql").read_text(), (folder / f"{name}.down.sql").read_text())
