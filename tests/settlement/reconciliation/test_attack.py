"""What holds whatever anybody writes: raw SQL as the web role against every guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from core.refusals import refusal_of
from ledger.queries.mutual import claims_between
from settlement.actions.acknowledgement import Meant, acknowledge
from settlement.actions.dispute import Said, end_dispute, raise_dispute
from settlement.actions.reconciliation import sign
from settlement.actions.statement import remove_file
from settlement.models import Dispute, Finding, Reconciliation
from settlement.queries.items import items_of
from tests.ledger.market import DAY, SYSTEM, Market
from tests.settlement.partner import Partner
from tests.settlement.reconciliation.test_reconciliation import answer_all, send


@pytest.fixture
def item(market: Market):
    """The consultation redeemed at North Clinic, which the parent owes it."""
    market.redeem(market.sell(), "CONSULT", at="S", on=DAY)
    (claim,) = claims_between(market.world["S"].pk, market.world["P"].pk)
    market.item = items_of([claim.pk])[0]
    return market


def refused(sql: str, *values: object) -> str:
    """The code of the refusal, or the name of the constraint."""
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    refusal = refusal_of(error.value)
    if refusal is not None and error.value.__cause__.sqlstate == "CT001":
        return refusal.message
    return str(error.value.__cause__.diag.constraint_name or error.value)


AGREE = "INSERT INTO settlement_acknowledgement (event_id, account_id, side_id, completes, by_silence, actor_label) VALUES (%s, %s, %s, %s, false, 'x')"


def test_only_the_other_side_agrees_and_only_to_an_item(item):
    one, world = item.item, item.world
    stranger, recorder, debtor = world["T"].pk, world["S"].pk, world["P"].pk
    assert "Only the two organizations" in refused(AGREE, one.event_id, one.account_id, stranger, True)
    assert "Who recorded it has agreed" in refused(AGREE, one.event_id, one.account_id, recorder, True)
    assert "Only the two organizations" in refused(AGREE, one.event_id - 1, one.account_id, debtor, True)
    acknowledge(SYSTEM, world["P"], meant=Meant([one.account_id]))
    assert refused(AGREE, one.event_id, one.account_id, debtor, False) == "acknowledgement_once_a_side"
    assert "permission denied" in refused("UPDATE settlement_acknowledgement SET by_silence = true")
    assert "permission denied" in refused("DELETE FROM settlement_acknowledgement")


def test_whether_it_is_the_last_is_not_what_anybody_says(item):
    one = item.item
    with connection.cursor() as cursor:
        cursor.execute(AGREE, [one.event_id, one.account_id, item.world["P"].pk, False])
    assert items_of([one.account_id])[0].state == "acknowledged"


def a_dispute(item, side: str = "P") -> Dispute:
    one = item.item
    return raise_dispute(
        SYSTEM,
        item.world[side],
        event_id=one.event_id,
        account_id=one.account_id,
        reason="amount",
        said=Said("No."),
    )


def copied(table: str, **other: object) -> tuple[str, list[object]]:
    """An INSERT of the table's only row once more, with other values."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
    chosen = ", ".join("%s" if name in other else name for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {table} LIMIT 1", [
        other[name] for name in names if name in other
    ]


DISPUTES: dict[str, tuple[dict[str, Callable[[Market], object]], str]] = {
    "once more": ({}, "dispute_one_open"),
    "awaits a stranger": ({"awaits_id": lambda m: m.world["T"].pk}, "dispute_awaits_a_side"),
    "another reason": ({"reason": lambda m: "spite"}, "dispute_reason_known"),
    "ended without an outcome": ({"closed_at": lambda m: "2026-01-01"}, "dispute_outcome_known"),
    "an outcome and open": ({"outcome": lambda m: "withdrawn"}, "dispute_closed_with_outcome"),
    "corrected by nothing": (
        {"outcome": lambda m: "corrected", "closed_at": lambda m: "2026-01-01"},
        "dispute_corrected_by_something",
    ),
}


@pytest.mark.parametrize("name", DISPUTES)
def test_a_dispute_is_whole(item, name):
    a_dispute(item)
    other, says = DISPUTES[name]
    sql, values = copied("settlement_dispute", **{column: value(item) for column, value in other.items()})
    assert refused(sql, *values) == says


