"""The project's own source files, read once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
APPS = (
    "core", "people", "audit", "work", "orgs", "content", "patients", "ledger", "settlement", "vendors", "network",
)  # fmt: skip


def python_files(*apps: str, migrations: bool = False) -> Iterator[Path]:
    for app in apps or APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if migrations or "migrations" not in path.parts:
                yield path


def template_files() -> Iterator[Path]:
    yield from sorted((ROOT / "templates").rglob("*.html"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def where(path: Path, line: int = 0) -> str:
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name
