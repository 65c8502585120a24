"""Ages of what is due, against a walk through all lines from the newest on."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from ledger.actions.journal import Posting, post_journal
from ledger.models import JournalLine
from ledger.posting import fold_deltas
from ledger.queries.ageing import AGES, aged
from ledger.queries.figure_lines import Asked, figure_lines, figure_sum
from ledger.rules.accounts import Account
from ledger.rules.report import Scope
from tests.ledger.market import SYSTEM, new_key, usd

UNTIL = date(2026, 6, 30)
#: Days before it, on both sides of where an age begins.
BACK = (0, 1, 29, 30, 31, 32, 59, 60, 61, 62, 89, 90, 91, 92, 150)


def owe(world, minor: int, on: date) -> None:
    """P owes S so much more, or less."""
    amount = usd("0.01") * minor
    postings = [
        Posting(world["S"], Account.DUE_FROM, amount, world["P"]),
        Posting(world["S"], Account.CASH, -amount),
        Posting(world["P"], Account.DUE_TO, -amount, world["S"]),
        Posting(world["P"], Account.CASH, amount),
    ]
    post_journal(SYSTEM, world["S"], postings=postings, reason="lent", on=on, key=new_key())


def walked(code: str) -> list[int]:
    """The open part of each age: lines of the balance's sign, from the newest on, until nothing of it is left."""
    rows = JournalLine.objects.filter(account__code=code, effective_on__lte=UNTIL)
    lines = list(
        rows.order_by("-effective_on", "-event_id", "line_no").values_list("effective_on", "amount_minor")
    )
    left, parts = sum(minor for _, minor in lines), [0] * len(AGES)
    for on, minor in lines:
        if minor * left > 0:
            taken = minor if abs(minor) < abs(left) else left
            days = (UNTIL - on).days
            parts[next(at for at, (last, _) in enumerate(AGES) if last is None or days <= last)] += taken
            left -= taken
    return parts


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("folded", [False, True])
def test_ages_are_those_of_the_lines(market, seed, folded):
    random, world = Random(seed), market.world
    for back in (*BACK, *random.choices(BACK, k=10)):
        owe(world, random.choice((1, 1, 1, -1)) * random.randint(1, 10_000), UNTIL - timedelta(days=back))
    owe(world, 77, UNTIL + timedelta(days=1))
    if folded:
        while fold_deltas(50):
            pass
    found = {one.account: one for one in aged([world["S"].pk, world["P"].pk], UNTIL)}
    for code, creditor, debtor in (("due_from", "S", "P"), ("due_to", "P", "S")):
        parts = walked(code)
        assert list(found[code].parts) == parts
        for age, minor in enumerate(parts):
            asked = Asked(
                f"age{age}",
                world[creditor],
                Scope.ALONE,
                "USD",
                UNTIL,
                account=code,
                counterparty=world[debtor],
            )
            assert figure_sum(SYSTEM, asked).minor == minor
            assert sum(one.amount.minor for one in figure_lines(SYSTEM, asked)) == minor


def test_what_is_settled_or_not_yet_due_has_no_age(market):
    owe(market.world, 500, UNTIL)
    owe(market.world, -500, UNTIL)
    owe(market.world, 700, UNTIL + timedelta(days=1))
    assert aged([market.world["S"].pk], UNTIL) == []
    assert [one.parts for one in aged([market.world["S"].pk], UNTIL + timedelta(days=1))] == [(700, 0, 0, 0)]
