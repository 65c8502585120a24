"""What commands that verify seals have in common: a file that was sent earlier, and telling what they found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actions.seal import Checked, check_seals
from audit.rules.seal_file import SentSeal, read
from audit.sealed import SEALED


def add_seals(parser: CommandParser) -> None:
    parser.add_argument(
        "--seals", type=Path, metavar="FILE", help="compare with seals that were exported or mailed earlier"
    )


def sent_seals(file: Path | None) -> Iterator[SentSeal]:
    """The seals in a file, none without one; CommandError where it is no such file."""
    if file is None:
        return
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield from read(lines, SEALED)
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} can't be read: {error}") from None


def checked(kinds: tuple[str, ...], file: Path | None) -> list[dict[str, Any]]:
    """The seals of these kinds in the bound network, verified: plain values for JSON."""
    return [_said(check_seals(kind, sent_seals(file))) for kind in kinds]


def _said(one: Checked) -> dict[str, Any]:
    return {"kind": one.kind, "through": one.through, "count": one.count, "findings": one.findings}


def tell(command: Any, network_id: int, seals: list[dict[str, Any]]) -> None:
    """Print it: what holds to the output, what doesn't to the errors."""
    for one in seals:
        name = f"network {network_id}: seals of the {one['kind']}"
        if not one["count"]:
            command.stdout.write(f"{name}: {one['through']:,} hold")
            continue
        command.stderr.write(f"{name}: {one['count']:,} findings")
        for what in one["findings"]:
            command.stderr.write(f"  {what}")
