"""Every table, view, key, policy, function and grant of the migrated database keeps to the rules, and each rule bites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from core.tenancy import lookups, outside
from network.isolation.catalogue import RULES, broken, declared, tenant_tables
from network.services import superuser_dsn


@pytest.fixture
def cursor(db: None) -> Iterator[Any]:
    """A cursor of the administrator in this worker's database; whatever it does is rolled back."""
    connection = psycopg.connect(superuser_dsn(connections["default"].settings_dict["NAME"]))
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()
    connection.close()


@pytest.mark.parametrize("name", RULES)
def test_the_database_keeps_the_rule(cursor, name):
    assert broken(cursor, name) == []


def test_the_models_and_the_catalogue_know_the_same_tenant_tables(cursor):
    assert tenant_tables(cursor) == sorted(declared())


TENANT = "CREATE TABLE planted (id bigint PRIMARY KEY, network_id bigint NOT NULL)"
SECURED = (
    f"{TENANT}; ALTER TABLE planted ENABLE ROW LEVEL SECURITY; ALTER TABLE planted FORCE ROW LEVEL SECURITY"
)
PATH = "SET search_path = pg_catalog"

#: rule -> [(what somebody could do by mistake, what the rule then says)]
VIOLATIONS: dict[str, list[tuple[str, str]]] = {
    "every_table_has_a_side": [
        (TENANT, "planted is neither"),
        (f"{TENANT}; ALTER TABLE planted ENABLE ROW LEVEL SECURITY", "planted is neither"),
        ("ALTER TABLE orgs_organization NO FORCE ROW LEVEL SECURITY", "orgs_organization is neither"),
        ("ALTER TABLE orgs_membership DISABLE ROW LEVEL SECURITY", "orgs_membership is neither"),
        ("ALTER TABLE people_user ENABLE ROW LEVEL SECURITY", "people_user is listed as outside"),
    ],
    "the_list_of_tables_outside_is_current": [("DROP TABLE work_mail CASCADE", "work_mail is listed")],
    "policies_name_their_roles": [
        (f"{SECURED}; CREATE POLICY p ON planted USING (true)", "policy p of planted applies to everybody"),
        (
            "ALTER POLICY tenant ON orgs_organization TO PUBLIC",
            "policy tenant of orgs_organization applies to everybody",
        ),
        ("ALTER POLICY tenant ON orgs_organization TO caretree_web, caretree_portal", "mixes roles"),
        (SECURED, "planted is under row-level security and has no policy"),
    ],
    "policies_test_the_network": [
        (
            "CREATE POLICY p ON orgs_organization TO caretree_web USING (true) WITH CHECK (true)",
            "does not test the network in USING",
        ),
        (
            "CREATE POLICY p ON orgs_organization TO caretree_web USING (network_id = (SELECT app.network_id()))",
            "has no WITH CHECK",
        ),
        (
            "ALTER POLICY tenant ON orgs_organization WITH CHECK (true)",
            "does not test the network in WITH CHECK: true",
        ),
        (
            "ALTER POLICY tenant ON orgs_organization USING (network_id = (SELECT app.network_id()) OR kind = 'parent')",
            "does not test the network in USING",
        ),
        (
            "ALTER POLICY tenant ON orgs_organization USING ((network_id = (SELECT app.network_id()) AND kind = 'sub') OR kind = 'parent')",
            "does not test the network in USING",
        ),
        (
            "ALTER POLICY tenant ON orgs_organization USING (network_id <> (SELECT app.network_id()))",
            "does not test the network in USING",
        ),
        (
            "CREATE POLICY p ON orgs_organization FOR SELECT TO caretree_web USING (network_id = (SELECT app.network_id()))",
            "is for SELECT",
        ),
        (
            "ALTER POLICY portal ON orgs_organization USING (network_id = (SELECT app.network_id()))",
            "is not narrowed to the vendor",
        ),
        ("CREATE POLICY p ON orgs_invitation FOR UPDATE TO caretree_lookup USING (true)", "more than read"),
    ],
    "foreign_keys_are_composite": [
        (
            "ALTER TABLE orgs_membership ADD CONSTRAINT plain FOREIGN KEY (organization_id) REFERENCES orgs_organization (id)",
            "plain of orgs_membership to orgs_organization can cross",
        ),
        (
            "ALTER TABLE orgs_membership ADD CONSTRAINT swapped FOREIGN KEY (organization_id, network_id) REFERENCES orgs_organization (id, network_id)",
            "can cross",
        ),
        (
            "CREATE TABLE planted (o bigint REFERENCES orgs_organization (id))",
            "leads from outside tenancy into it",
        ),
        (
            "ALTER TABLE orgs_membership ADD CONSTRAINT lax FOREIGN KEY (network_id, organization_id) REFERENCES orgs_organization (network_id, id) NOT VALID",
            "lax of orgs_membership to orgs_organization is not validated",
        ),
    ],
    "tenant_keys_are_keys": [
        (
            "ALTER TABLE orgs_membership DROP CONSTRAINT membership_organization_same_network",
            "orgs_membership.organization_id has no foreign key",
        ),
    ],
    "unique_keys_start_with_the_network": [
        (
            "CREATE UNIQUE INDEX planted ON orgs_organization (code)",
            "planted of orgs_organization starts with code",
        ),
        ("CREATE UNIQUE INDEX planted ON orgs_organization (lower(code))", "starts with an expression"),
        ("CREATE UNIQUE INDEX planted ON orgs_organization (code, network_id)", "starts with code"),
        (
            "GRANT INSERT ON ledger_journalline TO caretree_web",
            "ledger_journalline_pkey of ledger_journalline starts with event_id",
        ),
    ],
    "views_run_as_their_reader": [
        ("CREATE VIEW planted AS SELECT * FROM orgs_organization", "view planted runs as its owner"),
        ("CREATE MATERIALIZED VIEW planted AS SELECT 1 AS one", "planted is a materialized view"),
    ],
    "functions_have_a_fixed_search_path": [
        (
            "CREATE FUNCTION app.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "app.planted() has the search_path None",
        ),
        (
            "CREATE FUNCTION app.planted() RETURNS int LANGUAGE sql SET search_path = public AS 'SELECT 1'",
            "has the search_path public",
        ),
        ("ALTER FUNCTION app.network_id() RESET search_path", "app.network_id() has the search_path None"),
    ],
    "definers_stay_in_their_rooms": [
        (
            f"CREATE FUNCTION app.planted() RETURNS int LANGUAGE sql SECURITY DEFINER {PATH} AS 'SELECT 1'",
            "app.planted() runs as its owner",
        ),
        ("GRANT EXECUTE ON FUNCTION lookup.networks_of_user(bigint) TO PUBLIC", "can be called by everybody"),
        (
            "GRANT EXECUTE ON FUNCTION lookup.networks_of_user(bigint) TO caretree_portal",
            "can be called by caretree_portal",
        ),
        (
            "ALTER FUNCTION lookup.networks_of_user(bigint) OWNER TO caretree_migrator",
            "belongs to caretree_migrator",
        ),
        (
            f"CREATE FUNCTION posting.planted() RETURNS int LANGUAGE sql SECURITY DEFINER {PATH} AS 'SELECT 1'",
            "posting.planted() can be called by everybody",
        ),
    ],
    "lookups_are_the_closed_list": [
        (
            f"CREATE FUNCTION lookup.planted() RETURNS bigint LANGUAGE sql {PATH} AS 'SELECT 1::bigint'",
            "lookup.planted() is not in",
        ),
        (
            f"CREATE FUNCTION lookup.planted() RETURNS text LANGUAGE sql {PATH} AS $$SELECT 'a name'$$",
            "returns text, not ids",
        ),
        (
            "DROP FUNCTION lookup.networks_of_user(bigint)",
            "networks_of_user(bigint) is in core/tenancy/lookups.py and does not exist",
        ),
    ],
    "the_owner_owns_everything": [
        (
            "ALTER SCHEMA lookup OWNER TO caretree_owner",
            "schema lookup belongs to caretree_owner, not to caretree_lookup",
        ),
        ("CREATE TABLE planted (id int)", "public.planted belongs to postgres"),
        (
            "ALTER TABLE orgs_organization OWNER TO caretree_migrator",
            "relation public.orgs_organization belongs to caretree_migrator",
        ),
        (
            f"CREATE FUNCTION app.planted() RETURNS int LANGUAGE sql {PATH} AS 'SELECT 1'",
            "app.planted belongs to postgres",
        ),
        (
            "ALTER FUNCTION lookup.networks_of_user(bigint) OWNER TO caretree_owner",
            "belongs to caretree_owner, not to caretree_lookup",
        ),
        ("CREATE SCHEMA planted AUTHORIZATION caretree_owner", "schema planted is not one of"),
    ],
    "grants_are_what_is_declared": [
        ("GRANT DELETE ON orgs_organization TO caretree_web", "caretree_web holds"),
        ("REVOKE SELECT ON orgs_organization FROM caretree_web", "caretree_web holds"),
        ("GRANT SELECT ON orgs_membership TO PUBLIC", "PUBLIC holds ['SELECT'] on orgs_membership"),
        (
            "GRANT SELECT ON orgs_membership TO caretree_lookup",
            "caretree_lookup holds ['SELECT'] on orgs_membership",
        ),
        ("GRANT UPDATE ON audit_auditevent TO caretree_web", "on audit_auditevent"),
        ("GRANT SELECT ON people_user TO caretree_poster", "caretree_poster holds ['SELECT'] on people_user"),
        (
            "GRANT SELECT ON orgs_organization TO caretree_web WITH GRANT OPTION",
            "may hand on SELECT on orgs_organization",
        ),
        ("GRANT TRUNCATE ON work_outbox TO caretree_web", "on work_outbox"),
    ],
    "column_grants_are_those_of_lookups_and_models": [
        (
            "GRANT SELECT (email) ON orgs_invitation TO caretree_lookup",
            "orgs_invitation.email, which no look-up and no model declares",
        ),
        (
            "GRANT UPDATE (name) ON orgs_organization TO caretree_portal",
            "caretree_portal holds UPDATE on orgs_organization.name",
        ),
        (
            "REVOKE SELECT (user_id) ON orgs_membership FROM caretree_lookup",
            "orgs_membership.user_id, which is not granted",
        ),
    ],
    "sequences_and_schemas_are_closed": [
        (
            "GRANT UPDATE ON SEQUENCE orgs_organization_id_seq TO caretree_web",
            "caretree_web holds UPDATE on the sequence",
        ),
        ("GRANT CREATE ON SCHEMA public TO caretree_web", "on the schema public"),
        (
            "GRANT USAGE ON SCHEMA lookup TO caretree_portal",
            "caretree_portal holds ['USAGE'] on the schema lookup",
        ),
        ("GRANT CREATE ON SCHEMA app TO PUBLIC", "PUBLIC holds ['CREATE'] on the schema app"),
        ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO caretree_web", "default privileges are set"),
    ],
    "roles_are_weak": [
        ("ALTER ROLE caretree_web BYPASSRLS", "caretree_web is a superuser, sees every row"),
        ("ALTER ROLE caretree_poster SUPERUSER", "caretree_poster is a superuser"),
        ("ALTER ROLE caretree_web INHERIT", "caretree_web inherits"),
        ("ALTER ROLE caretree_portal LOGIN", "caretree_portal can log in"),
        ("GRANT caretree_owner TO caretree_web", "caretree_web is a member of caretree_owner"),
        (
            "GRANT caretree_portal TO caretree_web WITH INHERIT TRUE",
            "caretree_web is a member of caretree_portal",
        ),
    ],
    "the_portal_stays_out": [
        ("GRANT SELECT ON people_user TO caretree_portal", "the portal reaches people_user"),
        (
            "GRANT SELECT (user_id) ON orgs_membership TO caretree_portal",
            "the portal reaches orgs_membership",
        ),
        ("GRANT SELECT ON django_session TO caretree_portal", "the portal reaches django_session"),
    ],
    "nothing_is_switched_off": [
        (
            "ALTER TABLE audit_auditevent DISABLE TRIGGER append_only",
            "append_only of audit_auditevent is off",
        ),
        (
            "ALTER TABLE orgs_organization ADD CONSTRAINT planted CHECK (name <> '') NOT VALID",
            "planted of orgs_organization is not validated",
        ),
    ],
}


@pytest.mark.parametrize(
    ("name", "planted", "says"), [(name, *case) for name, cases in VIOLATIONS.items() for case in cases]
)
def test_the_rule_bites(cursor, name, planted, says):
    cursor.execute(planted)
    assert any(says in sentence for sentence in broken(cursor, name)), broken(cursor, name)


def test_every_rule_was_seen_to_bite():
    assert VIOLATIONS.keys() == RULES.keys()


def test_stale_entries_of_the_closed_lists_are_found(cursor, monkeypatch):
    monkeypatch.setitem(outside.TABLES, "gone", outside.Outside("a table that was dropped"))
    monkeypatch.setitem(outside.TABLES, "work_mail", outside.Outside("why"))
    monkeypatch.setitem(lookups.LOOKUPS, "gone()", lookups.Lookup("a function that was dropped", {}))
    found = broken(cursor, "the_list_of_tables_outside_is_current")
    assert found == [
        "work_mail is listed as outside tenancy without a reason",
        "gone is listed as outside tenancy and does not exist",
    ]
    assert broken(cursor, "lookups_are_the_closed_list") == [
        "gone() is in core/tenancy/lookups.py and does not exist"
    ]
