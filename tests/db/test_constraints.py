"""Each check and each uniqueness of the money's tables is attacked in raw SQL, here or where its feature is tested."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import models
from psycopg import sql

from tests.databases import administrator_in

APPS = ("audit", "work", "ledger", "settlement")

#: Constraint -> what a row of its table is changed to, while triggers and foreign keys sleep.
CHECKS = {
    "access_kind_known": ("audit_accessevent", "kind = 'looked'"),
    "seal_kind_known": ("audit_seal", "kind = 'other'"),
    "sealcheck_kind_known": ("audit_sealcheck", "kind = 'other'"),
    "sealsending_kind_known": ("audit_sealsending", "kind = 'other'"),
    "backtest_status_known": ("ledger_backtest", "status = 'lost'"),
    "balance_not_negative": ("ledger_balance", "debit_minor = -1"),
    "breakagepool_booked_within_open": ("ledger_breakagepool", "booked_minor = open_minor + 1"),
    "entitlement_price_not_negative": ("ledger_entitlement", "price_minor = -1"),
    "entitlement_status_known": ("ledger_entitlement", "status = 'lost'"),
    "entitlementline_floor": ("ledger_entitlementline", "left_units = -1"),
    "exchangerate_positive": ("ledger_exchangerate", "value = 0"),
    "ledgerevent_kind_known": ("ledger_ledgerevent", "kind = 'gift'"),
    "package_expiry_known": ("ledger_package", "expiry = 'never'"),
    "package_price_not_negative": ("ledger_package", "price_minor = -1"),
    "package_refund_known": ("ledger_package", "refund = 'sometimes'"),
    "package_status_known": ("ledger_package", "status = 'lost'"),
    "package_use_known": ("ledger_package", "use = 'animal', most_people = 2"),
    "package_use_people": ("ledger_package", "most_people = 2"),
    "packageline_price_not_negative": ("ledger_packageline", "standalone_minor = -1"),
    "packageline_service_or_credit": ("ledger_packageline", "category = 'care'"),
    "periodreopening_status_known": ("ledger_periodreopening", "status = 'lost'"),
    "redemptionimport_content_is_what_was_sent": (
        "ledger_redemptionimport",
        "status = 'sent', content = 'other'",
    ),
    "redemptionimport_counts_every_line": ("ledger_redemptionimport", "redeemed_count = 7"),
    "redemptionimport_failed_why": ("ledger_redemptionimport", "status = 'failed', note = ''"),
    "redemptionimport_file_until_read": ("ledger_redemptionimport", "status = 'sent'"),
    "redemptionimport_status_known": ("ledger_redemptionimport", "status = 'lost'"),
    "redemptionimport_waits_with_lines": (
        "ledger_redemptionimport",
        "status = 'waiting', lines_removed_at = now()",
    ),
    "redemptionimportline_outcome_known": (
        "ledger_redemptionimportline",
        "outcome = 'lost', text = '', \"on\" = now(), quantity = 1",
    ),
    "redemptionimportline_read_or_not": ("ledger_redemptionimportline", '"on" = now(), quantity = 0'),
    "redemptionimportline_refused_why": ("ledger_redemptionimportline", "text = ''"),
    "ruleversion_event_known": ("ledger_ruleversion", "event = 'gift'"),
    "ruleversion_four_eyes": ("ledger_ruleversion", "activated_by_id = 7, author_id = 7"),
    "ruleversion_status_known": ("ledger_ruleversion", "status = 'lost', activated_at = now()"),
    "sale_expiry_known": ("ledger_sale", "expiry = 'never'"),
    "sale_payer_named": ("ledger_sale", "payer_contact = 'somebody', payer_name = ''"),
    "sale_refund": ("ledger_sale", "refund_fee_minor = 1"),
    "service_status_known": ("ledger_service", "status = 'lost'"),
    "standing_not_negative": ("ledger_standing", "debit_minor = -1"),
    "tariffprice_not_negative": ("ledger_tariffprice", "price_minor = -1"),
    "taxcode_method_known": ("ledger_taxcode", "method = 'guessed'"),
    "taxcode_status_known": ("ledger_taxcode", "status = 'lost'"),
    "taxline_tax_of_rate": ("ledger_taxline", "percent = 0, tax_minor = 1"),
    "nettingagreement_method_known": ("settlement_nettingagreement", "method = 'by eye'"),
    "settlementrun_method_known": ("settlement_settlementrun", "method = 'by eye'"),
    "settlementrun_approved": ("settlement_settlementrun", "status = 'lost'"),
    "statementimport_form_known": ("settlement_statementimport", "form = 'pdf'"),
    "statementimport_status_known": ("settlement_statementimport", "status = 'lost'"),
    "unclaimeditem_is_something": ("ledger_unclaimeditem", "amount_minor = 0"),
}

#: Constraint -> table, and what another row says that is the same but for this.
UNIQUE: dict[str, tuple[str, dict[str, str]]] = {
    "seal_numbered_once": ("audit_seal", {}),
    "entitlement_one_per_sale": ("ledger_entitlement", {"code": "'other'"}),
    "entitlementline_service_once": ("ledger_entitlementline", {}),
    "expiryreminder_once": ("ledger_expiryreminder", {}),
    "package_code_unique": ("ledger_package", {}),
    "packageline_service_once": ("ledger_packageline", {}),
    "periodreopening_one_open": (
        "ledger_periodreopening",
        {"status": "'requested'", "decided_at": "NULL", "decided_by_id": "NULL"},
    ),
    "quoteline_sale_once": ("ledger_quoteline", {"package_id": "package_id + 1", "sale_id": "1"}),
    "redemptionimportline_once": ("ledger_redemptionimportline", {}),
    "redemptionimportline_number_once": ("ledger_redemptionimportline", {"position": "position + 100"}),
    "reportrun_due_once": ("ledger_reportrun", {"asked_by": "''"}),
    "reportrun_one_asked": ("ledger_reportrun", {"asked_by": "'Ada'", "ran_at": "NULL"}),
    "reportschedule_name_once": ("ledger_reportschedule", {}),
    "rule_code_unique": ("ledger_rule", {}),
    "sale_one_per_entitlement": ("ledger_sale", {"event_id": "event_id + 1", "receipt_number": "NULL"}),
    "sale_receipt_unique": (
        "ledger_sale",
        {"event_id": "event_id + 1", "entitlement_id": "entitlement_id + 1", "receipt_number": "7"},
    ),
    "sealsending_once_a_day": ("audit_sealsending", {"through": "through + 1"}),
    "sealsending_once_each": ("audit_sealsending", {"sent_on": "sent_on + 1"}),
    "service_code_unique": ("ledger_service", {}),
    "taxcode_code_unique": ("ledger_taxcode", {}),
    "taxrate_one_a_day": ("ledger_taxrate", {}),
    "acknowledgement_complete_once": (
        "settlement_acknowledgement",
        {"side_id": "side_id + 1", "completes": "true"},
    ),
    "reconciliation_one_a_statement": ("settlement_reconciliation", {}),
    "settlementrun_event_once": (
        "settlement_settlementrun",
        {
            "key": "key || '2'",
            "number": "number + 1",
            "status": "'settled'",
            "event_id": "7",
            "approved_at": "now()",
            "approved_by_label": "'Ada'",
            "content_hash": "'hash'",
        },
    ),
    "settlementrun_key_unique": ("settlement_settlementrun", {}),
    "statementimport_same_file_once": ("settlement_statementimport", {}),
    "statementmapping_one_each": ("settlement_statementmapping", {}),
}

#: Numbers of the money that are never below zero: the check is the field's own.
COUNTS = [
    (model._meta.db_table, field.column)
    for app in ("audit", "ledger", "settlement")
    for model in apps.get_app_config(app).get_models()
    for field in model._meta.local_fields
    if field.get_internal_type().startswith("Positive")
]

#: Constraint -> the check of the same table that refuses what it refuses, and earlier in the alphabet.
IMPLIED = {"settlementrun_status_known": "settlementrun_approved"}


@pytest.fixture
def attacker(canary_database):
    """The administrator with triggers asleep, where every table has rows; all of it is rolled back."""
    with administrator_in(canary_database[0]) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_refuses(attacker: psycopg.Connection, name: str) -> None:
    table, change = CHECKS[name]
    assert attacker.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        attacker.execute(f"UPDATE {table} SET {change}")
    assert refused.value.diag.constraint_name == name


@pytest.mark.parametrize(("table", "column"), COUNTS)
def test_a_count_is_not_negative(attacker: psycopg.Connection, table: str, column: str) -> None:
    assert attacker.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,)
    with pytest.raises(psycopg.errors.CheckViolation):
        attacker.execute(f"UPDATE {table} SET {column} = -1")


@pytest.mark.parametrize("name", UNIQUE)
def test_a_uniqueness_refuses(attacker: psycopg.Connection, name: str) -> None:
    table, other = UNIQUE[name]
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        for _ in range(2):  # what the rows there don't hold yet, the first copy does
            copy_row(attacker, table, other)
    assert refused.value.diag.constraint_name == name


def copy_row(connection: psycopg.Connection, table: str, other: dict[str, str]) -> None:
    """Another row like the last one of a table, but for its id and what is other."""
    columns = [
        name
        for (name,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' AND attidentity = ''",
            [table],
        )
    ]
    said = [sql.SQL(other[name]) if name in other else sql.Identifier(name) for name in columns]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY ctid DESC LIMIT 1").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(said),
            sql.Identifier(table),
        )
    )


@cache
def words_of_tests() -> frozenset[str]:
    """Every word in the tests: a constraint that is attacked is named, whole or without its table."""
    root = Path(__file__).parent.parent
    return frozenset(word for path in root.rglob("*.py") for word in re.findall(r"\w+", path.read_text()))


def test_no_constraint_of_the_money_is_forgotten() -> None:
    named = {
        constraint.name
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
    }
    words = words_of_tests()
    assert not [name for name in sorted(named) if not {name, name.split("_", 1)[1]} & words]
