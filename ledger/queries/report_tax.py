"""The tax report: by organization, tax code and rate, what was due and given back, against the account of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from core.money import Money
from ledger.queries.figures import Ask, balances_by_book, rows_of
from ledger.queries.report_books import during_words
from ledger.rules.report import Cell, Line, Proof, Report, Style, Table
from ledger.rules.tax import percent_text
from orgs.queries.organization import organization_codes, organization_names

#: What events made due in a period, and what they gave back: a void is on the side of what it voids.
TAXED = """
    SELECT line.effective_on, line.event_id, line.line_no, line.organization_id, event.organization_id AS at_id,
           service.name AS what, line.currency, code.code, code.name, line.percent, line.base_minor, line.tax_minor,
           line.base_minor + line.tax_minor < 0 AND event.voids_id IS NULL
               OR line.base_minor + line.tax_minor > 0 AND event.voids_id IS NOT NULL AS is_back
      FROM ledger_taxline line
      JOIN ledger_ledgerevent event ON event.network_id = line.network_id AND event.id = line.event_id
      JOIN ledger_taxcode code ON code.network_id = line.network_id AND code.id = line.tax_code_id
      JOIN ledger_service service ON service.network_id = line.network_id AND service.id = line.service_id
     WHERE line.network_id = app.network_id() AND line.effective_on BETWEEN %(since)s AND %(until)s
