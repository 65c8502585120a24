"""What balances in foreign currencies are worth at a day's rates, and how much of the difference is in the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from core.money import Money
from ledger.queries.exchange import History, rate_in_force, rate_on
from ledger.queries.figures import rows_of
from ledger.rules.exchange import MONETARY, Position, Rate, difference
from ledger.rules.refusals import Refusal

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Revaluation:
    """The balances of one organization in one foreign currency at the end of a day.

    `target` is what they gained since they came about, settled ones included, and `booked` what of it is in the books;
    `missing` says which rate is not on record.
    """

    organization: Organization
    balance: Money
    rate: Rate | None
    target: Money
    booked: Money
    missing: str = ""

    @property
    def step(self) -> Money:
        """What is to be booked: a gain +, a loss -."""
        return self.target - self.booked

    @property
    def currency(self) -> str:
        return self.balance.currency


def revaluations(organizations: Iterable[Organization], until: date) -> list[Revaluation]:
    """Every foreign currency in which somebody ever had a monetary balance, in order of organization and currency.

    Three statements, whoever and however many they are, and one for each pair of currencies.
    """
    books = {one.pk: one for one in organizations}
    found: defaultdict[tuple[int, str], list[Position]] = defaultdict(list)
    for each in positions(list(books.values()), until):
        found[each.organization_id, each.currency].append(each)
    if not found:
        return []
    booked = booked_differences(sorted({pk for pk, _ in found}), until)
    histories: dict[tuple[str, str], History] = {}
    order = {pk: place for place, pk in enumerate(books)}
    return [
        _revaluation(
            books[pk], currency, found[pk, currency], booked.get((pk, currency), 0), until, histories
        )
        for pk, currency in sorted(found, key=lambda key: (order[key[0]], key[1]))
    ]


def positions(organizations: Sequence[Organization], until: date) -> list[Position]:
    """Monetary lines in foreign currencies, summed by the day on which they came about.

    A void's is that of what it voids: what never was neither gains nor loses.
    """
    sql = """
        SELECT a.organization_id, a.currency, coalesce(voided.effective_on, e.effective_on),
               sum(l.amount_minor)::bigint
          FROM unnest(%(books)s::bigint[], %(homes)s::text[]) AS one (id, home)
          JOIN ledger_account a ON a.network_id = app.network_id() AND a.organization_id = one.id
           AND a.code = ANY (%(codes)s) AND a.currency <> one.home
          JOIN ledger_journalline l ON l.network_id = a.network_id AND l.account_id = a.id
           AND l.effective_on <= %(until)s
          JOIN ledger_ledgerevent e ON e.id = l.event_id
          LEFT JOIN ledger_ledgerevent voided ON voided.id = e.voids_id
         GROUP BY 1, 2, 3
    """
    parameters = {
        "books": [one.pk for one in organizations],
        "homes": [one.currency for one in organizations],
        "codes": [code.value for code in MONETARY],
        "until": until,
    }
    return [Position(*row) for row in rows_of(sql, parameters)]


def booked_differences(organization_ids: Sequence[int], until: date) -> dict[tuple[int, str], int]:
    """Gains (+) and losses (-) that settlements realized and revaluations booked, by organization and currency."""
    sql = """
        SELECT a.organization_id, e.inputs ->> 'currency', -sum(l.amount_minor)::bigint
          FROM ledger_account a
          JOIN ledger_journalline l ON l.network_id = a.network_id AND l.account_id = a.id
           AND l.effective_on <= %(until)s
          JOIN ledger_ledgerevent e ON e.id = l.event_id AND e.kind IN ('settlement', 'revaluation')
         WHERE a.network_id = app.network_id() AND a.organization_id = ANY (%(books)s) AND a.code = 'fx_gain_loss'
         GROUP BY 1, 2
    """
    rows = rows_of(sql, {"books": list(organization_ids), "until": until})
    return {(pk, currency): minor for pk, currency, minor in rows}


def _revaluation(
    place: Organization,
    currency: str,
    parts: Sequence[Position],
    booked_minor: int,
    until: date,
    histories: dict[tuple[str, str], History],
) -> Revaluation:
    home = place.currency
    balance = Money(sum(each.amount_minor for each in parts), currency)
    booked = Money(booked_minor, home)
    try:
        rate = rate_on(currency, home, until) if balance else rate_in_force(currency, home, until)
        if (currency, home) not in histories:
            histories[currency, home] = History(currency, home, until)
        history = histories[currency, home]
        amounts = [(each.amount_minor, history.factor(each.since)) for each in parts]
    except Refusal as refusal:
        return Revaluation(place, balance, None, booked, booked, refusal.message)
    # Where nothing is left the closing rate has no weight, and none is asked for.
    closing = rate.factor(currency, home) if rate and balance else Fraction(0)
    return Revaluation(place, balance, rate, Money(difference(amounts, closing), home), booked)
