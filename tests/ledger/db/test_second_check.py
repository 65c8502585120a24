"""The deferred check on its own: entries written past the functions, as the poster itself, are refused at the end."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.db.standing import Standing


def write(
    standing: Standing,
    rows,
    moves=(),
    *,
    kind="journal",
    on="2026-01-05",
    at="P",
    counts=None,
    voids=None,
    key="raw",
):
    """Header, lines and movements by hand; then the deferred check. A row: organization, account, amount, counterparty."""
    ids = standing.ids
    lines, movements = counts or (len(rows), len(moves))
    with standing.as_role("caretree_poster") as session:
        (event,) = session.execute(
            "INSERT INTO ledger_ledgerevent (network_id, key, payload_hash, kind, effective_on, posted_at,"
            " organization_id, inputs, voids_id, line_count, movement_count, actor_kind, actor_label)"
            " VALUES (%s, %s, 'x', %s, %s, now(), %s, '{}', %s, %s, %s, 'user', 'me') RETURNING id",
            [ids["network"], key, kind, on, ids[at], voids, lines, movements],
        ).fetchone()
        for number, (organization, account, amount, other, *day) in enumerate(rows, 1):
            session.execute(
                "INSERT INTO ledger_journalline (network_id, event_id, line_no, account_id, organization_id,"
                " counterparty_id, currency, amount_minor, effective_on) VALUES (%s, %s, %s, %s, %s, %s, 'USD', %s, %s)",
                [ids["network"], event, number, ids[account], ids[organization], other and ids[other], amount,
                 day[0] if day else on],
            )  # fmt: skip
        for number, (line, units, amount) in enumerate(moves, 1):
            session.execute(
                "INSERT INTO ledger_entitlementmovement (network_id, event_id, movement_no, entitlement_line_id, units,"
                " amount_minor) VALUES (%s, %s, %s, %s, %s, %s)",
                [ids["network"], event, number, line, units, amount],
            )
        session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        session.rollback()


CASH, REVENUE = ("P", "cash", 100, None), ("P", "revenue", -100, None)


def test_a_sound_entry_passes(standing: Standing):
    write(standing, [CASH, REVENUE])


@pytest.mark.parametrize(
    ("says", "rows", "more"),
    [
        ("do not balance", [CASH, ("P", "revenue", -99, None)], {}),
        ("not mirrored", [("P", "due_to", -100, "S"), CASH], {}),
        ("Contract liability", [("P", "liability", -100, None), CASH], {}),
        ("not what its header says", [CASH, REVENUE], {"counts": (3, 0)}),
        ("not what its header says", [CASH, CASH, REVENUE, REVENUE], {"counts": (2, 0)}),
        ("not what its header says", [], {"counts": (2, 0)}),
        ("not what its header says", [("S", "cash", 100, None), ("S", "revenue", -100, None)], {}),
        ("not what its header says", [("P", "cost", 100, None), REVENUE], {}),
        ("not what its header says", [(*CASH, "2026-02-01"), (*REVENUE, "2026-02-01")], {}),
        ("books are closed", [CASH, REVENUE], {"at": "T"}),
        ("journalline_sound", [("P", "cash", 0, None), ("P", "revenue", 0, None)], {}),
        ("journalline_sound", [("P", "due_to", -100, "P"), CASH], {}),
        ("not what its header says", [CASH], {}),
        ("not what its header says", [CASH, REVENUE], {"kind": "void"}),
        ("ledgerevent_key_unique", [CASH, REVENUE], {"key": "test-1"}),
    ],
)  # fmt: skip
def test_an_unsound_entry_is_refused(standing: Standing, says: str, rows, more):
    if more.get("key"):
        from core.tenancy import bound
        from ledger.models import LedgerEvent

        with bound(standing.ids["network"]):
            more["key"] = LedgerEvent.objects.get(pk=standing.ids["sale"]).key
    with pytest.raises(psycopg.Error, match=says):
        write(standing, rows, **more)


@pytest.mark.parametrize(("kind", "passes"), [("journal", True), ("charge", False), ("settlement", False)])
def test_tax_that_no_event_says_is_refused_again(standing: Standing, kind: str, passes: bool):
    ids = standing.ids
    with standing.as_role("caretree_poster") as session:
        (tax,) = session.execute(
            "INSERT INTO ledger_account (network_id, organization_id, code, currency)"
            " VALUES (%s, %s, 'tax_payable', 'USD') RETURNING id",
            [ids["network"], ids["P"]],
        ).fetchone()
        (event,) = session.execute(
            "INSERT INTO ledger_ledgerevent (network_id, key, payload_hash, kind, effective_on, posted_at,"
            " organization_id, inputs, line_count, movement_count, actor_kind, actor_label)"
            " VALUES (%s, 'raw', 'x', %s, '2026-01-05', now(), %s, '{}', 2, 0, 'user', 'me') RETURNING id",
            [ids["network"], kind, ids["P"]],
        ).fetchone()
        for number, (account, amount) in enumerate([(ids["cash"], 100), (tax, -100)], 1):
            session.execute(
                "INSERT INTO ledger_journalline (network_id, event_id, line_no, account_id, organization_id, currency,"
                " amount_minor, effective_on) VALUES (%s, %s, %s, %s, %s, 'USD', %s, '2026-01-05')",
                [ids["network"], event, number, account, ids["P"], amount],
            )
        if passes:
            session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            with pytest.raises(psycopg.Error, match="not the tax that the event says"):
                session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        session.rollback()


def test_movements_are_checked_again(standing: Standing):
    physio = standing.ids["physio"]
    with pytest.raises(psycopg.Error, match="Contract liability"):
        write(standing, [], [(physio, -1, -82_50)], kind="redemption")
    with pytest.raises(psycopg.Error, match="not what its header says"):
        write(standing, [], [(physio, 1, 0)], kind="redemption")
    with pytest.raises(psycopg.Error, match="not what its header says"):
        write(standing, [], [(10**9, -1, 0)], kind="redemption")
    with pytest.raises(psycopg.Error, match="not what its header says"):
        write(standing, [], [(physio, 5, 412_50)], kind="sale")


def test_voids_are_checked_again(standing: Standing):
    with pytest.raises(psycopg.Error, match="exact opposite"):
        write(standing, [CASH, REVENUE], kind="void", voids=standing.ids["sale"])


def test_stock_has_a_floor_of_its_own(standing: Standing):
    for change in ("left_units = -1", "left_units = quantity + 1", "open_minor = -1"):
        with standing.as_role("caretree_poster") as session, pytest.raises(psycopg.errors.CheckViolation):
            session.execute(
                f"UPDATE ledger_entitlementline SET {change} WHERE id = %s", [standing.ids["physio"]]
            )


def test_closed_books_stay_closed_even_for_the_poster(standing: Standing):
    with (
        standing.as_role("caretree_poster") as session,
        pytest.raises(psycopg.errors.RestrictViolation, match="without an approved request"),
    ):
        session.execute(
            "UPDATE ledger_periodclose SET closed_through = '2025-12-31' WHERE organization_id = %s",
            [standing.ids["T"]],
        )
