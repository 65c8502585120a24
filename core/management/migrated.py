"""The embedded database, ready for a command: an operator's first command needs no other one before it."""

from __future__ import annotations

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def migrate_if_needed() -> None:
    """Apply what is missing to the embedded database; refuse to work on a server of one's own that lacks it."""
    executor = MigrationExecutor(connections["default"])
    steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if steps and not settings.EMBEDDED:
        raise CommandError(f"{steps} migrations are not applied. Run manage.py migrate first.")
    if steps:
        call_command("migrate", interactive=False, verbosity=0)