def test_a_dispute_has_the_item_s_sides_and_amount_and_stays_ended(item):
    one = a_dispute(item)
    end_dispute(SYSTEM, one, outcome="withdrawn", text="Fine.", version=one.version)
    open_again = {"closed_at": None, "outcome": ""}
    for other in ({"side_id": item.world["T"].pk}, {"amount_minor": 1}, {"account_id": 1}):
        sql, values = copied("settlement_dispute", **(open_again | other))
        said = refused(sql, *values)
        assert "Only the two organizations" in said or said == "dispute_account_id_same_network"
    assert "has ended" in refused("UPDATE settlement_dispute SET answer_by = '2030-01-01'")
    sql, values = copied("settlement_disputemessage", side_id=item.world["T"].pk)
    assert "Only the two sides" in refused(sql, *values)


@pytest.fixture
def signed(market: Market) -> Reconciliation:
    one = answer_all(send(partner := Partner.of_a_month(market), partner.planted()))
    return sign(SYSTEM, one, version=one.version)


SIGNED = (
    "UPDATE settlement_finding SET note = 'x'",
    "UPDATE settlement_finding SET answer = '', answered_at = NULL",
    "DELETE FROM settlement_finding",
    "DELETE FROM settlement_ourline",
    "UPDATE settlement_ourline SET finding_id = (SELECT min(id) FROM settlement_finding)",
    "UPDATE settlement_statementline SET finding_id = NULL",
    'INSERT INTO settlement_statementline (statement_id, number, "on", amount_minor, currency, reference, text)'
    " SELECT id, 999, '2026-05-01', 1, 'USD', '', '' FROM settlement_statementimport",
    "UPDATE settlement_reconciliation SET version = version + 1",
    "UPDATE settlement_reconciliation SET is_signed = false",
)


@pytest.mark.parametrize("sql", SIGNED)
def test_what_is_signed_off_is_read_only(signed, sql):
    assert "signed off. Reopen it with a reason first." in refused(sql)


@pytest.mark.parametrize(
    ("table", "other"), [("settlement_finding", {}), ("settlement_ourline", {"account_id": 1})]
)
def test_nothing_is_added_to_what_is_signed_off(signed, table, other):
    sql, values = copied(table, **other)
    assert "signed off. Reopen it with a reason first." in refused(sql, *values)


def test_a_signature_is_somebody_s_and_the_second_somebody_else_s(market: Market):
    answer_all(send(partner := Partner.of_a_month(market), partner.planted()))
    update = "UPDATE settlement_reconciliation SET "
    assert refused(f"{update} is_signed = true") == "reconciliation_signed_by_somebody"
    assert refused(f"{update} signed_by_id = 1, countersigned_by_id = 1") == "reconciliation_two_people"


def test_a_finding_is_whole(market: Market):
    send(partner := Partner.of_a_month(market), partner.planted())
    differs = Finding.objects.filter(name="amount_differs").first().pk
    update = f"UPDATE settlement_finding SET {{}} WHERE id = {differs}"
    for what, says in (
        ("answer = 'confirmed', answered_at = now()", "finding_confirmed_is_equal"),
        ("is_automatic = true", "finding_automatic_within_tolerance"),
        ("is_automatic = true, tolerance_minor = 99", "finding_automatic_within_tolerance"),
        ("answer = 'accepted'", "finding_answered_then"),
        ("answer = 'maybe', answered_at = now()", "finding_answer_known"),
        ("name = 'odd'", "finding_name_known"),
        ("confidence = 101", "finding_confidence_is_percent"),
    ):
        assert refused(update.format(what)) == says


def test_a_file_never_changes_and_what_went_stays_away(market: Market):
    one = send(partner := Partner.of_a_month(market), partner.said())
    update = "UPDATE settlement_statementimport SET "
    assert "never changes" in refused(f"{update} content = 'x'")
    assert refused(f"{update} content = NULL") == "statementimport_file_or_removed"
    assert refused(f"{update} until = '2020-01-01'") == "statementimport_read_with_period"
    remove_file(SYSTEM, one.statement)
    assert "never changes" in refused(f"{update} content = 'x', file_removed_at = NULL")
    sql, values = copied("settlement_statementline")
    assert refused(sql, *values) == "statementline_once"
    sql, values = copied("settlement_ourline")
    assert refused(sql, *values) == "ourline_once"
