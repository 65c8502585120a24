"""The big reads keep their indexes under row-level security, as the web role: proven by their plans, not by time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from core.models import Network
from core.tenancy import bound
from ledger.models import Account, Entitlement, EntitlementMovement, JournalLine, LedgerEvent
from ledger.queries.ageing import aged_sql
from network.bench.load import Size, load
from tests import databases

SIZE = Size(
    organizations=100, lines=10_000, patients=1_000
)  # from so many on, an index is worth it to the planner

READS = {
    "the journal's newest page": (
        "SELECT id FROM ledger_ledgerevent WHERE network_id = %(network)s ORDER BY effective_on DESC, id DESC LIMIT 50",
        "ledgerevent_newest",
    ),
    "the journal's next page": (
        "SELECT id FROM ledger_ledgerevent WHERE effective_on <= %(on)s AND (effective_on < %(on)s "
        "OR (effective_on = %(on)s AND id < 9)) ORDER BY effective_on DESC, id DESC LIMIT 50",
        "ledgerevent_newest",
    ),
    "an account's newest lines": (
        "SELECT event_id, amount_minor FROM ledger_journalline WHERE account_id = %(account)s "
        "ORDER BY effective_on DESC, event_id DESC LIMIT 50",
        "journalline_account",
    ),
    "an organization's lines of a month": (
        "SELECT sum(amount_minor) FROM ledger_journalline WHERE organization_id = %(organization)s "
        "AND effective_on BETWEEN date_trunc('month', %(on)s::date) AND %(on)s::date",
        "journalline_organization",
    ),
    "an organization's balances": (
        "SELECT month, debit_minor FROM ledger_balance WHERE organization_id = %(organization)s "
        "AND month < '2026-01-01' ORDER BY month",
        "balance_organization",
    ),
    "who owes whom": (
        "SELECT month, debit_minor FROM ledger_balance WHERE code = 'due_from' AND month < '2026-01-01' ORDER BY month",
        "balance_code",
    ),
    "an event by its key": ("SELECT id FROM ledger_ledgerevent WHERE key = %(key)s", "ledgerevent_key_unique"),
    "an account by what it is": (
        "SELECT id FROM ledger_account WHERE organization_id = %(organization)s AND code = 'due_to' "
        "AND currency = 'INR' AND coalesce(counterparty_id, 0) = 2",
        "account_unique",
    ),
    "an entitlement by its code": (
        "SELECT id FROM ledger_entitlement WHERE code = %(code)s",
        "entitlement_code_unique",
    ),
    "a patient's entitlements": (
        "SELECT id FROM ledger_entitlement WHERE patient_id = %(patient)s",
        "entitlement_patient",
    ),
    "an entitlement line's history": (
        "SELECT event_id FROM ledger_entitlementmovement WHERE entitlement_line_id = %(line)s",
        "entitlementmovement_line",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def busy(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[tuple[Network, dict[str, Any]]]:
    """A loaded network with the planner's statistics, and what to look for in it: nothing rare, nothing usual."""
    with django_db_blocker.unblock(), databases.own("busy"):
        network = load("BUSY", SIZE, lambda what, made, of: None)
        with bound(network.pk):
            line = JournalLine.objects.filter(event__kind="redemption").latest("event_id")
            entitlement = Entitlement.objects.latest("pk")
            event = LedgerEvent.objects.latest("pk")
            sought = {
                "network": network.pk,
                "organization": line.organization_id,
                "account": Account.objects.get(pk=line.account_id).pk,
                "on": line.effective_on,
                "key": event.key,
                "code": entitlement.code,
                "patient": entitlement.patient_id,
                "line": EntitlementMovement.objects.latest("event_id").entitlement_line_id,
            }
        yield network, sought


@pytest.mark.parametrize("name", READS)
def test_a_read_keeps_its_index(busy: tuple[Network, dict[str, Any]], name: str) -> None:
    network, sought = busy
    sql, index = READS[name]
    with bound(network.pk), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("caretree_web",)
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", sought)
        (plan,) = cursor.fetchone()
    nodes = list(walk((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))
    used = [node for node in nodes if node.get("Index Name") == index]
    assert used, [node.get("Index Name") or node["Node Type"] for node in nodes]
    # The network of the policy is part of the search, not a filter behind it.
    assert "network_id = " in used[0]["Index Cond"]


def test_ages_of_what_is_due_look_at_what_stood_and_read_no_lines(
    busy: tuple[Network, dict[str, Any]],
) -> None:
    network, sought = busy
    with bound(network.pk), connection.cursor() as cursor:
        books = list(Account.objects.values_list("organization", flat=True).distinct())
        sql, asked = aged_sql(books, sought["on"], ["due_from"])
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", asked)
        (plan,) = cursor.fetchone()
    nodes = list(walk((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))
    read = {node["Relation Name"] for node in nodes if "Relation Name" in node}
    assert read == {"ledger_account", "ledger_standing", "ledger_balancedelta"}
    looks = [node for node in nodes if node.get("Relation Name") == "ledger_standing"]
    assert [node["Node Type"] for node in looks] == ["Index Scan"] * 2
    assert all(
        "account_id = " in node["Index Cond"] and "effective_on <= " in node["Index Cond"] for node in looks
    )


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from walk(below)
