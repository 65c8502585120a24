"""Raw SQL against the invariants, as the web role and as the tables' owner without DDL: everything is refused."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.db.standing import Standing

HEADER = (
    "INSERT INTO ledger_ledgerevent (network_id, key, payload_hash, kind, effective_on, posted_at, organization_id,"
    " inputs, line_count, movement_count, actor_kind, actor_label)"
    " VALUES ({network}, 'attack', 'x', 'journal', '2026-01-05', now(), {P}, '{{}}', 2, 0, 'user', 'me')"
)
LINE = (
    "INSERT INTO ledger_journalline (network_id, event_id, line_no, account_id, organization_id, currency,"
    " amount_minor, effective_on) VALUES ({network}, {%s}, %d, {%s}, {P}, 'USD', %d, '2026-01-05')"
)

#: (invariant, what is tried)
WRITES = [
    (1, HEADER),
    (1, LINE % ("sale", 5, "cash", 100)),
    (3, LINE % ("sale", 5, "cash", 0)),
    (8, LINE % ("sale", 5, "cash", 1)),
    (4, "UPDATE ledger_account SET currency = 'EUR' WHERE id = {cash}"),
    (4, "UPDATE ledger_journalline SET currency = 'EUR' WHERE event_id = {sale}"),
    (5, "UPDATE ledger_journalline SET counterparty_id = {T} WHERE event_id = {redeemed} AND counterparty_id = {S}"),
    (6, "INSERT INTO ledger_account (network_id, organization_id, code, currency, counterparty_id)"
        " VALUES ({network}, {P}, 'due_to', 'USD', {P})"),
    (7, "UPDATE ledger_ledgerevent SET effective_on = '2026-02-01' WHERE id = {sale}"),
    (7, "UPDATE ledger_journalline SET amount_minor = amount_minor + 1 WHERE event_id = {sale}"),
    (7, "UPDATE ledger_entitlementmovement SET units = 9 WHERE event_id = {sale}"),
    (7, "DELETE FROM ledger_journalline WHERE event_id = {sale}"),
    (7, "DELETE FROM ledger_entitlementmovement WHERE event_id = {redeemed}"),
    (7, "DELETE FROM ledger_ledgerevent WHERE id = {void}"),
    (7, "DELETE FROM ledger_account WHERE id = {cash}"),
    (7, "TRUNCATE ledger_journalline"),
    (7, "TRUNCATE ledger_ledgerevent CASCADE"),
    (7, "TRUNCATE ledger_entitlementmovement"),
    (7, "TRUNCATE ledger_account CASCADE"),
    (7, "TRUNCATE core_network CASCADE"),
    (9, "UPDATE ledger_ledgerevent SET key = 'other' WHERE id = {sale}"),
    (9, "UPDATE ledger_ledgerevent SET payload_hash = 'y' WHERE id = {sale}"),
    (10, "UPDATE ledger_ledgerevent SET voids_id = NULL, kind = 'journal' WHERE id = {void}"),
    (11, "DELETE FROM ledger_periodclose WHERE organization_id = {T}"),
    (11, "UPDATE ledger_periodclose SET closed_through = '2020-01-31' WHERE organization_id = {T}"),
    (11, "UPDATE ledger_periodclose SET organization_id = {S} WHERE organization_id = {T}"),
    (11, "TRUNCATE ledger_periodclose"),
    (11, "DELETE FROM ledger_periodclosing"),
    (11, "UPDATE ledger_periodclosing SET actor_label = 'somebody else'"),
    (14, "UPDATE ledger_breakagepool SET booked_minor = 0 WHERE id = {pool}"),
    (14, "DELETE FROM ledger_breakagepool WHERE id = {pool}"),
    (14, "TRUNCATE ledger_breakagepool"),
    (14, "INSERT INTO ledger_breakagemovement (network_id, event_id, pool_id, amount_minor)"
         " VALUES ({network}, {sale}, {pool}, 1)"),
    (14, "UPDATE ledger_breakagemovement SET amount_minor = 1"),
    (14, "DELETE FROM ledger_breakagemovement"),
    (7, "UPDATE ledger_entitlementchange SET expires_on = NULL"),
    (7, "DELETE FROM ledger_entitlementchange"),
    (7, "INSERT INTO ledger_entitlementchange (network_id, event_id, entitlement_id, patient_id)"
        " SELECT network_id, {sale}, id, patient_id FROM ledger_entitlement WHERE id = {entitlement}"),
    (7, "UPDATE ledger_entitlement SET expires_on = NULL WHERE id = {entitlement}"),
    (12, "UPDATE ledger_balance SET debit_minor = debit_minor + 1"),
    (12, "DELETE FROM ledger_balance"),
    (12, "INSERT INTO ledger_balance (network_id, account_id, month, organization_id, code, currency, debit_minor,"
         " credit_minor) VALUES ({network}, {cash}, '2020-01-01', {P}, 'cash', 'USD', 1, 0)"),
    (12, "UPDATE ledger_standing SET debit_minor = debit_minor + 1"),
    (12, "DELETE FROM ledger_standing"),
    (12, "TRUNCATE ledger_standing"),
    (12, "INSERT INTO ledger_standing (network_id, account_id, effective_on, debit_minor, credit_minor)"
         " VALUES ({network}, {cash}, '2020-01-01', 1, 0)"),
    (12, "DELETE FROM ledger_balancedelta"),
    (12, "TRUNCATE ledger_balancedelta"),
    (12, "UPDATE ledger_balancedelta SET debit_minor = debit_minor + 1"),
    (12, "INSERT INTO ledger_balancedelta (network_id, account_id, event_id, effective_on, debit_minor, credit_minor)"
         " VALUES ({network}, {due_to}, {sale}, '2026-01-01', 1, 0)"),
    (13, "UPDATE ledger_entitlementline SET left_units = -1 WHERE id = {physio}"),
    (13, "UPDATE ledger_entitlementline SET left_units = 5 WHERE id = {physio}"),
    (13, "UPDATE ledger_entitlementline SET quantity = 500, left_units = 500 WHERE id = {physio}"),
    (13, "DELETE FROM ledger_entitlementline WHERE id = {physio}"),
    (13, "UPDATE ledger_entitlement SET expires_on = '2099-12-31', status = 'active'"),
    (13, "DELETE FROM ledger_entitlement"),
    (14, "UPDATE ledger_entitlementline SET open_minor = 0 WHERE id = {physio}"),
    (14, "INSERT INTO ledger_entitlementmovement (network_id, event_id, movement_no, entitlement_line_id, units,"
         " amount_minor) VALUES ({network}, {sale}, 4, {physio}, 0, 100)"),
    (14, LINE % ("sale", 5, "liability", -100)),
    (19, "UPDATE ledger_journalline SET effective_on = '2026-02-01' WHERE account_id = {due_to}"),
]  # fmt: skip

POWERS = [
    "SET ROLE caretree_poster",
    "SET session_replication_role = replica",
    "SELECT posting.make_accounts(ARRAY[{P}], ARRAY['cash'], ARRAY['EUR'], ARRAY[NULL::bigint])",
    "SELECT posting.refuse('not_permitted', 'no')",
    "SELECT posting.check_void({void}, {charge}, '2026-01-05')",
]


@pytest.mark.parametrize("role", ["caretree_web", "caretree_owner"])
@pytest.mark.parametrize(("invariant", "sql"), WRITES)
def test_no_raw_statement_changes_the_ledger(standing: Standing, role: str, invariant: int, sql: str):
    with standing.as_role(role) as session, pytest.raises(psycopg.Error) as refusal:
        session.execute(sql.format(**standing.ids))
        session.commit()
    assert refusal.value.sqlstate in {"42501", "23001", "0A000"}, f"{invariant}: {refusal.value}"


@pytest.mark.parametrize("role", ["caretree_web", "caretree_owner"])
@pytest.mark.parametrize("sql", POWERS)
def test_nobody_takes_the_posters_place(standing: Standing, role: str, sql: str):
    with standing.as_role(role) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(sql.format(**standing.ids))


CALL = (
    "SELECT * FROM posting.post_event('attack', 'x', %(kind)s, %(on)s, {P}, NULL, '{{}}', %(voids)s, 'user', NULL, 'me',"
    " %(organizations)s::bigint[], %(codes)s, %(currencies)s, %(counterparties)s::bigint[], %(amounts)s::bigint[],"
    " %(lines)s::bigint[], %(units)s::int[], %(movements)s::bigint[])"
)


def call(standing: Standing, rows, moves=(), *, kind="journal", on="2026-01-05", voids=None, currency="USD"):
    """Call the posting function as the web role would, with whatever arguments."""
    ids = standing.ids
    with standing.as_role("caretree_web") as session:
        session.execute(
            CALL.format(**ids),
            {
                "kind": kind,
                "on": on,
                "voids": voids,
                "organizations": [ids[row[0]] for row in rows],
                "codes": [row[1] for row in rows],
                "currencies": [currency] * len(rows),
                "counterparties": [ids[row[3]] if len(row) > 3 else None for row in rows],
                "amounts": [row[2] for row in rows],
                "lines": [move[0] for move in moves],
                "units": [move[1] for move in moves],
                "movements": [move[2] for move in moves],
            },
        )
        session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        session.rollback()


CALLS = [
    ("unbalanced", [("P", "cash", 1), ("P", "equity", -2)], {}),
    ("unbalanced", [("P", "cash", 1), ("S", "equity", -1)], {}),
    ("unbalanced", [("P", "cash", 1)], {}),
    ("not_mirrored", [("P", "due_to", -1, "S"), ("P", "cash", 1)], {}),
    ("not_mirrored", [("P", "due_to", -1, "S"), ("P", "cash", 1), ("S", "due_from", 2, "P"), ("S", "cash", -2)], {}),
    ("not_mirrored", [("P", "due_to", -1, "S"), ("P", "due_from", 1, "S")], {}),
    ("not_permitted", [("P", "contract_liability", -1), ("P", "cash", 1)], {}),
    ("not_permitted", [("P", "nonsense", -1), ("P", "cash", 1)], {}),
    ("period_closed", [("T", "cash", 1), ("T", "equity", -1)], {}),
    ("not_permitted", [("P", "cash", 1), ("P", "equity", -1)], {"kind": "sale"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "rows", "more"), CALLS)
def test_the_function_refuses_whatever_it_is_given(standing: Standing, code: str, rows, more):
    with pytest.raises(psycopg.Error) as refusal:
        call(standing, rows, **more)
    assert (refusal.value.sqlstate, refusal.value.diag.message_detail) == ("CT001", code)


def test_the_function_takes_what_is_sound(standing: Standing):
    """Else the refusals above would prove nothing."""
    call(standing, [("P", "cash", 1), ("P", "equity", -1)])


def test_units_come_from_nowhere(standing: Standing):
    physio = standing.ids["physio"]
    for kind, moves in (
        ("redemption", [(physio, 1, 0)]),
        ("refund", [(physio, 2, 0)]),
        ("redemption", [(physio, -4, 0)]),
    ):
        with pytest.raises(psycopg.Error) as refusal:
            call(standing, [], moves, kind=kind)
        assert refusal.value.sqlstate == "CT001"
    for kind in ("journal", "charge"):
        with pytest.raises(psycopg.Error) as refusal:
            call(standing, [], [(physio, -1, 0)], kind=kind)
        assert refusal.value.diag.message_detail == "not_permitted"


def test_a_void_opposes_nothing_else_and_once(standing: Standing):
    ids = standing.ids
    rows = [("S", "cash", -400), ("S", "service_revenue", 400)]
    with pytest.raises(psycopg.errors.UniqueViolation, match="ledgerevent_voided_once"):
        call(standing, rows, kind="void", voids=ids["charge"])
    for voided in (ids["sale"], ids["redeemed"], ids["void"], 0):
        with pytest.raises(psycopg.Error) as refusal:
            call(standing, rows, kind="void", voids=voided)
        assert refusal.value.diag.message_detail == "not_permitted"
    with pytest.raises(psycopg.errors.CheckViolation):
        call(standing, rows, kind="void")


def test_another_networks_rows_are_out_of_reach(standing: Standing):
    ids = dict(standing.ids)
    foreign = standing.shop.cast.foreign[0].pk
    with standing.as_role("caretree_web") as session:
        session.execute("SELECT set_config('app.network', %s, false)", [str(foreign)])
        assert session.execute("SELECT count(*) FROM ledger_journalline").fetchone() == (0,)
        assert (
            session.execute("SELECT * FROM posting.lock_entitlement(%s)", [ids["entitlement"]]).fetchall()
            == []
        )
        with pytest.raises(psycopg.Error) as refusal:
            session.execute(
                CALL.format(**ids),
                {
                    "kind": "journal", "on": "2026-01-05", "voids": None, "organizations": [ids["P"]] * 2,
                    "codes": ["cash", "equity"], "currencies": ["USD"] * 2, "counterparties": [None] * 2,
                    "amounts": [1, -1], "lines": [], "units": [], "movements": [],
                },
            )  # fmt: skip
        assert refusal.value.diag.message_detail == "not_permitted"


def test_without_a_binding_nothing_is_posted(standing: Standing):
    with standing.as_role("caretree_web") as session:
        session.execute("SELECT set_config('app.network', '', false)")
        for sql in ("SELECT posting.fold_deltas(1)", "SELECT * FROM posting.lock_entitlement(1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no network is bound"):
                session.execute(sql)
            session.rollback()
            session.execute("SELECT set_config('app.network', '', false)")
