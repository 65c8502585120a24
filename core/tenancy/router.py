"""Migrations run on the migrator alias only; everything else reads and writes as the web role."""

from __future__ import annotations

from typing import Any


class MigratorRouter:
    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return db == "migrator"
