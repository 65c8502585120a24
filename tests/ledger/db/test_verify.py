"""Verification: it passes what the product posted, and finds every kind of damage."""

from __future__ import annotations

import json
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from core.tenancy import bound
from ledger.queries.verify import CHECKS, Check, verify_ledger
from network.services import superuser_dsn
from tests.ledger.db.standing import Standing

#: Invariant -> damage that only an administrator with all triggers off can do.
_TAXED = """
    INSERT INTO ledger_taxline (network_id, event_id, line_no, organization_id, sale_event_id, service_id, tax_code_id,
        method, percent, units, base_minor, tax_minor, currency, effective_on)
    SELECT network_id, {sale}, 1, {P}, {sale}, id, 1, 'included', 18, %s, %s00, %s8, 'USD', '2026-01-01'
      FROM ledger_service LIMIT 1
"""

_UNCLAIMED = """
    INSERT INTO ledger_unclaimeditem (network_id, event_id, entitlement_id, holder_id, currency, amount_minor, dormant_on,
        payment_id)
    VALUES ({network}, {sale}, {entitlement}, {P}, 'USD', 100, '2026-01-01', %s)
"""

DAMAGE = {
    "payable": [_TAXED % (1, 1, 1)],
    "gives": [_TAXED % (-1, -1, -1)],
    1: [
        "UPDATE ledger_journalline SET amount_minor = amount_minor + 1 WHERE event_id = {sale} AND line_no = 1"
    ],
    2: ["DELETE FROM ledger_journalline WHERE event_id = {redeemed} AND line_no = 2"],
    3: [
        "ALTER TABLE ledger_journalline DROP CONSTRAINT journalline_sound",
        "UPDATE ledger_journalline SET amount_minor = 0 WHERE event_id = {sale}",
    ],
    4: ["UPDATE ledger_journalline SET currency = 'EUR' WHERE event_id = {sale}"],
    5: [
        "UPDATE ledger_journalline SET counterparty_id = {T} WHERE event_id = {redeemed} AND organization_id = {P}"
    ],
    6: [
        "ALTER TABLE ledger_account DROP CONSTRAINT account_not_with_itself",
        "UPDATE ledger_account SET counterparty_id = {P} WHERE id = {due_to}",
    ],
    7: ["ALTER TABLE ledger_journalline DISABLE TRIGGER append_only"],
    8: ["DELETE FROM ledger_ledgerevent WHERE id = {redeemed}"],
    9: [
        "ALTER TABLE ledger_ledgerevent DROP CONSTRAINT ledgerevent_key_unique",
        "UPDATE ledger_ledgerevent SET key = 'same'",
    ],
    10: ["UPDATE ledger_journalline SET amount_minor = amount_minor * 2 WHERE event_id = {void}"],
    11: ["UPDATE ledger_periodclosing SET organization_id = {S}, closed_at = '2020-01-01'"],
    12: ["UPDATE ledger_balance SET debit_minor = debit_minor + 1"],
    "stands": [
        "UPDATE ledger_standing SET credit_minor = credit_minor + 1 WHERE effective_on = '2026-01-05'"
    ],
    13: ["UPDATE ledger_entitlementline SET left_units = 5 WHERE id = {physio}"],
    14: ["UPDATE ledger_entitlementline SET open_minor = open_minor + 1 WHERE id = {physio}"],
    "pool": ["UPDATE ledger_breakagepool SET booked_minor = booked_minor + 1"],
    "change": ["UPDATE ledger_entitlement SET frozen_until = '2026-03-01' WHERE id = {entitlement}"],
    "moves": ["UPDATE ledger_entitlement SET starts_on = '2026-02-01' WHERE id = {entitlement}"],
    "held": [_UNCLAIMED % "NULL"],
    "paid": [_UNCLAIMED % "{redeemed}"],
    16: ["UPDATE ledger_entitlementline SET left_units = 0 WHERE id = {physio}"],
    17: [
        "INSERT INTO settlement_settlementitem (network_id, event_id, line_no, run_id) VALUES ({network}, {redeemed}, 1, 1)"
    ],
    "items": [
        'INSERT INTO settlement_itemtotal (network_id, account_id, "on", items, minor)'
        " SELECT network_id, id, '2026-01-01', 1, 1 FROM ledger_account LIMIT 1"
    ],
    19: [
        "UPDATE ledger_journalline SET effective_on = '2026-01-06' WHERE event_id = {redeemed} AND organization_id = {P}"
    ],
    20: ["UPDATE ledger_entitlement SET price_minor = 1"],
    21: [
        "INSERT INTO ledger_rule (network_id, code) VALUES ({network}, 'tiers')",
        "INSERT INTO ledger_rulevolume (network_id, rule_id, organization_id, counted, month, volume)"
        " SELECT network_id, id, {P}, 'units', '2026-01-01', 1 FROM ledger_rule WHERE code = 'tiers'",
    ],
}


def damage_of(check: Check) -> int | str:
    """The key of its damage: its number, or a word of its own where several checks have the number."""
    words = [word for word in DAMAGE if isinstance(word, str) and f" {word} " in check.name]
    return words[0] if words else check.number


def test_it_passes_what_the_product_posted(standing: Standing):
    with bound(standing.ids["network"]):
        assert list(verify_ledger()) == []


def test_every_check_has_its_damage():
    assert sorted(map(str, map(damage_of, CHECKS))) == sorted(map(str, DAMAGE))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(damage_of(check)))
def test_it_finds_the_damage(standing: Standing, check):
    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(superuser_dsn(name)) as session:
        session.execute("SET LOCAL session_replication_role = replica")
        for sql in DAMAGE[damage_of(check)]:
            session.execute(sql.format(**standing.ids))
        session.execute("SELECT set_config('app.network', %s, true)", [str(standing.ids["network"])])
        session.execute("SET LOCAL ROLE caretree_web")
        assert session.execute(check.sql).fetchall()
        session.rollback()


def test_the_command_goes_over_all_networks(standing: Standing):
    out = StringIO()
    call_command("verify_ledger", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["holds"] is True
    assert len(told["networks"]) == 1 + len(standing.shop.cast.foreign)
    (own,) = (one for one in told["networks"] if one["network"] == standing.ids["network"])
    assert own["lines"] > 0
    assert own["broken"] == []


def test_the_command_fails_where_something_is_broken(standing: Standing):
    name = connections["default"].settings_dict["NAME"]

    def shift(by: int) -> None:
        with psycopg.connect(superuser_dsn(name)) as session:
            session.execute("SET LOCAL session_replication_role = replica")
            session.execute("UPDATE ledger_balance SET debit_minor = debit_minor + %s", [by])

    shift(1)
    try:
        out, err = StringIO(), StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("verify_ledger", "--network", str(standing.ids["network"]), stdout=out, stderr=err)
        assert ended.value.code == 1
        assert "12. stored balances and waiting deltas" in err.getvalue()
    finally:
        shift(-1)
