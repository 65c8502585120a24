"""The cash movement: how cash came and went in a period, by what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from core.money import Money
from ledger.models import LedgerEvent
from ledger.queries.figures import Ask, balances, rows_of
from ledger.queries.report_books import Said, during_words, in_one_currency
from ledger.queries.translation import OneCurrency
from ledger.rules.report import Cell, Line, Proof, Report, Style, Table

_KINDS = dict(LedgerEvent.Kind.choices)


def cash_movement(ask: Ask) -> Report:
    """How cash came and went in a period, by the kind of event.

    In one currency, what stands is at the rates of its day and what moved at the averages of its months; what rates did to
    the cash that was there is the translation difference (IAS 7.25-28).
    """
    before = ask.period.since - timedelta(days=1)
    opening, closing = _cash(ask, before), _cash(ask, ask.period.until)
    found = _by_kind(ask)

    def in_one(one: OneCurrency) -> list[Table]:
        first, last = one.at_closing(opening, before), one.at_closing(closing, ask.period.until)
        moved = one.at_averages(found, ask.period.until)
        difference = last - first - sum(moved.values())
        return [_table(ask, ask.currency, first, moved, last, difference)]

    tables, said = in_one_currency(ask, in_one) if ask.currency else ([], Said())
    wrong = []
    for currency in sorted(closing) if not tables else ():
        first, last = opening.get(currency, 0), closing[currency]
        moved = _whole(found, currency)
        tables.append(_table(ask, currency, first, moved, last))
        if first + sum(moved.values()) != last:
            wrong.append(currency)
    text = f"Does not add up in {', '.join(wrong)}." if wrong else "Opening and movements add up to closing."
    return said.of(Report("Cash movement", during_words(ask), tables, (), Proof(not wrong, text)))


def _table(
    ask: Ask, currency: str, first: int, moved: Mapping[str, int], last: int, difference: int | None = None
) -> Table:
    """One currency; where it is translated, `difference` is its own line, and lines behind figures are in all."""
    only = {} if difference is not None else {"currency": currency}
    until = ask.lines(account="cash") | only
    before = until | {"until": (ask.period.since - timedelta(days=1)).isoformat()}
    lines = [
        Line(
            _KINDS[kind],
            [Cell(Money(minor, currency), ask.lines(ask.period, account="cash", kind=kind, **only))],
        )
        for kind, minor in sorted(moved.items())
    ]
    if difference is not None:
        lines.append(Line("Translation difference", [Cell(Money(difference, currency))]))
    return Table(
        f"Cash in {currency}",
        ("", currency),
        [
            Line("Opening", [Cell(Money(first, currency), before)], Style.TOTAL),
            *lines,
            Line("Closing", [Cell(Money(last, currency), until)], Style.TOTAL),
        ],
        currency,
    )


def _cash(ask: Ask, day: date) -> dict[str, int]:
    """The cash at the end of a day, by currency."""
    standing, _ = balances(ask.books, day)
    return {currency: minor for (code, currency), minor in standing.items() if code == "cash"}


def _whole(found: Mapping[tuple[date, str, str], int], currency: str) -> dict[str, int]:
    """What each kind of event moved in one currency."""
    moved: dict[str, int] = {}
    for (_, kind, unit), minor in found.items():
        if unit == currency:
            moved[kind] = moved.get(kind, 0) + minor
    return moved


def _by_kind(ask: Ask) -> dict[tuple[date, str, str], int]:
    """What moved cash in the period: by month, kind of event and currency."""
    sql = """
        SELECT date_trunc('month', line.effective_on::timestamp)::date, event.kind, line.currency,
               sum(line.amount_minor)::bigint
          FROM ledger_account account
          JOIN ledger_journalline line ON line.network_id = account.network_id AND line.account_id = account.id
           AND line.effective_on BETWEEN %(since)s AND %(until)s
          JOIN ledger_ledgerevent event ON event.id = line.event_id
         WHERE account.network_id = app.network_id() AND account.code = 'cash'
           AND account.organization_id = ANY(%(books)s)
         GROUP BY 1, 2, 3
    """
    rows = rows_of(sql, {"books": ask.books, "since": ask.period.since, "until": ask.period.until})
    return {(month, kind, currency): minor for month, kind, currency, minor in rows}
