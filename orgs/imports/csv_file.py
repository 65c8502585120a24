"""Organizations as CSV: a column with the code of the organization above, or one with the whole path."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from core import locale
from core.views.download import safe_cell
from orgs.imports.row import (
    CONTRACT,
    ERROR,
    MOST_ROWS,
    TEXTS,
    WARNING,
    Problem,
    Read,
    Row,
    Unreadable,
    check_bytes,
)

ADJACENCY, PATH = "parent_code", "path"
STATUS = "status"  # the list's own CSV has it
COLUMNS = ["code", "name", "kind", "currency", *(name for name in TEXTS if name != "name"), *CONTRACT]


def read_csv(content: bytes) -> Read:
    """Rows of a CSV file; what a line lacks or says twice is a problem of that line. Raises `Unreadable`."""
    text = check_bytes(content)
    first = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    found = Read()
    try:
        header = _header(next(reader, []))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(found.rows) + len(found.problems) >= MOST_ROWS:
                raise Unreadable(f"The file has more than {locale.number(MOST_ROWS)} lines. Split it.")
            _take(found, header, cells, f"line {reader.line_num}")
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num} is no CSV: {error}.") from None
    if not found.rows and not found.problems:
        raise Unreadable("The file has a header and no line below it.")
    return found


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    known = {*COLUMNS, ADJACENCY, PATH, STATUS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Unreadable(
            f"Unknown column {unknown[0][:60]!r}. Columns are: {', '.join(['code', 'name', ADJACENCY, PATH, *COLUMNS[2:]])}."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable(f"The column {twice[0]} is there twice.")
    if (
        "name" not in names
        or not {ADJACENCY, PATH} & set(names)
        or (PATH not in names and "code" not in names)
    ):
        raise Unreadable("The file needs the columns name, and code with parent_code, or path.")
    if {ADJACENCY, PATH} <= set(names):
        raise Unreadable("The file has parent_code and path. Keep one of the two.")
    return names


def _take(found: Read, header: list[str], cells: list[str], where: str) -> None:
    if len(cells) > len(header):
        found.problems.append(
            Problem(ERROR, where, "", f"The line has {len(cells)} cells, the header {len(header)}.", "unread")
        )
        return
    formula = next((cell for cell in cells if cell.strip().startswith(("=", "@"))), "")
    if formula:
        found.problems.append(
            Problem(
                ERROR,
                where,
                "",
                f"A cell starts like a formula: {formula[:40]!r}. Put a ' before it if it is meant.",
                value=formula[:40],
            )
        )
        return
    values = dict(zip(header, [*map(_cell, cells), *[""] * (len(header) - len(cells))], strict=True))
    path = [step.strip().upper() for step in values.pop(PATH, "").split("/") if step.strip()]
    above = values.pop(ADJACENCY, "").upper()
    code = values.pop("code", "").upper() or (path[-1] if path else "")
    parents = (path[-2],) if len(path) > 1 else ()
    if not path and above:
        parents = (above,)
    status = values.pop(STATUS, "").lower()
    if status not in ("", "active"):
        text = f"It is {status[:20]} in the file, which an import leaves as it is."
        found.problems.append(Problem(WARNING, where, code, text, "status", status))
    kind, currency = values.pop("kind", "").lower(), values.pop("currency", "").upper()
    if path and path[-1] != code:
        found.problems.append(
            Problem(
                ERROR,
                where,
                code,
                f"The path ends in {path[-1][:60]}, not in the code {code[:60]}.",
                value=path[-1],
            )
        )
        return
    found.rows.append(Row(where, code, kind, parents, values, currency))


def _cell(text: str) -> str:
    """A cell without the quote that keeps spreadsheets from taking it for a formula."""
    text = text.strip()
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text


def write_csv(rows: Iterable[Row], *, form: str) -> Iterator[str]:
    """Lines of the same format; `form` is ADJACENCY or PATH. Rows come from the top."""
    columns = [PATH, *COLUMNS[1:]] if form == PATH else ["code", ADJACENCY, *COLUMNS[1:]]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    paths: dict[str, str] = {}

    def line(cells: list[Any]) -> str:
        out.seek(0)
        out.truncate()
        writer.writerow(cells)
        return out.getvalue()

    yield line(columns)
    for row in rows:
        paths[row.code] = f"{paths[row.parent]}/{row.code}" if row.parent else row.code
        said = row.values | {
            "code": row.code,
            "kind": row.kind,
            "currency": row.currency,
            ADJACENCY: row.parent or "",
            PATH: paths[row.code],
        }
        yield line([safe_cell(said.get(name, "")) for name in columns])
