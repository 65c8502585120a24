"""The prepaid proof: what patients have paid for and not yet had is what the books say is owed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from core import locale
from core.charts import Chart, Series, line_chart
from core.money import Money, decimals_of
from ledger.queries.figures import Ask, balances_by_book, by_month, rows_of
from ledger.queries.report_books import during_words
from ledger.rules.report import Cell, Line, Period, Proof, Report, Style, Table, months_before
from orgs.queries.organization import organization_codes, organization_names

Key = tuple[int, str]  # (holder, currency)

STEPS = {
    "sale": "Sold",
    "redemption_here": "Redeemed here",
    "redemption": "Redeemed elsewhere",
    "refund": "Refunded",
    "expiry": "Expired",
    "breakage": "Breakage",
    "other": "Other",
}
_MONTHS = 12

#: What moved entitlements in a period, and by which step; a void counts where what it voids did.
MOVED = """
    SELECT event.effective_on, event.id AS event_id, movement.movement_no AS no, entitlement.holder_id,
           coalesce(voided.organization_id, event.organization_id) AS at_id, entitlement.code AS what,
           entitlement.currency, movement.amount_minor AS minor,
           CASE coalesce(voided.kind, event.kind)
                WHEN 'redemption' THEN CASE WHEN coalesce(voided.organization_id, event.organization_id)
                                                 = entitlement.holder_id THEN 'redemption_here' ELSE 'redemption' END
                WHEN 'sale' THEN 'sale' WHEN 'refund' THEN 'refund' WHEN 'expiry' THEN 'expiry'
                ELSE 'other' END AS step
      FROM ledger_ledgerevent event
      JOIN ledger_entitlementmovement movement ON movement.event_id = event.id
      JOIN ledger_entitlementline line ON line.id = movement.entitlement_line_id
      JOIN ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
      LEFT JOIN ledger_ledgerevent voided ON voided.id = event.voids_id
     WHERE event.network_id = app.network_id() AND event.effective_on BETWEEN %(since)s AND %(until)s
"""
#: What was taken as breakage in a period, and given back: it lowers what is owed.
BREAKAGE_MOVED = """
    SELECT event.effective_on, event.id AS event_id, pool.id AS no, pool.holder_id, event.organization_id AS at_id,
           package.name AS what, pool.currency, -movement.amount_minor AS minor
      FROM ledger_breakagepool pool
      JOIN ledger_breakagemovement movement
        ON movement.network_id = pool.network_id AND movement.pool_id = pool.id
      JOIN ledger_ledgerevent event
        ON event.id = movement.event_id AND event.effective_on BETWEEN %(since)s AND %(until)s
      JOIN ledger_package package ON package.network_id = pool.network_id AND package.id = pool.package_id
     WHERE pool.network_id = app.network_id()
"""


@dataclass
class RollForward:
    """One holder's liability in one currency through a period; amounts are what is owed, so positive."""

    opening: int = 0
    closing: int = 0
    open_entitlements: int = 0
    booked_breakage: int = 0
    steps: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))

    @property
    def difference(self) -> int:
        """Open entitlements less booked breakage, less the contract liability: zero, or the books are wrong."""
        return self.open_entitlements - self.booked_breakage - self.closing

    @property
    def unexplained(self) -> int:
        """What the steps leave unexplained between opening and closing: zero."""
        return self.closing - self.opening - sum(self.steps.values())

    @property
    def holds(self) -> bool:
        return not self.difference and not self.unexplained


