"""Tables that nobody changes, and tables that only the posting functions write: tried as the tables' owner."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from network.services import superuser_dsn

#: What is refused to everybody, and where.
REFUSED = {
    "UPDATE DELETE TRUNCATE": """
        audit_accessevent audit_auditevent audit_patientread audit_seal audit_sealcheck audit_sealsending
        audit_systemevent ledger_account ledger_breakagemovement ledger_closedstatement ledger_entitlementchange
        ledger_entitlementmovement ledger_exchangerate ledger_journalline ledger_ledgerevent ledger_periodclosing
        ledger_taxline ledger_taxrate vendors_requesttransition vendors_result vendors_taskpatient""",
    "DELETE TRUNCATE": """
        ledger_balance ledger_beneficiary ledger_breakagepool ledger_entitlement ledger_entitlementline
        ledger_periodclose ledger_periodreopening ledger_pricechange ledger_rulevolume ledger_standing
        ledger_unclaimeditem patients_filledform vendors_requestmessage""",
    "UPDATE TRUNCATE": "audit_unsealed ledger_balancedelta settlement_settlementitem",
    "TRUNCATE": "content_contentversion",
}
#: What only the poster does, and where.
POSTED = {
    "INSERT": """
        audit_seal ledger_account ledger_breakagemovement ledger_entitlementchange ledger_entitlementmovement
        ledger_journalline ledger_ledgerevent ledger_periodclosing ledger_taxline""",
    "INSERT UPDATE": """
        ledger_balance ledger_breakagepool ledger_entitlement ledger_entitlementline ledger_periodclose
        ledger_rulevolume ledger_standing ledger_unclaimeditem""",
    "INSERT DELETE": "audit_unsealed ledger_balancedelta",
}
STATEMENTS = {
    "INSERT": "INSERT INTO {} DEFAULT VALUES",
    "UPDATE": "UPDATE {} SET network_id = network_id",
    "DELETE": "DELETE FROM {}",
    "TRUNCATE": "TRUNCATE {} CASCADE",
}
#: The columns of a system event name no network.
OTHERWISE = {("UPDATE", "audit_systemevent"): "UPDATE {} SET id = id"}


def pairs(said: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (verb, table) for verbs, tables in said.items() for table in tables.split() for verb in verbs.split()
    ]


@pytest.fixture(scope="module")
def owner(standing_cast) -> Iterator[psycopg.Connection]:
    """The owner of every table, working for the network; all of it is rolled back."""
    name, cast = standing_cast
    with psycopg.connect(superuser_dsn(name)) as connection:
        connection.execute("SET SESSION AUTHORIZATION caretree_owner")
        connection.execute("SELECT set_config('app.network', %s, false)", [str(cast.network.pk)])
        connection.commit()
        yield connection
        connection.rollback()


def refused(owner: psycopg.Connection, verb: str, table: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as refusal, owner.transaction():
        owner.execute(OTHERWISE.get((verb, table), STATEMENTS[verb]).format(table))
    return refusal.value


@pytest.mark.parametrize(("verb", "table"), pairs(REFUSED))
def test_nobody_changes_it(owner: psycopg.Connection, verb: str, table: str) -> None:
    assert f"{verb} on {table} is refused" in str(refused(owner, verb, table))


@pytest.mark.parametrize(("verb", "table"), pairs(POSTED))
def test_only_the_poster_writes_it(owner: psycopg.Connection, verb: str, table: str) -> None:
    assert f"{verb} on {table} is refused: only" in str(refused(owner, verb, table))


def test_nobody_empties_the_totals_of_items(owner: psycopg.Connection) -> None:
    assert "kept by triggers alone" in str(refused(owner, "TRUNCATE", "settlement_itemtotal"))


def test_the_lists_above_are_whole(owner: psycopg.Connection) -> None:
    bits = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
    guarded = {
        (table, poster, verb)
        for table, poster, kinds in owner.execute(
            "SELECT c.relname, p.proname <> 'refuse_change', t.tgtype FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE p.proname IN ('refuse_change', 'refuse_writer', 'refuse_sealer')"
        )
        for verb, bit in bits.items()
        if kinds & bit
    }
    assert guarded == {
        (table, poster, verb)
        for poster, said in ((False, REFUSED), (True, POSTED))
        for verb, table in pairs(said)
    }
