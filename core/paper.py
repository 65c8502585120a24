"""Paper: PDF of receipts, statements and remittance statements, in one quiet look.

    paper = Paper("Receipt", PaperHead("Aurora Health", ("12 Park Street",), logo=png), made_at=sale.posted_at,
                  subtitle="R-000123", note="Thank you.")
    paper.facts([("Patient", "Asha Rao"), ("Date", sale.sold_on)])
    paper.heading("What was sold")
    paper.table([Column("Item", 3), Column("INR", amount=True)],
                [Row(["Consultation", Money(40000, "INR")]), Row(["Total", total], TOTAL)])
    paper.text("Valid for a year.")
    return pdf_response("receipt-R-000123", paper.pdf())

`orgs.queries.branding.paper_head(organization)` gives the head. Cells are texts, `Money`, numbers, days, instants or
None, written as the locale in use does; a column of amounts says its currency in its head. Heads are repeated on every
page, and amounts are never broken: columns take what theirs need, and the print becomes smaller before one is cut. The
size of the sheet is the locale's. The same calls give the same bytes: `made_at` is the only time in the file, so give
what the record has, not the time of day. The fonts (build.mjs) cover Latin, Greek, Cyrillic, Arabic and the scripts of
India; for a character of another, a question mark stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, XPos, YPos

from core import locale
from core.money import Money

MARGIN = 18.0
LETTER = frozenset({"en-US", "en-CA", "en-PH"})
PDF_TYPE = "application/pdf"

_INK, _MUTED, _LINE, _SOFT = "#172028", "#545f67", "#d6dbde", "#f4f7f8"  # static/css/tokens.css, in light
_SIZE, _SMALLEST = 9.0, 5.0
_PADDING = 1.4
_LOGO = (46.0, 13.0)
_FIRST = "latin"
_UNKNOWN = "?"


@dataclass(frozen=True)
class PaperHead:
    """Who writes: a name, lines below it (the network, an address), a logo as PNG, and the colour of titles."""

    name: str
    details: Sequence[str] = ()
    logo: bytes | None = None
    accent: str = "#00696e"


@dataclass(frozen=True)
class Column:
    """A column of a table: `share` of the width that amounts leave; amounts stand at the right."""

    label: str
    share: float = 1
    amount: bool = False


class Style(StrEnum):
    """What a row is."""

    PLAIN = "plain"
    GROUP = "group"
    TOTAL = "total"


PLAIN, GROUP, TOTAL = Style


@dataclass(frozen=True)
class Row:
    """A row of a table; a group or a total is set apart."""

    cells: Sequence[Any]
    style: Style = PLAIN


class Paper:
    """One document; what it has is added from top to bottom."""

    def __init__(
        self,
        title: str,
        head: PaperHead,
        *,
        made_at: datetime,
        subtitle: str = "",
        note: str = "",
        landscape: bool = False,
    ) -> None:
        title, subtitle, note, name = map(shown, (title, subtitle, note, head.name))
        shape = "Letter" if locale.current() in LETTER else "A4"
        self._sheet = _Sheet(
            "landscape" if landscape else "portrait", shape, f"{name} · {title}", note, head.accent
        )
        self._sheet.set_title(" – ".join(filter(None, (title, subtitle))))
        self._sheet.set_author(name)
        self._sheet.set_lang("en")
        self._sheet.set_creation_date(made_at)
        self._sheet.add_page()
        self._draw_head(head)
        self._write(title, 17, bold=True, color=_INK)
        if subtitle:
            self._write(subtitle, 10.5, color=_MUTED)
        self._sheet.ln(4)

    def heading(self, text: str) -> None:
        """The title of what follows, on the same page as its beginning."""
        self._sheet.ln(3)
        self._sheet.make_room(22)
        self._write(shown(text), 11, bold=True, color=self._sheet.accent)
        self._sheet.ln(1)

    def text(self, text: str) -> None:
        """A paragraph."""
        self._write(shown(text), _SIZE, color=_INK)
        self._sheet.ln(1.5)

    def facts(self, facts: Iterable[tuple[str, Any]]) -> None:
        """Names and what they are, one a line; what is empty is left out."""
        sheet, label_width = self._sheet, 42.0
        for label, value in facts:
            label, text = shown(label), shown(value)
            if not text:
                continue
            lines = sheet.wrapped(text, sheet.epw - label_width, _SIZE)
            sheet.make_room(5)
            sheet.ink(label, _SIZE, color=_MUTED)
            sheet.cell(label_width, 5, label)
            for number, line in enumerate(lines):
                if number:
                    sheet.make_room(5)
                sheet.set_x(sheet.l_margin + label_width)
                sheet.ink(line, _SIZE, color=_INK)
                sheet.cell(0, 5, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        sheet.ln(3)

    def table(self, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        """A table; its head stands on every page that it fills."""
        _Table(self._sheet, columns, list(rows)).draw()
        self._sheet.ln(4)

    def pdf(self) -> bytes:
        """The file."""
        return bytes(self._sheet.output())

    def _write(self, text: str, size: float, *, bold: bool = False, color: str) -> None:
        sheet = self._sheet
        height = size * 0.5
        for line in sheet.wrapped(text, sheet.epw, size, bold=bold):
            sheet.make_room(height)
            sheet.ink(line, size, bold=bold, color=color)
            sheet.cell(0, height, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _draw_head(self, head: PaperHead) -> None:
        sheet, top = self._sheet, self._sheet.get_y()
        width, height = _LOGO
        if head.logo:
            sheet.image(
                BytesIO(head.logo),
                x=sheet.l_margin,
                y=top,
                w=width,
                h=height,
                keep_aspect_ratio=True,
                alt_text=head.name,
            )
        sheet.right_lines(
            [shown(one) for one in (head.name, *head.details)], from_x=sheet.l_margin + width + 4
        )
        sheet.set_y(max(sheet.get_y(), top + (height if head.logo else 0)) + 3)
        sheet.hairline()
        sheet.ln(6)


def shown(value: Any) -> str:
    """What a value is on paper, in characters that our fonts have."""
    text = _words(value)
    if text.isascii() and text.isprintable():
        return text
    known = _covered()
    return "".join(
        one if one == "\n" or ord(one) in known else " " if one.isspace() else _UNKNOWN for one in text
    )


def _words(value: Any) -> str:
    match value:
        case None:
            return ""
        case Money():
            return value.format()
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return locale.number(value)
        case datetime():
            return locale.day_and_time(value)
        case date():
            return locale.day(value)
        case _:
            return str(value)


def pdf_response(name: str, content: bytes) -> HttpResponse:
    """A PDF as a download."""
    response = HttpResponse(content, content_type=PDF_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


class _Sheet(FPDF):
    """The pages: fonts as they are needed, the head of later pages, the foot of all."""

    def __init__(self, orientation: str, shape: str, running: str, note: str, accent: str) -> None:
        super().__init__(orientation=orientation, unit="mm", format=shape)
        self.running, self.note, self.accent = running, note, accent
        self.families: list[str] = []
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(False)
        # Figures of one width, and letters that stay apart, so that what is read back is what was written.
        self.set_text_shaping(True, features={"tnum": True, "liga": False, "clig": False})
        self.c_margin = 0
        self._add(_FIRST)

    @property
    def floor(self) -> float:
        """Where the last line of a page may end."""
        return float(self.h - MARGIN - 6)

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.ink(self.running, 7.5, color=_MUTED)
        self.set_xy(self.l_margin, MARGIN - 8)
        self.cell(0, 4, self.running, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(MARGIN)

    def footer(self) -> None:
        self.set_y(self.h - MARGIN)
        self.hairline()
        self.ln(2)
        at = self.get_y()
        self.ink(self.note, 7.5, color=_MUTED)
        self.cell(self.epw - 24, 4, self.note)
        self.set_y(at)
        page = self.page_no()
        self.set_x(self.w - self.r_margin - self.get_string_width(f"{page} of {page}"))
        self.cell(0, 4, f"{page} of {{nb}}")

    def ink(self, text: str, size: float, *, bold: bool = False, color: str = _INK) -> None:
        """Take the pen that writes this text."""
        for family in _families_for(text):
            if family not in self.families:
                self._add(family)
        self.set_font(_FIRST, "B" if bold else "", size)
        self.set_text_color(color)

    def wrapped(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """The lines that a text takes in a width."""
        self.ink(text, size, bold=bold)
        if "\n" not in text and self.get_string_width(text) <= width:
            return [text]
        lines = self.multi_cell(width, text=text, dry_run=True, output=MethodReturnValue.LINES)
        return list(lines)

    def make_room(self, height: float) -> bool:
        """Turn the page if so much doesn't fit on it any more."""
        if self.get_y() + height <= self.floor:
            return False
        self.add_page()
        return True

    def hairline(self) -> None:
        self.set_draw_color(_LINE)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    def right_lines(self, texts: Sequence[str], *, from_x: float) -> None:
        """The writer's name and address, at the right margin."""
        width = self.w - self.r_margin - from_x
        for number, text in enumerate(texts):
            size, bold, color = (8.0, False, _MUTED) if number else (10.0, True, _INK)
            for line in self.wrapped(text, width, size, bold=bold):
                self.set_x(from_x)
                self.ink(line, size, bold=bold, color=color)
                self.cell(width, size * 0.5, line, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _add(self, family: str) -> None:
        for weight, style in ((400, ""), (600, "B")):
            self.add_font(family, style, _file(family, weight))
        self.families.append(family)
        self.set_fallback_fonts(self.families[1:])


class _Table:
    """Lays out one table."""

    def __init__(self, sheet: _Sheet, columns: Sequence[Column], rows: list[Row]) -> None:
        self.sheet, self.columns, self.rows = sheet, columns, rows
        self.heads = [shown(column.label) for column in columns]
        self.texts = [[shown(cell) for cell in row.cells] for row in rows]
        self.size = _SIZE
        while not (widths := self._widths()) and self.size > _SMALLEST:
            self.size -= 0.5
        self.widths = widths or [sheet.epw / len(columns)] * len(columns)
        self.line_height = self.size * 0.47

    def draw(self) -> None:
        self._head()
        for row, texts in zip(self.rows, self.texts, strict=True):
            self._row(row.style, texts)

    def _widths(self) -> list[float]:
        """What amounts need, and of the rest each column its share; nothing if texts would keep less than a quarter."""
        needed = [self._longest(index) if column.amount else 0.0 for index, column in enumerate(self.columns)]
        shares = sum(column.share for column in self.columns if not column.amount)
        left = self.sheet.epw - sum(needed)
        if left < (self.sheet.epw / 4 if shares else 0):
            return []
        spare = 0.0 if shares else left / len(self.columns)
        return [
            need + spare if column.amount else left * column.share / shares
            for column, need in zip(self.columns, needed, strict=True)
        ]

    def _longest(self, index: int) -> float:
        texts = {max(self.heads[index].split(), key=len, default="")}
        texts |= {row[index] for row in self.texts if index < len(row)}
        widest = 0.0
        for text in sorted(texts, key=len)[
            -40:
        ]:  # figures have one width, so the longest texts are the widest
            self.sheet.ink(text, self.size, bold=True)
            widest = max(widest, self.sheet.get_string_width(text))
        return widest + 2 * _PADDING + 2

    def _head(self) -> None:
        sheet = self.sheet
        lines = [
            sheet.wrapped(head, width - 2 * _PADDING, self.size - 1, bold=True)
            for head, width in zip(self.heads, self.widths, strict=True)
        ]
        height = max(map(len, lines)) * self.line_height + 2 * _PADDING
        if sheet.get_y() + height + 3 * self.line_height > sheet.floor:
            sheet.add_page()
        sheet.set_fill_color(_SOFT)
        sheet.rect(sheet.l_margin, sheet.get_y(), sheet.epw, height, style="F")
        self._cells(lines, self.size - 1, bold=True, color=_MUTED)

    def _row(self, style: Style, texts: list[str]) -> None:
        sheet, bold = self.sheet, style is not PLAIN
        lines = [
            [text] if column.amount else sheet.wrapped(text, width - 2 * _PADDING, self.size, bold=bold)
            for text, width, column in zip(texts, self._spans(texts), self.columns, strict=False)
        ]
        count = max(map(len, lines))
        needed = count * self.line_height + 2 * _PADDING
        if sheet.get_y() + needed > sheet.floor:
            sheet.add_page()
            self._head()
        at_once = max(int((sheet.floor - sheet.get_y() - 2 * _PADDING) / self.line_height), 1)
        for start in range(0, count, at_once):
            if start:
                sheet.add_page()
                self._head()
            part = [one[start : start + at_once] for one in lines]
            self._cells(part, self.size, bold=bold, color=sheet.accent if style is GROUP else _INK)
        if style is TOTAL:
            self._rule(_INK, 0.25)

    def _spans(self, texts: list[str]) -> list[float]:
        """A row of fewer cells than columns gives the last of them what is left."""
        missing = len(self.columns) - len(texts)
        return (
            self.widths
            if not missing
            else [*self.widths[: len(texts) - 1], sum(self.widths[len(texts) - 1 :])]
        )

    def _cells(self, lines: list[list[str]], size: float, *, bold: bool, color: str) -> None:
        sheet, top, x = self.sheet, self.sheet.get_y(), self.sheet.l_margin
        height = max(map(len, lines)) * self.line_height
        for index, parts in enumerate(lines):
            align = Align.R if self.columns[index].amount else Align.L
            width = self.widths[index] if len(lines) == len(self.columns) else sheet.epw
            for number, text in enumerate(parts):
                sheet.ink(text, size, bold=bold, color=color)
                sheet.set_xy(x + _PADDING, top + _PADDING + number * self.line_height)
                sheet.cell(width - 2 * _PADDING, self.line_height, text, align=align)
            x += self.widths[index]
        sheet.set_xy(sheet.l_margin, top + height + 2 * _PADDING)
        self._rule(_LINE, 0.15)

    def _rule(self, color: str, width: float) -> None:
        self.sheet.set_draw_color(color)
        self.sheet.set_line_width(width)
        self.sheet.line(
            self.sheet.l_margin, self.sheet.get_y(), self.sheet.w - self.sheet.r_margin, self.sheet.get_y()
        )


def _file(family: str, weight: int) -> Path:
    return Path(settings.PAPER_FONTS) / f"{family}-{weight}.ttf"


@cache
def _covered() -> dict[int, str]:
    """The font that has a character, the one that most is written in before the others."""
    families = sorted({path.stem.rpartition("-")[0] for path in Path(settings.PAPER_FONTS).glob("*-400.ttf")})
    found: dict[int, str] = {}
    for family in sorted(families, key=lambda one: one != _FIRST):
        with TTFont(_file(family, 400), lazy=True) as font:
            for character in font.getBestCmap():
                found.setdefault(character, family)
    return found


def _families_for(text: str) -> Iterable[str]:
    return () if text.isascii() else dict.fromkeys(filter(None, map(_covered().get, map(ord, text))))
