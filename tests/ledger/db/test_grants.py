"""Who may do what in the database: the poster has what it needs and no more, the web role only reads what is posted."""

from __future__ import annotations

from collections import defaultdict

from django.db import connection

from ledger.models.posted import PostedModel

#: Table -> what the poster may do; a column list stands for UPDATE of these columns only.
POSTER = {
    "core_network": "SELECT",
    "orgs_organization": "SELECT",
    "ledger_account": "INSERT SELECT",
    "ledger_ledgerevent": "INSERT SELECT",
    "ledger_journalline": "INSERT SELECT",
    "ledger_entitlementmovement": "INSERT SELECT",
    "ledger_entitlement": "INSERT SELECT UPDATE(expires_on,frozen_on,frozen_until,patient_id,status)",
    "ledger_entitlementchange": "INSERT SELECT",
    "ledger_breakagepool": "INSERT SELECT UPDATE(booked_minor,open_minor)",
    "ledger_breakagemovement": "INSERT SELECT",
    "ledger_entitlementline": "INSERT SELECT UPDATE(left_units,open_minor)",
    "ledger_balance": "INSERT SELECT UPDATE(credit_minor,debit_minor)",
    "ledger_standing": "INSERT SELECT UPDATE(credit_minor,debit_minor)",
    "ledger_balancedelta": "DELETE INSERT SELECT",
    "ledger_periodclose": "INSERT SELECT UPDATE(closed_through)",
    "ledger_periodclosing": "INSERT SELECT",
    "ledger_taxline": "INSERT SELECT",
    "ledger_unclaimeditem": "INSERT SELECT UPDATE(payment_id)",
    # what it seals, and what waits to be sealed
    "audit_auditevent": "SELECT",
    "audit_accessevent": "SELECT",
    "audit_patientread": "SELECT",
    "audit_seal": "INSERT SELECT",
    "audit_unsealed": "DELETE INSERT SELECT",
    "ledger_rulevolume": "INSERT SELECT UPDATE",
    "ledger_periodreopening": "SELECT UPDATE(books,decided_at,decided_id,decided_kind,decided_label,note,status)",
}

FUNCTIONS = {
    "post_event",
    "post_events",
    "close_period",
    "fold_deltas",
    "lock_entitlement",
    "lock_entitlements",
    "lock_breakage_pool",
    "soft_close_period",
    "reopen_period",
    "seal",
}
#: What triggers call with the poster's rights.
CHECKS = {"check_event", "check_tax", "check_unclaimed", "wait_for_seal"}


def grants_of(role: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, a.privilege_type, NULL FROM pg_class c, aclexplode(c.relacl) a
             WHERE a.grantee = %(role)s::regrole AND c.relkind IN ('r', 'v', 'p')
            UNION ALL
            SELECT c.relname, a.privilege_type, t.attname FROM pg_class c
              JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
             WHERE a.grantee = %(role)s::regrole
            """,
            {"role": role},
        )
        found: dict[str, set[str]] = defaultdict(set)
        columns: dict[tuple[str, str], list[str]] = defaultdict(list)
        for table, privilege, column in cursor.fetchall():
            if column is None:
                found[table].add(privilege)
            else:
                columns[table, privilege].append(column)
        for (table, privilege), names in columns.items():
            found[table].add(f"{privilege}({','.join(sorted(names))})")
    return {table: " ".join(sorted(privileges)) for table, privileges in found.items()}


def test_the_poster_has_what_it_needs_and_no_more(db):
    assert grants_of("caretree_poster") == POSTER


def test_the_web_role_only_reads_what_is_posted(db):
    grants = grants_of("caretree_web")
    posted = {model._meta.db_table for model in PostedModel.__subclasses__()}
    assert len(posted) == 17
    assert {table: grants[table] for table in posted} == dict.fromkeys(posted, "SELECT")


def test_the_web_role_calls_these_functions_and_nobody_else_any(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.proname, p.prosecdef, p.proowner::regrole::text, p.proconfig::text,
                   ARRAY(SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE a.grantee::regrole::text END
                           FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner)
              FROM pg_proc p WHERE p.pronamespace = 'posting'::regnamespace
            """
        )
        rows = cursor.fetchall()
    assert {name for name, *_, grantees in rows if grantees} == FUNCTIONS
    for name, is_definer, owner, settings, grantees in rows:
        assert owner == "caretree_poster", name
        assert "search_path=pg_catalog" in (settings or ""), name
        assert grantees == (["caretree_web"] if name in FUNCTIONS else []), name
        assert is_definer is (name in {*FUNCTIONS, *CHECKS}), name


def test_the_poster_is_nobody_special(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'caretree_poster'"
        )
        assert cursor.fetchone() == (False, False, False)
