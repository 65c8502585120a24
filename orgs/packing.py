"""A ZIP of CSV files with a README and a manifest: what an organization takes along of its own records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from core import locale
from core.registries import RecordTable
from core.views.download import safe_cell
from core.views.export import plain

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Cover:
    """What the README and the manifest say of the whole."""

    organization: str
    code: str
    network: str
    last_day: date
    made_at: datetime


@dataclass(frozen=True)
class Packed:
    """One file of the ZIP, as the manifest lists it."""

    name: str
    what: str
    rows: int
    bytes: int
    sha256: str


def pack(file: IO[bytes], cover: Cover, tables: Iterable[RecordTable]) -> list[Packed]:
    """Write every table as it is read, then the README and the manifest; returns what was written."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        packed = [one for table in tables for one in _write(archive, table)]
        readme = _readme(cover, packed).encode()
        archive.writestr("README.txt", readme)
        packed.append(_listed("README.txt", "What is in here.", 0, readme))
        archive.writestr("manifest.json", _manifest(cover, packed))
    return packed


class _Counted(io.RawIOBase):
    """Passes on what is written, and knows its length and digest."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.size, self.digest = target, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self.target.write(data)


def _write(archive: zipfile.ZipFile, table: RecordTable) -> Iterator[Packed]:
    yield _write_table(archive, table)
    for name, content in table.files:
        path = f"files/{name}"
        archive.writestr(path, content)
        yield _listed(path, f"Named in {table.name}.csv.", 0, content)


def _write_table(archive: zipfile.ZipFile, table: RecordTable) -> Packed:
    name, count = f"{table.name}.csv", 0
    with archive.open(name, "w", force_zip64=True) as raw:
        counted = _Counted(raw)
        counted.write(BOM)
        with io.TextIOWrapper(io.BufferedWriter(counted), "utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(table.header.split(", "))
            for row in table.rows:
                writer.writerow(_cells(row))
                count += 1
    return Packed(name, table.what, count, counted.size, counted.digest.hexdigest())


def _cells(row: Sequence[Any]) -> list[str]:
    return [safe_cell(plain(value)) for value in row]


def _listed(name: str, what: str, rows: int, content: bytes) -> Packed:
    return Packed(name, what, rows, len(content), hashlib.sha256(content).hexdigest())


def _readme(cover: Cover, packed: Sequence[Packed]) -> str:
    lines = [
        f"The own records of {cover.organization} ({cover.code}) and everything below it, out of the network",
        f"{cover.network}, made {locale.long_day_and_time(cover.made_at)} UTC. Balances are those at the end of "
        f"{locale.long_day(cover.last_day)}.",
        "",
        "Each file is CSV in UTF-8 with a line of column heads. Days and instants are written as in 2026-05-31 and",
        "2026-05-31T14:05:00+00:00, amounts with a point and their currency beside them. A cell that a spreadsheet",
        "would take for a formula has an apostrophe before it; take it off when you read the file by machine.",
        "The tables were read one after another: where business went on meanwhile, a later one may know more.",
        "manifest.json lists every file with its rows, its bytes and its SHA-256.",
        "",
        *(
            f"{one.name} ({locale.number(one.rows)} rows): {one.what}"
            for one in packed
            if not one.name.startswith("files/")
        ),
        "files/: what the tables name as a file.",
    ]
    return "\n".join(lines) + "\n"


def _manifest(cover: Cover, packed: Sequence[Packed]) -> str:
    said = {
        "organization": cover.code,
        "name": cover.organization,
        "network": cover.network,
        "last_day": cover.last_day.isoformat(),
        "made_at": cover.made_at.isoformat(timespec="seconds"),
        "files": [vars(one) for one in packed],
    }
    return json.dumps(said, ensure_ascii=False, indent=2)
