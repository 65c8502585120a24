"""Each check and each uniqueness of the money's tables is attacked in raw SQL, here or where its feature is tested."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from psycopg import sql

from tests.databases import administrator_in
from tests.mutations.guards import CONSTRAINTS, IMPLIED

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
    "account_currency": ("ledger_account", "currency = 'usd'"),
    "backtest_period": ("ledger_backtest", "first_on = last_on + 1"),
    "balance_month": ("ledger_balance", "month = month + 1"),
    "bankaccount_bic": ("settlement_bankaccount", "bic = 'NO'"),
    "bankaccount_holder": ("settlement_bankaccount", "holder = ''"),
    "closedstatement_month": ("ledger_closedstatement", "month = month + 1"),
    "creditnote_number_positive": ("ledger_creditnote", "number = 0"),
    "entitlement_period": ("ledger_entitlement", "expires_on = starts_on - 1"),
    "exchangerate_currencies": ("ledger_exchangerate", "base = 'usd'"),
    "exchangerate_source": ("ledger_exchangerate", "source = ''"),
    "exchangerate_two": ("ledger_exchangerate", "base = quote"),
    "exchangerate_version": ("ledger_exchangerate", "version = 0"),
    "nettingagreement_said": ("settlement_nettingagreement", "name = ''"),
    "package_breakage": ("ledger_package", "breakage_percent = 0"),
    "package_refund_fee": ("ledger_package", "refund_fee_minor = -1"),
    "package_valid_days": ("ledger_package", "valid_days = 0"),
    "packageline_quantity": ("ledger_packageline", "quantity = 0"),
    "paymentconfirmation_amount": ("settlement_paymentconfirmation", "amount_minor = 0"),
    "periodclosing_month": ("ledger_periodclosing", "month = month + 1"),
    "periodclosing_what": ("ledger_periodclosing", "what = 'lost'"),
    "periodreopening_sound": ("ledger_periodreopening", "reason = ''"),
    "pricechange_not_empty": ("ledger_pricechange", "prices = 0"),
    "pricechange_percent_or_amount": ("ledger_pricechange", "amount_minor = 1, percent = 1"),
    "pricechange_rounding_known": ("ledger_pricechange", "rounding = '7'"),
    "reportschedule_day": ("ledger_reportschedule", "on_day = 99"),
    "reportschedule_sound": ("ledger_reportschedule", "name = ''"),
    "ruleversion_activated": ("ledger_ruleversion", "status = 'draft', activated_at = now()"),
    "ruleversion_number": ("ledger_ruleversion", "number = 0"),
    "ruleversion_second_person": (
        "ledger_ruleversion",
        "status = 'active', activated_at = now(), activated_by_id = NULL, author_id = 7",
    ),
    "sale_quantity": ("ledger_sale", "quantity = 0"),
    "sale_tops_up_another": ("ledger_sale", "tops_up_id = entitlement_id"),
    "seal_sound": ("audit_seal", "row_count = 0"),
    "settlementpair_ordered": ("settlement_settlementpair", "second_id = first_id"),
    "tariffprice_period": ("ledger_tariffprice", "ends_on = starts_on - 1"),
    "taxline_is_its_rate": ("ledger_taxline", "tax_minor = tax_minor + 100000, sale_event_id = NULL"),
    "taxline_rate": ("ledger_taxline", "percent = 101"),
    "taxrate_percent": ("ledger_taxrate", "percent = 101"),
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
    "account_unique": ("ledger_account", {}),
    "agreementparty_once": ("settlement_agreementparty", {}),
    "backtestevent_once": ("ledger_backtestevent", {}),
    "breakagepool_once": ("ledger_breakagepool", {}),
    "creditnote_number_unique": ("ledger_creditnote", {"event_id": "event_id + 1", "number": "7"}),
    "creditnote_one_per_event": ("ledger_creditnote", {"number": "number + 100"}),
    "entitlement_code_unique": ("ledger_entitlement", {"sale_event_id": "sale_event_id + 1"}),
    "entitlementchange_one_per_event": ("ledger_entitlementchange", {}),
    "exchangerate_once": ("ledger_exchangerate", {}),
    "itemtotal_once": ("settlement_itemtotal", {}),
    "packageredeemer_once": ("ledger_packageredeemer", {}),
    "packageseller_once": ("ledger_packageseller", {}),
    "periodclose_once": ("ledger_periodclose", {}),
    "remittance_once": ("settlement_remittance", {}),
    "reportrecipient_once": ("ledger_reportrecipient", {}),
    "ruleversion_number_unique": ("ledger_ruleversion", {"status": "'draft'", "activated_at": "NULL"}),
    "sale_one_per_event": ("ledger_sale", {"entitlement_id": "entitlement_id + 1", "receipt_number": "NULL"}),
    "settlementpair_once": ("settlement_settlementpair", {}),
    "settlementpayment_number": ("settlement_settlementpayment", {"receiver_id": "receiver_id + 100"}),
    "settlementpayment_once": ("settlement_settlementpayment", {"number": "number + 100"}),
    "settlementrun_number_unique": (
        "settlement_settlementrun",
        {"key": "key || '2'", "status": "'cancelled'", "event_id": "NULL"},
    ),
    "taxline_numbered": ("ledger_taxline", {}),
    "unclaimeditem_once": ("ledger_unclaimeditem", {}),
}

#: Numbers of the money that are never below zero: the check is the field's own.
COUNTS = [
    (model._meta.db_table, field.column)
    for app in ("audit", "ledger", "settlement")
    for model in apps.get_app_config(app).get_models()
    for field in model._meta.local_fields
    if field.get_internal_type().startswith("Positive")
]


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
    own = f"{table}_{column}_check"
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        attacker.execute(f"UPDATE {table} SET {column} = -1")
    assert refused.value.diag.constraint_name == IMPLIED.get(own, own)


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


def test_no_constraint_of_the_money_is_forgotten(attacker: psycopg.Connection) -> None:
    words = words_of_tests()
    counts = {f"{table}_{column}_check" for table, column in COUNTS}
    guarding = [name for name, *_ in attacker.execute(CONSTRAINTS)]
    assert not [name for name in guarding if name not in words and name not in counts]
