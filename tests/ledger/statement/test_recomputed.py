"""Figures read from what stands on accounts and the deltas that wait are what all lines come to, whatever was posted
in which order, on any day, for any perimeter."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.models import JournalLine, LedgerEvent
from ledger.posting import Record, close_period, fold_deltas, post, reversal_of
from ledger.queries.figures import Ask, balances, balances_by_book, by_month, moved
from ledger.queries.verify import verify_ledger
from ledger.rules.accounts import Account
from ledger.rules.consolidation import consolidate
from ledger.rules.lines import Line
from ledger.rules.report import Period, Scope
from tests.ledger.market import SYSTEM

FIRST = date(2025, 11, 20)
MONTHS = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]

days = st.integers(0, 75).map(lambda n: FIRST + timedelta(days=n))
postings = st.tuples(
    st.just("post"), days, st.permutations("PSTQ"), st.integers(1, 10**9), st.sampled_from(["USD", "JPY"])
)
steps = st.one_of(
    postings,
    postings,
    st.tuples(st.just("void"), st.integers(0, 20), days),
    st.tuples(st.just("close"), st.sampled_from(MONTHS[:2])),
    st.tuples(st.just("fold"), st.integers(1, 25)),
)
asked = st.tuples(
    st.sampled_from("PSQ"), st.sampled_from(list(Scope)), st.integers(-2, 95), st.integers(0, 40)
)


class Books:
    """Entries between any two books, in two currencies, on days of months that are open."""

    def __init__(self, market):
        self.world, self.events, self.open_from = market.world, [], FIRST

    def post(self, day, books, minor, currency):
        one, other = (self.world[code].pk for code in books[:2])
        lines = [
            Line(one, Account.DUE_FROM, currency, minor, other),
            Line(one, Account.INTERCOMPANY_REVENUE, currency, -minor, other),
            Line(other, Account.INTERCOMPANY_COST, currency, minor, one),
            Line(other, Account.DUE_TO, currency, -minor, one),
        ]
        self._record(LedgerEvent.Kind.JOURNAL, max(day, self.open_from), one, lines)

    def void(self, number, day):
        if self.events:
            event, voided_on, at = self.events.pop(number % len(self.events))
            lines, _, _ = reversal_of(event)
            self._record(
                LedgerEvent.Kind.VOID, max(day, voided_on, self.open_from), at, lines, voids_id=event
            )

    def close(self, month):
        after = month.replace(day=monthrange(month.year, month.month)[1]) + timedelta(days=1)
        self.open_from = max(self.open_from, after)
        close_period([self.world[code].pk for code in "PSTQ"], month, SYSTEM)

    def fold(self, at_most):
        fold_deltas(at_most)

    def _record(self, kind, day, at, lines, voids_id=None):
        number = LedgerEvent.objects.count()
        posted = post(Record(f"r{number}", kind, day, at, SYSTEM, {"n": number}, lines, voids_id=voids_id))
        if voids_id is None:
            self.events.append((posted.event_id, day, at))


def all_lines(since: date, until: date) -> list[Line]:
    rows = JournalLine.objects.filter(effective_on__range=(since, until)).values_list(
        "organization_id", "account__code", "currency", "amount_minor", "counterparty_id"
    )
    return [Line(row[0], Account(row[1]), *row[2:]) for row in rows]


def recomputed(books, until: date, since: date = date.min) -> tuple[dict, dict]:
    found = consolidate(all_lines(since, until), frozenset(books))
    total = {(key[0].value, key[1]): row.aggregate for key, row in found.items()}
    gone = {(key[0].value, key[1]): row.eliminations for key, row in found.items() if row.eliminations}
    return total, gone


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(steps, min_size=3, max_size=25), asked=st.lists(asked, min_size=1, max_size=3))
def test_the_same_as_all_lines(market, steps, asked):
    with transaction.atomic():
        posted = Books(market)
        for name, *given_ in steps:
            getattr(posted, name)(*given_)
        for at, scope, day, back in asked:
            until = FIRST + timedelta(days=day)
            books = Ask(SYSTEM, market.world[at], scope, Period(FIRST, until)).books
            _is_recomputed(books, Period(until - timedelta(days=back), until))
        assert list(verify_ledger()) == []
        transaction.set_rollback(True)


def _is_recomputed(books, period):
    assert balances(books, period.until) == recomputed(books, period.until)
    for pk, figures in balances_by_book(books, period.until).items():
        assert figures == recomputed([pk], period.until)[0]
    total, gone = moved(books, period)
    before = recomputed(books, period.since - timedelta(days=1))
    after = recomputed(books, period.until)
    assert total == {key: minor - before[0].get(key, 0) for key, minor in after[0].items()}
    for key in total:
        assert gone.get(key, 0) == after[1].get(key, 0) - before[1].get(key, 0)
    months = by_month(books, ["due_from", "intercompany_cost"], MONTHS)
    for month in MONTHS:
        last = month.replace(day=monthrange(month.year, month.month)[1])
        expected, _ = recomputed(books, last, since=month)
        for code in ("due_from", "intercompany_cost"):
            for currency in ("USD", "JPY"):
                assert months.get((month, code, currency), 0) == expected.get((code, currency), 0)
