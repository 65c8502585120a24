"""The file of seals that is kept elsewhere: CSV, one seal a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

HEADER = ("network", "kind", "number", "made_at", "rows", "sha256")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class SentSeal:
    """One seal as somebody outside got it."""

    network_id: int
    kind: str
    number: int
    made_at: datetime
    row_count: int
    sha256: str


def written(seals: Iterable[SentSeal]) -> Iterator[str]:
    """The lines of the file, its header first."""
    yield _line(HEADER)
    for one in seals:
        yield _line(
            (one.network_id, one.kind, one.number, one.made_at.isoformat(), one.row_count, one.sha256)
        )


def _line(cells: Iterable[object]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def read(lines: Iterable[str], kinds: Iterable[str]) -> Iterator[SentSeal]:
    """The seals in a file; ValueError names the line that is none."""
    known, rows = set(kinds), csv.reader(lines)
    if tuple(next(rows, ())) != HEADER:
        raise ValueError(f"Its first line is not “{','.join(HEADER)}”: this is no file of seals.")
    for n, cells in enumerate(rows, 2):
        yield _seal(n, cells, known)


def _seal(n: int, cells: list[str], kinds: set[str]) -> SentSeal:
    try:
        network, kind, number, made_at, rows, digest = cells
        whole = all(map(_NUMBER.fullmatch, (network, number, rows)))
        if whole and kind in kinds and _DIGEST.fullmatch(digest):
            return SentSeal(
                int(network), kind, int(number), datetime.fromisoformat(made_at), int(rows), digest
            )
    except ValueError:
        pass
    raise ValueError(f"Line {n} is no seal: {','.join(cells)[:200]}")
