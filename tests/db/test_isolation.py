"""No statement of any database role reaches another network's rows: every tenant table, leaned on with raw SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection
from psycopg import sql

from core.tenancy.roles import WEB
from network.isolation.canaries import Filler
from network.isolation.cast import CANARY
from network.isolation.catalogue import tenant_tables
from network.isolation.walls import ROLES, Attacker, Columns, network_column, refusal, rows_of, undone
from network.services import superuser_dsn
from tests import databases


@dataclass
class Place:
    """The canary database with a row of the main network in every tenant table besides, as the administrator sees it."""

    connection: psycopg.Connection[Any]
    tables: list[str]
    own: int
    foreign: int
    failed: dict[str, str]

    def attacker(self, role: str) -> Attacker:
        return Attacker(self.connection, role, self.own, self.foreign, vendor=1, contact=1)

    def attacks(self, role: str, *tables: str) -> list[str]:
        """What a role can do across networks, with the table's name before it; in all tables unless some are named."""
        rows = {
            table: rows_of(self.connection, table, self.own, self.foreign) for table in tables or self.tables
        }
        return [f"{table}: {sentence}" for table, sentence in self.attacker(role).attack(rows)]

    def row(self, table: str, network_id: int) -> dict[str, Any]:
        """One row of a network with its place (`ctid`)."""
        statement = sql.SQL(
            "SELECT to_jsonb(t) || jsonb_build_object('ctid', ctid::text) FROM {} t WHERE {} = %s ORDER BY ctid LIMIT 1"
        ).format(sql.Identifier(table), sql.Identifier(network_column(table)))
        found = self.connection.execute(statement, [network_id]).fetchone()
        assert found, f"{table} has no row of network {network_id}"
        return dict(found[0])


@pytest.fixture(scope="module")
def place(canary_database) -> Iterator[Place]:
    """Nothing is kept."""
    source, cast, failed = canary_database
    with databases.clone("walls", source=source) as name, psycopg.connect(superuser_dsn(name)) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        user = cast.users["administrator"]
        own = Filler(connection.cursor(), cast.network.pk, user.pk, "OWN").fill()
        connection.execute("SET LOCAL session_replication_role = origin")
        # With figures about the tables, as autovacuum gathers them at any moment: the plans are those of a live system.
        connection.execute("ANALYZE")
        tables = tenant_tables(connection.cursor())
        yield Place(connection, tables, cast.network.pk, cast.foreign[0].pk, failed | own)
        connection.rollback()


def test_every_tenant_table_has_a_canary(place):
    assert place.failed == {}, "the filler needs a hint in network/isolation/canaries.py for these tables"
    assert place.tables
    for table in place.tables:
        assert place.row(table, place.foreign)
        assert place.row(table, place.own)


def test_the_product_and_its_tests_log_in_as_the_web_role(db):
    with django_connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_user, current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("caretree_web", "caretree_web", False)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reaches_another_network(place, role):
    assert place.attacks(role) == []


def test_what_is_seen_of_another_network_is_its_own_reader_s(place):
    """The canaries are what a person of that network reads, so that not to see them means something."""
    readable = [
        table for table in place.tables if Columns.of(place.connection, WEB, table).privileged["SELECT"]
    ]
    assert len(readable) > 40
    with place.attacker(WEB).bound(place.foreign) as cursor:
        texts = [cursor.execute(f'SELECT t::text FROM "{table}" t').fetchall() for table in readable]
    assert CANARY in str(texts)


DAMAGE = [
    ("caretree_web", "ALTER TABLE orgs_organization DISABLE ROW LEVEL SECURITY", "orgs_organization: SELECT shows"),
    ("caretree_web", "ALTER TABLE work_storedfile DISABLE ROW LEVEL SECURITY", "work_storedfile: SELECT without a network: accepted"),
    ("caretree_web", "CREATE POLICY wide ON patients_patient TO caretree_web USING (true)", "patients_patient: SELECT shows"),
    ("caretree_web", "ALTER POLICY tenant ON orgs_settingwaiver WITH CHECK (true)", "orgs_settingwaiver: INSERT of a foreign row"),
    ("caretree_web", "ALTER POLICY tenant ON ledger_package WITH CHECK (true)", "ledger_package: UPDATE moves an own row"),
    ("caretree_web", "ALTER POLICY tenant ON people_savedview USING (true)", "people_savedview: DELETE of a foreign row: accepted"),
    ("caretree_web", "GRANT TRUNCATE ON orgs_invitation TO caretree_web", "orgs_invitation: TRUNCATE of a foreign row"),
    ("caretree_portal", "GRANT SELECT ON patients_patient TO caretree_portal; ALTER POLICY tenant ON patients_patient TO PUBLIC USING (true)", "patients_patient: SELECT shows"),
    ("caretree_poster", "ALTER TABLE ledger_journalline DISABLE ROW LEVEL SECURITY", "ledger_journalline: SELECT"),
    ("caretree_lookup", "GRANT SELECT (email) ON orgs_invitation TO caretree_lookup", "orgs_invitation: reads email of every network"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "damage", "says"), DAMAGE)
def test_a_wall_with_a_hole_is_noticed(place, role, damage, says):
    with undone(place.connection) as cursor:
        cursor.execute(damage)
        found = place.attacks(role, says.partition(":")[0])
    assert [sentence for sentence in found if sentence.startswith(says)], found


KEYS = """
    SELECT k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text,
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
                   JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY i),
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, i)
                   JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY i)
      FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid
     WHERE k.contype = 'f' AND t.relrowsecurity AND cardinality(k.conkey) > 1 ORDER BY 1"""
OTHERS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
     WHERE conname <> %(key)s AND (conrelid = %(table)s::regclass AND contype = 'c'
        OR contype = 'f' AND %(table)s::regclass IN (conrelid, confrelid))"""


def test_no_key_points_into_another_network(place):
    """As the migrator, whom no policy binds: each composite key, all else out of its way, refuses a foreign row."""
    keys = place.connection.execute(KEYS).fetchall()
    assert len(keys) >= 6
    answers = {}
    for key, table, target, columns, targets in keys:
        row, stranger = place.row(table, place.own), place.row(target, place.foreign)
        with undone(place.connection) as cursor:
            cursor.execute("SET LOCAL SESSION AUTHORIZATION caretree_migrator")
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
            for owner, other in cursor.execute(OTHERS, {"key": key, "table": table}).fetchall():
                cursor.execute(
                    sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                        sql.Identifier(owner), sql.Identifier(other)
                    )
                )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            pairs = [
                (column, stranger[there])
                for column, there in zip(columns, targets, strict=True)
                if column not in ("network_id", "id")
            ]
            changes = sql.SQL(", ").join(
                sql.SQL("{} = %s").format(sql.Identifier(column)) for column, _ in pairs
            )
            statement = sql.SQL("UPDATE {} SET {} WHERE ctid = %s").format(sql.Identifier(table), changes)
            values = [*(value for _, value in pairs), row["ctid"]]
            answers[key] = refusal(place.connection, cursor, statement, values)
    assert {
        key: answer for key, answer in answers.items() if not (answer.startswith("23503") and key in answer)
    } == {}
