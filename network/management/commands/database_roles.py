"""Prints the SQL that makes the database roles."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from network.services.roles import roles_sql


class Command(BaseCommand):
    help = (
        "Print the SQL with which an administrator prepares a PostgreSQL server (15 or later), once. "
        "Example: manage.py database_roles | psql -v web_password=... -v migrator_password=... postgres"
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(roles_sql(), ending="")