"""
_HEADS = ["Tax code", "Rate", "Base", "Due", "Given back", "Tax"]
_PROOF = [
    "Organization",
    "Opening",
    "Tax of the period",
    "Paid, and entered by hand",
    "Closing",
    "Difference",
]


def tax_report(ask: Ask) -> Report:
    """The tax that the books owe for a period. A void is taken off what it voids."""
    rows = _taxes(ask)
    moves = _payable(ask, rows)
    names = organization_names({pk for pk, *_ in rows} | {pk for pk, _ in moves})
    codes = organization_codes(names)
    tables: list[Table] = []
    for currency in sorted({row[1] for row in rows} | {currency for _, currency in moves}):
        lines: list[Line] = []
        mine = [row for row in rows if row[1] == currency]
        for pk in sorted({row[0] for row in mine}, key=lambda one: (names[one], one)):
            own = [row for row in mine if row[0] == pk]
            whose = {"organization": codes[pk], "scope": "alone"}
            lines.append(Line(names[pk], style=Style.GROUP))
            lines += [_row(row, currency, ask, whose) for row in own]
            lines.append(_total(f"Total of {names[pk]}", own, currency, ask, whose))
        if mine:
            lines.append(_total("Total", mine, currency, ask, {}))
            tables.append(Table(f"Tax in {currency}", _HEADS, lines, currency))
        owed = [
            _payable_row(names[pk], figures, currency, ask, {"organization": codes[pk], "scope": "alone"})
            for (pk, one), figures in sorted(moves.items(), key=lambda found: names[found[0][0]])
            if one == currency
        ]
        tables.append(Table(f"Tax payable in {currency}", _PROOF, owed, currency))
    wrong = [names[pk] for (pk, _), figures in moves.items() if figures[-1]]
    text = (
        f"Tax payable moved by something else at {', '.join(sorted(wrong))}."
        if wrong
        else "Opening, the tax of the period and what was paid or entered by hand make up what is payable."
    )
    notes = ["Paying the tax is a journal entry by hand, from tax payable to cash."]
    return Report("Tax", during_words(ask), tables, notes, Proof(not wrong, text))


def _taxes(ask: Ask) -> list[tuple[Any, ...]]:
    """(organization, currency, code, name, percent, base, due, given back)."""
    sql = f"""
        SELECT organization_id, currency, code, name, percent, sum(base_minor)::bigint,
               coalesce(sum(tax_minor) FILTER (WHERE NOT is_back), 0)::bigint,
               coalesce(sum(tax_minor) FILTER (WHERE is_back), 0)::bigint
          FROM ({TAXED}) taxed WHERE organization_id = ANY(%(books)s)
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 4, 3, 5
    """
    days = {"since": ask.period.since, "until": ask.period.until}
    return rows_of(sql, {"books": ask.books} | days)


def _payable(ask: Ask, rows: Sequence[tuple[Any, ...]]) -> dict[tuple[int, str], tuple[int, ...]]:
    """By organization and currency: opening, tax, entries by hand, closing and what remains unexplained; owed is positive."""
    by_hand = {
        (pk, currency): minor
        for pk, currency, minor in rows_of(
            """
            SELECT line.organization_id, line.currency, -sum(line.amount_minor)::bigint
              FROM ledger_account account
              JOIN ledger_journalline line ON line.network_id = account.network_id AND line.account_id = account.id
               AND line.effective_on BETWEEN %(since)s AND %(until)s
              JOIN ledger_ledgerevent event ON event.id = line.event_id
              LEFT JOIN ledger_ledgerevent voided ON voided.id = event.voids_id
             WHERE account.network_id = app.network_id() AND account.organization_id = ANY(%(books)s)
               AND account.code = 'tax_payable' AND coalesce(voided.kind, event.kind) = 'journal'
             GROUP BY 1, 2
            """,
            {"books": ask.books, "since": ask.period.since, "until": ask.period.until},
        )
    }
    taxed: dict[tuple[int, str], int] = {}
    for pk, currency, *_, due, back in rows:
        taxed[pk, currency] = taxed.get((pk, currency), 0) + due + back
    opening = _owed(ask, -1)
    closing = _owed(ask, 0)
    found: dict[tuple[int, str], tuple[int, ...]] = {}
    for key in sorted(opening.keys() | closing.keys() | taxed.keys() | by_hand.keys()):
        parts = (opening.get(key, 0), taxed.get(key, 0), by_hand.get(key, 0))
        end = closing.get(key, 0)
        if any((*parts, end)):
            found[key] = (*parts, end, end - sum(parts))
    return found


def _owed(ask: Ask, days: int) -> dict[tuple[int, str], int]:
    """What is owed as tax before the period (-1 day) or at its end."""
    day = ask.period.since + timedelta(days=days) if days else ask.period.until
    return {
        (pk, currency): -minor
        for pk, figures in balances_by_book(ask.books, day).items()
        for (code, currency), minor in figures.items()
        if code == "tax_payable"
    }


def _row(row: tuple[Any, ...], currency: str, ask: Ask, whose: dict[str, str]) -> Line:
    _, _, code, name, percent, *amounts = row
    rate = whose | {"code": code, "percent": str(percent)}
    return Line(f"{name} ({code})", [Cell(percent_text(percent)), *_cells(amounts, currency, ask, rate)])


def _total(
    label: str, rows: Sequence[tuple[Any, ...]], currency: str, ask: Ask, whose: dict[str, str]
) -> Line:
    sums = [sum(row[at] for row in rows) for at in (5, 6, 7)]
    return Line(label, [Cell(""), *_cells(sums, currency, ask, whose)], Style.TOTAL)


def _cells(amounts: Sequence[int], currency: str, ask: Ask, more: dict[str, str]) -> list[Cell]:
    base, due, back = amounts
    figures = {"base": base, "due": due, "back": back, "tax": due + back}
    return [
        Cell(Money(minor, currency), ask.parts(figure, currency, ask.period) | more)
        for figure, minor in figures.items()
    ]


def _payable_row(label: str, figures: Sequence[int], currency: str, ask: Ask, whose: dict[str, str]) -> Line:
    """What was owed, what came and went, and what is owed; entries by hand and the difference lead nowhere."""
    account = ask.lines(account="tax_payable", currency=currency) | whose
    behind: tuple[dict[str, str], ...] = (
        account | {"until": (ask.period.since - timedelta(days=1)).isoformat()},
        ask.parts("tax", currency, ask.period) | whose,
        {},
        account,
        {},
    )
    return Line(
        label, [Cell(Money(minor, currency), lines) for minor, lines in zip(figures, behind, strict=True)]
    )
