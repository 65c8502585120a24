"""`migrate`, as the migrator role unless another database is named."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate


class Command(Migrate):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="migrator")
