"""Reports as files: CSV, XLSX and PDF of what one says."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from core.clock import now
from core.money import Money
from core.paper import GROUP, PDF_TYPE, PLAIN, TOTAL, Column, Paper, PaperHead, Row
from core.sheet import Sheet
from core.views.download import safe_cell
from core.views.export import XLSX_TYPE
from ledger.queries.figures import Ask
from ledger.rules.report import Line, Report, Style, Table, flat
from orgs.queries.branding import paper_head

CSV_TYPE = "text/csv; charset=utf-8"
_STYLES = {Style.PLAIN: PLAIN, Style.GROUP: GROUP, Style.TOTAL: TOTAL}
_PORTRAIT = 4  # heads that fit upright


def file_of(form: str, report: Report, ask: Ask) -> tuple[bytes, str]:
    """A report as a file, and its content type; of closed books it is of the time at which they closed."""
    made_at = ask.closed_at or now()
    match form:
        case "pdf":
            return pdf_of(report, paper_head(ask.organization), made_at), PDF_TYPE
        case "xlsx":
            return xlsx_of(report, made_at), XLSX_TYPE
    return csv_of(report), CSV_TYPE


def csv_of(report: Report) -> bytes:
    """All tables under one header, amounts as plain decimals."""
    header, rows = flat(report)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe_cell(cell.decimal() if isinstance(cell, Money) else cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_of(report: Report, made_at: datetime) -> bytes:
    """The same as a sheet, amounts as numbers."""
    header, rows = flat(report)
    file = io.BytesIO()
    Sheet(file, report.title, made_at).write(header, rows)
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
    return [
        Column(first, 1.4),
        *(Column(head, amount=one) for head, one in zip(others, table.are_figures, strict=True)),
    ]


def _row(line: Line) -> Row:
    return Row([line.label, *(cell.value for cell in line.cells)], _STYLES[line.style])
