"""Reports between organizations: where prepaid care is used, what each party earns by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core import locale
from core.charts import Series, bar_chart
from core.money import Money, decimals_of
from ledger.queries.figures import Ask, rows_of
from ledger.queries.report_books import during_words
from ledger.rules.report import Cell, Line, Report, Style, Table
from orgs.queries.organization import organization_codes, organization_names
from patients.queries.patient import names_seen

MOST_ROWS = 500
HIDDEN = "A patient who isn’t named"
_CHARTED = 8
_NAMES = "Patients are named as they are called today, and only those whom the reader may see today."

#: The lines by which organizations earn from others, each under the rule that answered; a void under that of what it voids.
EARNED = """
    SELECT line.effective_on, line.event_id, line.line_no, line.organization_id, line.counterparty_id,
           account.code AS account, line.currency, rule.code AS rule, version.number, -line.amount_minor AS minor
      FROM ledger_account account
      JOIN ledger_journalline line ON line.network_id = account.network_id AND line.account_id = account.id
       AND line.effective_on BETWEEN %(since)s AND %(until)s
      JOIN ledger_ledgerevent event ON event.id = line.event_id
      LEFT JOIN ledger_ledgerevent voided ON voided.id = event.voids_id
      LEFT JOIN ledger_ruleversion version ON version.id = coalesce(voided.rule_version_id, event.rule_version_id)
      LEFT JOIN ledger_rule rule ON rule.id = version.rule_id
     WHERE account.network_id = app.network_id() AND account.organization_id = ANY(%(books)s)
       AND account.code IN ('service_revenue', 'intercompany_revenue', 'commission_revenue')
       AND account.counterparty_id IS NOT NULL