def prepaid_proof(ask: Ask) -> Report:
    """Open entitlements at allocated price, less booked breakage, are the contract liability, for every holder."""
    found = roll_forward(ask.books, ask.period)
    names, codes = organization_names(_holders(found)), organization_codes(_holders(found))
    heads = ["Holder", "Opening", *STEPS.values(), "Closing"]
    tables, wrong = [], []
    for currency in sorted({currency for _, currency in found}):
        of = {pk: one for (pk, unit), one in found.items() if unit == currency}
        rows = [_roll(names[pk], one, currency, ask, codes[pk]) for pk, one in of.items()]
        proofs = [_proof(names[pk], one, currency, ask, codes[pk]) for pk, one in of.items()]
        whole = _added(list(of.values()))
        tables += [
            Table(
                f"Roll-forward in {currency}", heads, [*rows, _roll("Total", whole, currency, ask)], currency
            ),
            Table(
                f"Proof in {currency}",
                _PROOF_HEADS,
                [*proofs, _proof("Total", whole, currency, ask)],
                currency,
            ),
        ]
        wrong += [f"{names[pk]} in {currency}" for pk, one in of.items() if not one.holds]
    text = f"Does not hold for {', '.join(wrong)}." if wrong else "It holds for every holder."
    chart = _trend(ask, tables[0].currency) if tables else None
    return Report("Prepaid proof", during_words(ask), tables, (), Proof(not wrong, text), chart)


def roll_forward(holders: Sequence[int], period: Period) -> dict[Key, RollForward]:
    """The roll-forward of each holder and currency that was ever owed something."""
    found: dict[Key, RollForward] = {}
    before = period.since - timedelta(days=1)
    for day, name in ((before, "opening"), (period.until, "closing")):
        for pk, figures in balances_by_book(holders, day).items():
            for (code, currency), minor in figures.items():
                if code == "contract_liability":
                    setattr(found.setdefault((pk, currency), RollForward()), name, -minor)
    for key, minor in _open_entitlements(holders, period.until).items():
        found.setdefault(key, RollForward()).open_entitlements = minor
    for key, step, minor in _moved(holders, period):
        found.setdefault(key, RollForward()).steps[step] += minor
    for key, minor in booked_breakage(holders, period.until).items():
        found.setdefault(key, RollForward()).booked_breakage = minor
    return dict(sorted(found.items()))


def booked_breakage(holders: Sequence[int], until: date) -> Mapping[Key, int]:
    """What each holder has booked as breakage and not yet used up at the end of a day."""
    sql = """
        SELECT pool.holder_id, pool.currency, sum(movement.amount_minor)::bigint
          FROM ledger_breakagepool pool
          JOIN ledger_breakagemovement movement
            ON movement.network_id = pool.network_id AND movement.pool_id = pool.id
          JOIN ledger_ledgerevent event ON event.id = movement.event_id AND event.effective_on <= %(until)s
         WHERE pool.network_id = app.network_id() AND pool.holder_id = ANY(%(holders)s)
         GROUP BY 1, 2
    """
    rows = rows_of(sql, {"holders": list(holders), "until": until})
    return {(holder, currency): minor for holder, currency, minor in rows}


def _open_entitlements(holders: Sequence[int], until: date) -> dict[Key, int]:
    """What is open on entitlements now, less what has moved since the day; who held nothing by then is left out."""
    sql = """
        SELECT holder_id, currency, sum(minor)::bigint
          FROM (SELECT entitlement.holder_id, entitlement.currency, line.open_minor AS minor
                  FROM ledger_entitlement entitlement
                  JOIN ledger_entitlementline line
                    ON line.network_id = entitlement.network_id AND line.entitlement_id = entitlement.id
                 WHERE entitlement.network_id = app.network_id() AND entitlement.holder_id = ANY(%(holders)s)
                   AND line.open_minor <> 0
                 UNION ALL
                SELECT entitlement.holder_id, entitlement.currency, -movement.amount_minor
                  FROM ledger_ledgerevent event
                  JOIN ledger_entitlementmovement movement ON movement.event_id = event.id
                  JOIN ledger_entitlementline line ON line.id = movement.entitlement_line_id
                  JOIN ledger_entitlement entitlement ON entitlement.id = line.entitlement_id
                 WHERE event.network_id = app.network_id() AND event.effective_on > %(until)s
                   AND entitlement.holder_id = ANY(%(holders)s)) part
         GROUP BY 1, 2 HAVING sum(minor) <> 0
    """
    rows = rows_of(sql, {"holders": list(holders), "until": until})
    return {(holder, currency): minor for holder, currency, minor in rows}


