"""What a consolidated statement takes over many lines and organizations, and that it is what all lines come to.

The lines are written as a superuser would, without the posting functions: those are measured by `bench_ledger`, and
ten million postings take hours. What is read is what posting and folding leave behind.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from core.actors import SystemActor
from core.tenancy import bound
from core.tenancy.every import networks_meant
from ledger.models import JournalLine
from ledger.queries.figures import Ask, balances, figures_sql
from ledger.queries.report import KINDS
from ledger.queries.statement import perimeter_of
from ledger.rules.books import Figures
from ledger.rules.report import Compare, Period, Scope
from network.bench.organizations import fill_organizations
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.models import Organization
from orgs.queries import tree
from orgs.rules.structure import THIRD_PARTY

ACTOR = SystemActor.of("benchmark")
FIRST, MONTHS = date(2024, 1, 1), 24
UNTIL = date(2025, 11, 17)  # cuts a month
YEAR = Period(date(2025, 1, 1), UNTIL)
SEED = 20260401
REPORTS = {
    "trial balance": ("trial-balance", Compare.NOTHING),
    "balance sheet": ("balance-sheet", Compare.NOTHING),
    "profit and loss with its chart": ("profit-and-loss", Compare.NOTHING),
    "balance sheet beside a year before": ("balance-sheet", Compare.YEAR),
    "profit and loss beside a year before": ("profit-and-loss", Compare.YEAR),
}

Say = Callable[[str], None]

#: Accounts of the parent and of each branch, for redemptions at branches that the parent pays.
_ACCOUNTS = """
    INSERT INTO ledger_account (network_id, organization_id, code, currency, counterparty_id)
    SELECT %(network)s, %(parent)s, code, 'USD', NULL FROM unnest(ARRAY['contract_liability', 'service_revenue']) code
     UNION ALL
    SELECT %(network)s, %(parent)s, code, 'USD', branch
      FROM unnest(%(branches)s::bigint[]) branch, unnest(ARRAY['intercompany_cost', 'due_to']) code
     UNION ALL
    SELECT %(network)s, branch, code, 'USD', %(parent)s
      FROM unnest(%(branches)s::bigint[]) branch, unnest(ARRAY['due_from', 'intercompany_revenue']) code
"""
_EVENTS = """
    INSERT INTO ledger_ledgerevent (network_id, key, payload_hash, kind, effective_on, posted_at, organization_id,
                                    inputs, line_count, movement_count, actor_kind, actor_label)
    SELECT %(network)s, 'bench-' || n, '', 'journal', %(first)s::date + (n %% %(days)s::bigint)::integer, now(),
           (%(branches)s::bigint[])[1 + n %% cardinality(%(branches)s::bigint[])], '{}', 6, 0, 'system', 'benchmark'
      FROM generate_series(%(from)s::bigint, %(to)s::bigint) n
"""
_LINES = """
    WITH account AS MATERIALIZED (SELECT * FROM ledger_account WHERE network_id = %(network)s),
    shape (line_no, code, is_parent, names, amount) AS (VALUES
        (1, 'contract_liability', true, false, 100), (2, 'service_revenue', true, false, -100),
        (3, 'intercompany_cost', true, true, 80), (4, 'due_to', true, true, -80),
        (5, 'due_from', false, true, 80), (6, 'intercompany_revenue', false, true, -80))
    INSERT INTO ledger_journalline (network_id, event_id, line_no, account_id, organization_id, counterparty_id,
                                    currency, amount_minor, effective_on)
    SELECT event.network_id, event.id, shape.line_no, account.id, account.organization_id, account.counterparty_id,
           'USD', shape.amount * (1 + event.id %% 977), event.effective_on
      FROM ledger_ledgerevent event CROSS JOIN shape
      JOIN account ON account.code = shape.code
       AND account.organization_id = CASE WHEN shape.is_parent THEN %(parent)s ELSE event.organization_id END
       AND coalesce(account.counterparty_id, 0) =
           CASE WHEN NOT shape.names THEN 0 WHEN shape.is_parent THEN event.organization_id ELSE %(parent)s END
     WHERE event.network_id = %(network)s AND event.key LIKE 'bench-%%' AND event.id > %(after)s
"""
_FOLDED = """
    INSERT INTO ledger_balance (network_id, account_id, month, organization_id, counterparty_id, code, currency,
                                debit_minor, credit_minor)
    SELECT line.network_id, account.id, date_trunc('month', line.effective_on)::date, account.organization_id,
           account.counterparty_id, account.code, account.currency,
           sum(greatest(line.amount_minor, 0)), sum(greatest(-line.amount_minor, 0))
      FROM ledger_journalline line JOIN ledger_account account ON account.id = line.account_id
     WHERE line.network_id = %(network)s GROUP BY 1, 2, 3
"""
_STANDING = """
    INSERT INTO ledger_standing (network_id, account_id, effective_on, debit_minor, credit_minor)
    SELECT network_id, account_id, effective_on, sum(sum(greatest(amount_minor, 0))) OVER days,
           sum(sum(greatest(-amount_minor, 0))) OVER days
      FROM ledger_journalline WHERE network_id = %(network)s GROUP BY network_id, account_id, effective_on
    WINDOW days AS (PARTITION BY account_id ORDER BY effective_on)