"""


#: How often services were performed: a movement of credit has units of money, and its event says of how many it was.
_UNITS = """(-sum(CASE WHEN line.service_id IS NOT NULL THEN movement.units
                  ELSE sign(movement.units) * (coalesce(voided.inputs, event.inputs) ->> 'quantity')::bigint END))::bigint"""


def utilization(ask: Ask) -> Report:
    """What prepaid care each branch gave in a period, and how much of it others owed."""
    sql = f"""
        SELECT coalesce(voided.organization_id, event.organization_id), entitlement.currency, {_UNITS},
               -sum(movement.amount_minor)::bigint,
               -coalesce(sum(movement.amount_minor) FILTER (
                   WHERE entitlement.holder_id <> coalesce(voided.organization_id, event.organization_id)), 0)::bigint
          FROM ledger_ledgerevent event
          LEFT JOIN ledger_ledgerevent voided ON voided.id = event.voids_id
          JOIN ledger_entitlementmovement movement ON movement.event_id = event.id
          JOIN ledger_entitlementline line ON line.id = movement.entitlement_line_id
          JOIN ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
         WHERE event.network_id = app.network_id() AND event.effective_on BETWEEN %(since)s AND %(until)s
           AND coalesce(voided.kind, event.kind) = 'redemption'
           AND coalesce(voided.organization_id, event.organization_id) = ANY(%(books)s)
         GROUP BY 1, 2 ORDER BY 4 DESC, 1
    """
    rows = rows_of(sql, _during(ask))
    everybody = {pk for pk, *_ in rows}
    names, codes = organization_names(everybody), organization_codes(everybody)
    tables = []
    for currency in sorted({row[1] for row in rows}):
        mine = [row for row in rows if row[1] == currency]
        heads = ["Branch", "Units", "Given", "Of it for other holders"]
        lines = [_used(names[row[0]], row[2:], currency, ask, codes[row[0]]) for row in mine[:MOST_ROWS]]
        if rest := mine[MOST_ROWS:]:
            lines.append(_used(f"{locale.number(len(rest))} others", _sums(rest), currency))
        whole = replace(_used("Total", _sums(mine), currency, ask), style=Style.TOTAL)
        tables.append(Table(f"At allocated price, {currency}", heads, [*lines, whole], currency))
    chart = None
    if tables:
        currency = tables[0].currency
        first = [row for row in rows if row[1] == currency][:_CHARTED]
        scale = 10 ** decimals_of(currency)
        chart = bar_chart(
            f"Prepaid care given, {currency}",
            [names[row[0]] for row in first],
            [
                Series("Own packages", [(row[3] - row[4]) / scale for row in first]),
                Series("For other holders", [row[4] / scale for row in first]),
            ],
        )
    shared, named = _shared(ask)
    notes = [_NAMES] if shared else []
    return Report(
        "Utilization by branch", during_words(ask), [*tables, *shared], notes, chart=chart, patient_ids=named
    )


def _shared(ask: Ask) -> tuple[list[Table], list[int]]:
    """Who used packages that several people share, and whom of them the tables name."""
    sql = f"""
        SELECT entitlement.currency, package.name, entitlement.code,
               (coalesce(voided.inputs, event.inputs) ->> 'patient')::bigint, {_UNITS},
               -sum(movement.amount_minor)::bigint
          FROM ledger_ledgerevent event
          LEFT JOIN ledger_ledgerevent voided ON voided.id = event.voids_id
          JOIN ledger_entitlementmovement movement ON movement.event_id = event.id
          JOIN ledger_entitlementline line ON line.id = movement.entitlement_line_id
          JOIN ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
          JOIN ledger_package package
            ON package.network_id = entitlement.network_id AND package.id = entitlement.package_id AND package.use <> 'person'
         WHERE event.network_id = app.network_id() AND event.effective_on BETWEEN %(since)s AND %(until)s
           AND coalesce(voided.kind, event.kind) = 'redemption'
           AND coalesce(voided.organization_id, event.organization_id) = ANY(%(books)s)
         GROUP BY 1, 2, 3, 4 HAVING sum(movement.units) <> 0 OR sum(movement.amount_minor) <> 0
         ORDER BY 2, 3, 6 DESC, 4
    """
    rows = rows_of(sql, _during(ask))
    names = names_seen(ask.actor, {row[3] for row in rows if row[3]}, ask.naming) if ask.naming else {}
    tables, named = [], []
    for currency in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == currency]
        lines = [
            Line(
                package,
                [Cell(code), Cell(names.get(user, HIDDEN)), Cell(units), Cell(Money(given, currency))],
            )
            for _, package, code, user, units, given in mine[:MOST_ROWS]
        ]
        named += [row[3] for row in mine[:MOST_ROWS] if row[3] in names]
        units, given = sum(row[4] for row in mine), Money(sum(row[5] for row in mine), currency)
        if len(mine) > MOST_ROWS:
            lines.append(Line(f"and {locale.number(len(mine) - MOST_ROWS)} more, in the total"))
        lines.append(Line("Total", [Cell(""), Cell(""), Cell(units), Cell(given)], Style.TOTAL))
        heads = ["Shared package", "Entitlement", "Used by", "Units", "Given"]
        tables.append(Table(f"Shared packages, {currency}", heads, lines, currency))
    return tables, named


def revenue_shares(ask: Ask) -> Report:
    """What each organization earned from others in a period, by payer and rule."""
    sql = f"""
        SELECT organization_id, counterparty_id, account, currency, rule, number, sum(minor)::bigint
          FROM ({EARNED}) earned GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 7 DESC, 2, 3, 5, 6
    """
    rows = rows_of(sql, _during(ask))
    everybody = {pk for row in rows for pk in row[:2]}
    names, codes = organization_names(everybody), organization_codes(everybody)
    heads = ["Party", "From", "Rule", "Earned"]
    tables = []
    for currency in sorted({row[3] for row in rows}):
        lines: list[Line] = []
        mine = [row for row in rows if row[3] == currency]
        for pk in sorted({row[0] for row in mine}, key=lambda one: (names[one], one)):
            own = [row for row in mine if row[0] == pk]
            lines += [_earned(row, names, codes, ask) for row in own]
            earned = Money(sum(row[6] for row in own), currency)
            lines.append(Line(f"Total of {names[pk]}", [Cell(""), Cell(""), Cell(earned)], Style.TOTAL))
        tables.append(Table(f"Earned in {currency}", heads, lines, currency))
    return Report(
        "Revenue shares",
        during_words(ask),
        tables,
        ["What was earned without a rule stands under “No rule”."],
    )


def _during(ask: Ask) -> dict[str, Any]:
    return {"books": ask.books, "since": ask.period.since, "until": ask.period.until}


def _used(label: str, figures: Sequence[int], currency: str, ask: Ask | None = None, code: str = "") -> Line:
    """Units and amounts of a branch, or of all that is asked for; the amounts lead to the movements of the entitlements."""
    units, *amounts = figures
    whose = {"organization": code, "scope": "alone"} if code else {}
    cells = [
        Cell(Money(minor, currency), ask.parts(figure, currency, ask.period) | whose if ask else {})
        for figure, minor in zip(("used", "used_for_others"), amounts, strict=True)
    ]
    return Line(label, [Cell(units), *cells])


def _sums(rows: Sequence[tuple[Any, ...]]) -> tuple[int, int, int]:
    return sum(row[2] for row in rows), sum(row[3] for row in rows), sum(row[4] for row in rows)


def _earned(row: tuple[Any, ...], names: dict[int, str], codes: dict[int, str], ask: Ask) -> Line:
    party, payer, account, currency, rule, number, minor = row
    words = f"{rule}, version {number}" if rule else "No rule"
    lines = ask.parts("earned", currency, ask.period, account=account, counterparty=codes[payer], code=words)
    lines |= {"organization": codes[party], "scope": "alone"}
    return Line(names[party], [Cell(names[payer]), Cell(words), Cell(Money(minor, currency), lines)])