def _moved(holders: Sequence[int], period: Period) -> list[tuple[Key, str, int]]:
    """What each step moved in a period."""
    sql = f"""
        SELECT holder_id, currency, step, sum(minor)::bigint
          FROM (SELECT holder_id, currency, step, minor FROM ({MOVED}) moved
                 UNION ALL
                SELECT holder_id, currency, 'breakage', minor FROM ({BREAKAGE_MOVED}) booked) part
         WHERE holder_id = ANY(%(holders)s) GROUP BY 1, 2, 3
    """
    rows = rows_of(sql, {"holders": list(holders), "since": period.since, "until": period.until})
    return [((holder, currency), step, minor) for holder, currency, step, minor in rows]


def _holders(found: Mapping[Key, RollForward]) -> list[int]:
    return [pk for pk, _ in found]


def _added(parts: Sequence[RollForward]) -> RollForward:
    return RollForward(
        sum(one.opening for one in parts),
        sum(one.closing for one in parts),
        sum(one.open_entitlements for one in parts),
        sum(one.booked_breakage for one in parts),
        {step: sum(one.steps[step] for one in parts) for step in STEPS},
    )


_PROOF_HEADS = ["Holder", "Open entitlements", "Booked breakage", "Contract liability", "Difference"]


def _roll(label: str, one: RollForward, currency: str, ask: Ask, code: str = "") -> Line:
    """A row of the roll-forward: what opened and closed leads to lines of the liability, each step to its own movements."""
    whose = _whose(code)
    liability = ask.lines(account="contract_liability", currency=currency) | whose
    before = {"until": (ask.period.since - timedelta(days=1)).isoformat()}
    cells = [
        Cell(Money(one.opening, currency), liability | before),
        *(
            Cell(Money(minor, currency), ask.parts(step, currency, ask.period) | whose)
            for step, minor in one.steps.items()
        ),
        Cell(Money(one.closing, currency), liability),
    ]
    return Line(label, cells, Style.PLAIN if code else Style.TOTAL)


def _proof(label: str, one: RollForward, currency: str, ask: Ask, code: str = "") -> Line:
    """A row of the proof, each figure of which leads to what it is made of since the beginning."""
    whose = _whose(code)
    cells = [
        Cell(Money(one.open_entitlements, currency), ask.parts("entitlements", currency) | whose),
        Cell(Money(-one.booked_breakage, currency), ask.parts("breakage", currency) | whose),
        Cell(
            Money(one.closing, currency), ask.lines(account="contract_liability", currency=currency) | whose
        ),
        Cell(Money(one.difference, currency)),
    ]
    return Line(label, cells, Style.PLAIN if code else Style.TOTAL)


def _whose(code: str) -> dict[str, str]:
    """A holder's own; without one of all the books that are asked for."""
    return {"organization": code, "scope": "alone"} if code else {}


def _trend(ask: Ask, currency: str) -> Chart:
    """What was owed at the end of each of the last twelve months."""
    months = [months_before(ask.period.until, back) for back in reversed(range(_MONTHS))]
    moved = by_month(ask.books, ["contract_liability"], months)
    at_first = balances_by_book(ask.books, months[0] - timedelta(days=1))
    owed = -sum(figures.get(("contract_liability", currency), 0) for figures in at_first.values())
    values: list[float] = []
    for month in months:
        owed -= moved.get((month, "contract_liability", currency), 0)
        values.append(owed / 10 ** decimals_of(currency))
    labels = [locale.short_month(month) for month in months]
    return line_chart(
        f"Contract liability by month, {currency}", labels, [Series("Contract liability", values)]
    )
