"""Figures read from balances, deltas and the cut month are what all lines come to, on any day, for any perimeter."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from ledger.models import JournalLine, LedgerEvent
from ledger.posting import Record, fold_deltas, post
from ledger.queries.figures import Ask, balances, balances_by_book, moved
from ledger.rules.accounts import Account
from ledger.rules.consolidation import consolidate
from ledger.rules.lines import Line
from ledger.rules.report import Period, Scope
from tests.ledger.market import SYSTEM

FIRST = date(2025, 11, 20)
DAYS = 75


def post_some(market, chance: random.Random, number: int) -> None:
    """Entries between any two books, on any day, in two currencies."""
    books = [market.world[code].pk for code in "PSTQ"]
    for _ in range(number):
        one, other = chance.sample(books, 2)
        minor, currency = chance.randint(1, 10**9), chance.choice(["USD", "JPY"])
        lines = [
            Line(one, Account.DUE_FROM, currency, minor, other),
            Line(one, Account.INTERCOMPANY_REVENUE, currency, -minor, other),
            Line(other, Account.INTERCOMPANY_COST, currency, minor, one),
            Line(other, Account.DUE_TO, currency, -minor, one),
        ]
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        post(Record(f"r{chance.random()}", LedgerEvent.Kind.JOURNAL, day, one, SYSTEM, {"n": minor}, lines))


def all_lines(until: date) -> list[tuple[date, Line]]:
    rows = JournalLine.objects.filter(effective_on__lte=until).values_list(
        "effective_on", "organization_id", "account__code", "currency", "amount_minor", "counterparty_id"
    )
    return [(row[0], Line(row[1], Account(row[2]), *row[3:])) for row in rows]


def recomputed(books, until: date) -> tuple[dict, dict]:
    found = consolidate([line for _, line in all_lines(until)], frozenset(books))
    total = {(key[0].value, key[1]): row.aggregate for key, row in found.items()}
    gone = {(key[0].value, key[1]): row.eliminations for key, row in found.items() if row.eliminations}
    return total, gone


@pytest.mark.parametrize("seed", range(6))
def test_the_same_from_balances_as_from_lines(market, seed):
    chance = random.Random(seed)
    post_some(market, chance, 12)
    fold_deltas(chance.randint(1, 30))
    post_some(market, chance, 12)
    for _ in range(6):
        until = FIRST + timedelta(days=chance.randrange(-2, DAYS + 20))
        at, scope = market.world[chance.choice("PSQ")], chance.choice(list(Scope))
        books = Ask(SYSTEM, at, scope, Period(FIRST, until)).books
        assert balances(books, until) == recomputed(books, until)
        for pk, figures in balances_by_book(books, until).items():
            assert figures == recomputed([pk], until)[0]
        since = until - timedelta(days=chance.randrange(40))
        total, gone = moved(books, Period(since, until))
        before = recomputed(books, since - timedelta(days=1))
        after = recomputed(books, until)
        assert total == {key: minor - before[0].get(key, 0) for key, minor in after[0].items()}
        for key in total:
            assert gone.get(key, 0) == after[1].get(key, 0) - before[1].get(key, 0)