"""
_INDEXES = """
    SELECT index.relname, pg_get_indexdef(index.oid)
      FROM pg_index JOIN pg_class index ON index.oid = indexrelid
     WHERE indrelid = 'public.ledger_journalline'::regclass AND NOT indisprimary
"""
_ALL_LINES = """
    SELECT account.code, line.currency, sum(line.amount_minor)::bigint,
           -coalesce(sum(line.amount_minor) FILTER (WHERE line.counterparty_id = ANY(%(inside)s)), 0)::bigint
      FROM ledger_journalline line JOIN ledger_account account ON account.id = line.account_id
     WHERE line.organization_id = ANY(%(inside)s) AND line.effective_on <= %(until)s GROUP BY 1, 2
"""
_AT_ONCE = 250_000


def load(say: Say, dsn: str, lines: int, organizations: int) -> None:
    """Fill an empty database."""
    say(f"making {organizations:,} organizations")
    network_id, parent, branches = make_organizations(organizations)
    fill_journal(say, dsn, network_id, parent.pk, branches, lines)


def run(say: Say, *, rounds: int = 7) -> dict[str, Any]:
    """Compare with all lines, measure; plain figures, milliseconds as medians."""
    (network_id,) = networks_meant(None)
    with bound(network_id):
        parent = tree.root()
        say("adding up all lines")
        begun = time.perf_counter()
        expected = _from_lines(perimeter_of(parent, UNTIL))
        recomputed = (time.perf_counter() - begun) * 1000
        found = balances(perimeter_of(parent, UNTIL), UNTIL)
        took = _in_turns(
            {"the figures alone": lambda: balances(perimeter_of(parent, UNTIL), UNTIL)}
            | {name: _report(parent, kind, compare) for name, (kind, compare) in REPORTS.items()},
            rounds,
        )
        plan = _plan(perimeter_of(parent, UNTIL))
        return {
            "equal": found == expected,
            "lines": JournalLine.objects.count(),
            "organizations": Organization.objects.count(),
            "milliseconds": took,
            "load": os.getloadavg()[0],
            "recomputing_milliseconds": round(recomputed, 1),
            "plan": plan,
        }


def make_organizations(number: int) -> tuple[int, Any, list[int]]:
    """A tree as a large network has it: regions, areas, clinics and partners. The parent, and all other books."""
    enterprise = create_enterprise(ACTOR, code="bench", name="Benchmark")
    new = NewNetwork(code="BENCH", name="Benchmark", currency="USD", max_sub_depth=8)
    network = create_network(ACTOR, enterprise, new)
    with bound(network.pk):
        fill_organizations(network, number, random.Random(SEED))
        parent = tree.root()
        books = Organization.objects.exclude(kind=THIRD_PARTY).exclude(pk=parent.pk)
        return network.pk, parent, list(books.order_by("pk").values_list("pk", flat=True))


def fill_journal(
    say: Say, dsn: str, network_id: int, parent_id: int, branches: list[int], lines: int
) -> None:
    named: dict[str, Any] = {"network": network_id, "parent": parent_id, "branches": branches, "first": FIRST}
    named["days"] = 30 * MONTHS
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        session.execute(_ACCOUNTS, named)
        session.execute("ANALYZE ledger_account")
        indexes = session.execute(_INDEXES).fetchall()
        for name, _ in indexes:  # made anew at the end, which takes a fifth of the time
            session.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for start in range(0, lines // 6, _AT_ONCE):
            last = session.execute("SELECT coalesce(max(id), 0) FROM ledger_ledgerevent").fetchone()
            assert last is not None
            session.execute(_EVENTS, named | {"from": start + 1, "to": min(start + _AT_ONCE, lines // 6)})
            session.execute(_LINES, named | {"after": last[0]})
            say(f"  {min((start + _AT_ONCE) * 6, lines):,} lines")
        for _, made in indexes:
            session.execute(made)
        session.execute(_FOLDED, named)
        session.execute(_STANDING, named)
        session.execute(
            "VACUUM ANALYZE ledger_journalline, ledger_account, ledger_balance, ledger_standing, ledger_ledgerevent"
        )


def _from_lines(inside: list[int]) -> tuple[Figures, Figures]:
    with connection.cursor() as cursor:
        cursor.execute(_ALL_LINES, {"inside": inside, "until": UNTIL})
        rows = cursor.fetchall()
    total = {(code, currency): minor for code, currency, minor, _ in rows}
    return total, {(code, currency): gone for code, currency, _, gone in rows if gone}


def _report(parent: Organization, kind: str, compare: Compare) -> Callable[[], object]:
    return lambda: KINDS[kind].build(Ask(ACTOR, parent, Scope.CONSOLIDATED, YEAR, compare))


def _in_turns(measured: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Medians in milliseconds of rounds in which everything takes its turn."""
    costs: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, one in measured.items():
            begun = time.perf_counter()
            one()
            costs[name].append((time.perf_counter() - begun) * 1000)
    return {name: round(statistics.median(each), 1) for name, each in costs.items()}


def _plan(inside: list[int]) -> list[str]:
    """How PostgreSQL reads the figures: which indexes it uses."""
    statement, parameters = figures_sql(inside, UNTIL)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", parameters)
        return [row[0] for row in cursor.fetchall() if "Scan" in row[0]]
