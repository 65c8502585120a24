"""What a scenario expects, looked up in the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from core.money import Money
from ledger.models import EntitlementMovement, JournalLine
from ledger.queries.statement import perimeter_of
from ledger.queries.translation import OneCurrency, currencies_of
from ledger.rules.accounts import Account
from ledger.rules.consolidation import ConsolidatedRow, Node, consolidate, perimeter
from ledger.rules.lines import Kind, Line
from ledger.scenario import schema
from ledger.scenario.report import Outcome
from ledger.scenario.run_world import World
from orgs.queries import tree


def outcome_of(expected: schema.Expectation, world: World) -> Outcome:
    """Compare one expectation with what is."""
    return _EXPECTATIONS[type(expected)](expected, world)


def _lines(as_of: date | None) -> QuerySet[JournalLine]:
    rows = JournalLine.objects.all()
    return rows.filter(effective_on__lte=as_of) if as_of else rows


def _as_of(as_of: date | None) -> str:
    return f" as of {as_of.isoformat()}" if as_of else ""


def _balance(expected: schema.BalanceExpected, world: World) -> Outcome:
    organization = world.organizations[expected.organization]
    rows = _lines(expected.as_of).filter(
        organization=organization, account__code=expected.account, currency=expected.currency
    )
    what = f"balance {expected.organization} {expected.account}"
    if expected.currency != organization.currency:
        what += f" {expected.currency}"
    if expected.counterparty:
        rows = rows.filter(counterparty=world.organizations[expected.counterparty])
        what += f"({expected.counterparty})"
    found = rows.aggregate(total=Sum("amount_minor"))["total"] or 0
    return _money(
        expected.line, what + _as_of(expected.as_of), expected.amount_minor, found, expected.currency
    )


def _entitlement(expected: schema.EntitlementExpected, world: World) -> Outcome:
    rows = EntitlementMovement.objects.filter(
        entitlement_line__entitlement=world.sales[expected.sale].entitlement,
        entitlement_line__service__code=expected.service,
    )
    if expected.as_of:
        rows = rows.filter(event__effective_on__lte=expected.as_of)
    left = rows.aggregate(left=Sum("units"))["left"] or 0
    what = f"entitlement {expected.sale} {expected.service} left{_as_of(expected.as_of)}"
    return Outcome(expected.line, what, str(expected.left), str(left))


def _cell(of: str, account: Account, as_of: date | None, world: World) -> ConsolidatedRow:
    """The account's row in the consolidated statement, in the currency of the organization consolidated."""
    organization = world.organizations[of]
    nodes = [Node(node.pk, node.parent_id, Kind(node.kind)) for node in tree.subtree(tree.root())]
    lines = [
        Line(organization_id, Account(code), currency, amount_minor, counterparty_id)
        for organization_id, code, currency, amount_minor, counterparty_id in _lines(as_of).values_list(
            "organization_id", "account__code", "currency", "amount_minor", "counterparty_id"
        )
    ]
    rows = consolidate(lines, perimeter(organization.pk, nodes))
    return rows.get((account, organization.currency), ConsolidatedRow())


def _consolidated(expected: schema.ConsolidatedExpected, world: World) -> Outcome:
    found = _cell(expected.of, expected.account, expected.as_of, world).consolidated
    what = f"consolidated {expected.of} {expected.account}{_as_of(expected.as_of)}"
    return _money(
        expected.line, what, expected.amount_minor, found, world.organizations[expected.of].currency
    )


def _eliminated(expected: schema.EliminatedExpected, world: World) -> Outcome:
    found = _cell(expected.of, expected.account, expected.as_of, world).eliminations
    what = f"eliminated {expected.of} {expected.account}{_as_of(expected.as_of)}"
    return _money(
        expected.line, what, expected.amount_minor, found, world.organizations[expected.of].currency
    )


def _translated(expected: schema.TranslatedExpected, world: World) -> Outcome:
    inside = perimeter_of(world.organizations[expected.of], expected.as_of)
    one = OneCurrency(expected.currency, currencies_of(inside))
    total, gone = one.standing(inside, expected.as_of)
    what = f"translated {expected.of} {expected.account} in {expected.currency}{_as_of(expected.as_of)}"
    if one.missing:
        return Outcome(
            expected.line,
            what,
            Money(expected.amount_minor, expected.currency).decimal(),
            f"missing {one.missing[0]}",
        )
    key = expected.account, expected.currency
    return _money(
        expected.line, what, expected.amount_minor, total.get(key, 0) + gone.get(key, 0), expected.currency
    )


def _result(expected: schema.ResultExpected, world: World) -> Outcome:
    found, equals = world.results[expected.of], expected.equals
    if isinstance(found, tuple) or isinstance(equals, tuple):
        return Outcome(
            expected.line,
            f"result {expected.of}",
            _steps(equals, world.currency),
            _steps(found, world.currency),
        )
    names = sorted({*found, *equals})
    return Outcome(
        expected.line,
        f"result {expected.of}",
        ", ".join(f"{name} {Money(equals.get(name, 0), world.currency).decimal()}" for name in names),
        ", ".join(f"{name} {Money(found.get(name, 0), world.currency).decimal()}" for name in names),
    )


def _steps(steps: Any, currency: str) -> str:
    return ", ".join(Money(step, currency).decimal() for step in steps)


def _trial_balance(expected: schema.TrialBalanceExpected, world: World) -> Outcome:
    sums: defaultdict[str, int] = defaultdict(int)
    rows = _lines(expected.as_of).filter(organization=world.organizations[expected.organization])
    for currency, amount_minor in rows.values_list("currency", "amount_minor"):
        sums[currency] += amount_minor
    words = {True: "balances", False: "does not balance"}
    what = f"trial balance {expected.organization}{_as_of(expected.as_of)}"
    return Outcome(expected.line, what, words[expected.balances], words[not any(sums.values())])


def _money(line: int, what: str, expected_minor: int, found_minor: int, currency: str) -> Outcome:
    return Outcome(
        line, what, Money(expected_minor, currency).decimal(), Money(found_minor, currency).decimal()
    )


_EXPECTATIONS: dict[type, Callable[[Any, World], Outcome]] = {
    schema.BalanceExpected: _balance,
    schema.EntitlementExpected: _entitlement,
    schema.ConsolidatedExpected: _consolidated,
    schema.EliminatedExpected: _eliminated,
    schema.TranslatedExpected: _translated,
    schema.ResultExpected: _result,
    schema.TrialBalanceExpected: _trial_balance,
}
