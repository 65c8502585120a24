"""Downloads: stored files that can't run anything, and CSV, streamed, with cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse

from core.tenancy import bound


def attachment(file: Any) -> HttpResponse:
    """A stored file as a download that can't run anything."""
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


class Echo:
    """A file that gives back what is written to it."""

    def write(self, value: str) -> str:
        return value


# How a formula starts, also after a character that spreadsheets skip, and in full width.
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


def safe_cell(value: Any) -> str:
    """A CSV cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def csv_response(
    network_id: int, name: str, header: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]]
) -> StreamingHttpResponse:
    """A CSV download, streamed. Streaming runs outside the request's transaction, so it binds its own."""

    def lines() -> Iterator[bytes]:
        writer = csv.writer(Echo())
        yield b"\xef\xbb\xbf" + writer.writerow(header).encode()
        with bound(network_id):
            for row in rows():
                yield writer.writerow([safe_cell(cell) for cell in row]).encode()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
