"""Reports as files: CSV, XLSX and PDF of what one says."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from core.money import Money
from core.paper import GROUP, PLAIN, TOTAL, Column, Paper, PaperHead, Row
from core.sheet import Sheet
from core.views.download import safe_cell
from ledger.rules.report import Line, Report, Style, Table, flat

_STYLES = {Style.PLAIN: PLAIN, Style.GROUP: GROUP, Style.TOTAL: TOTAL}
_PORTRAIT = 4  # heads that fit upright


def csv_of(report: Report) -> bytes:
    """All tables under one header, amounts as plain decimals."""
    header, rows = flat(report)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe_cell(cell.decimal() if isinstance(cell, Money) else cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_of(report: Report) -> bytes:
    """The same as a sheet, amounts as numbers."""
    header, rows = flat(report)
    file = io.BytesIO()
    Sheet(file, report.title).write(header, rows)
    return file.getvalue()


def pdf_of(report: Report, head: PaperHead, made_at: datetime) -> bytes:
    """The report on paper, as the locale in use writes it."""
    widest = max((len(table.heads) for table in report.tables), default=0)
    paper = Paper(
        report.title, head, made_at=made_at, subtitle=report.description, landscape=widest > _PORTRAIT
    )
    for table in report.tables:
        paper.heading(table.title)
        paper.table(_columns(table), [_row(line) for line in table.lines])
    if not report.tables:
        paper.text("Nothing moved.")
    for text in (*report.notes, *([report.proof.text] if report.proof else [])):
        paper.text(text)
    return paper.pdf()


def _columns(table: Table) -> list[Column]:
    first, *others = table.heads
    amounts = [_is_number(table.lines, index) for index in range(len(others))]
    return [
        Column(first, 1.4),
        *(Column(head, amount=one) for head, one in zip(others, amounts, strict=True)),
    ]


def _is_number(lines: Sequence[Line], index: int) -> bool:
    return not any(
        isinstance(line.cells[index].value, str) and line.cells[index].value for line in lines if line.cells
    )


def _row(line: Line) -> Row:
    return Row([line.label, *(cell.value for cell in line.cells)], _STYLES[line.style])
