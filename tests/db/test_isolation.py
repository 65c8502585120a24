"""No statement of the web role reaches another network's rows: every tenant table, leaned on with raw SQL."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection as django_connection
from psycopg import sql

from network.services import superuser_dsn
from tests.canaries import Filler
from tests.cast import CANARY
from tests.db.walls import Walls, network_column, refusal

UNBOUND = "42501 no network is bound"
WALL = "42501 new row violates row-level security policy"
#: Tables whose own trigger is quicker than the policy.
OWN_RULES = {
    "orgs_organization": "23514 the kind, currency and network of an organization never change",
    "vendors_servicerequest": "23514 what a request asks, for whom and of whom never changes",
    "vendors_requesttransition": "42501 this request is not of this vendor",
    "vendors_taskpatient": "42501 this request is not of this vendor",
}


@pytest.fixture(scope="module")
def filled(canary_database) -> Iterator[tuple[Walls, dict[str, str]]]:
    """The canary database, with a row of the main network in every tenant table besides; nothing is kept."""
    name, cast, failed = canary_database
    with psycopg.connect(superuser_dsn(name)) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        own = Filler(connection.cursor(), cast.network.pk, cast.users["administrator"].pk, word="OWN").fill()
        connection.execute("SET LOCAL session_replication_role = origin")
        yield Walls(connection, cast.network.pk, cast.foreign[0].pk), failed | own
        connection.rollback()


@pytest.fixture
def walls(filled) -> Walls:
    return filled[0]


def test_every_tenant_table_has_a_canary(filled):
    walls, failed = filled
    assert failed == {}, "the filler needs a hint in tests/canaries.py for these tables"
    assert walls.tables
    for table in walls.tables:
        assert walls.row(table, walls.foreign)
        assert walls.row(table, walls.own)


def test_the_product_and_its_tests_log_in_as_the_web_role(db):
    with django_connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_user, current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("caretree_web", "caretree_web", False)


def a_statement(walls: Walls, privilege: str, table: str) -> sql.Composed:
    """A statement over the whole table that needs a privilege."""
    statements = {
        "SELECT": "SELECT * FROM {table}",
        "INSERT": "INSERT INTO {table} ({network}) SELECT {network} FROM {table}",
        "UPDATE": "UPDATE {table} SET {column} = {column}",
        "DELETE": "DELETE FROM {table}",
        "TRUNCATE": "TRUNCATE {table}",
    }
    column = walls.updatable(table) or network_column(table)
    names = {"table": table, "column": column, "network": network_column(table)}
    return sql.SQL(statements[privilege]).format(**{key: sql.Identifier(name) for key, name in names.items()})


@pytest.mark.parametrize("privilege", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_unbound_every_statement_is_an_error(walls, privilege):
    tables = walls.granted(privilege)
    assert tables
    with walls.web(None) as cursor:
        answers = {table: refusal(walls, cursor, a_statement(walls, privilege, table)) for table in tables}
    assert {table: answer for table, answer in answers.items() if answer != UNBOUND} == {}


@pytest.mark.parametrize("privilege", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"])
def test_what_is_not_granted_is_denied_before_any_policy(walls, privilege):
    tables = set(walls.tables) - set(walls.granted(privilege))
    with walls.web(walls.own) as cursor:
        answers = {table: refusal(walls, cursor, a_statement(walls, privilege, table)) for table in tables}
    assert {
        table: answer for table, answer in answers.items() if not answer.startswith("42501 permission denied")
    } == {}


def test_bound_no_row_of_another_network_is_seen(walls):
    with walls.web(walls.own) as cursor:
        seen = {table: walls.visible_of_others(cursor, table) for table in walls.granted("SELECT")}
        assert {table: count for table, count in seen.items() if count} == {}
        for table in walls.granted("SELECT"):
            found = cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{CANARY}%"]
            ).fetchone()
            assert found == (0,), table
    with walls.web(walls.foreign) as cursor:
        texts = [
            cursor.execute(f'SELECT t::text FROM "{table}" t').fetchall() for table in walls.granted("SELECT")
        ]
    assert CANARY in str(texts)


def unexpected(answers: dict[str, str]) -> dict[str, str]:
    """The answers that are neither the policy's nor the table's own."""
    expected = {table: (WALL, OWN_RULES.get(table, WALL)) for table in answers}
    return {table: answer for table, answer in answers.items() if not answer.startswith(expected[table])}


def test_bound_no_row_can_be_written_into_another_network(walls):
    answers = {}
    for table in walls.granted("INSERT"):
        row = walls.row(table, walls.foreign)
        with walls.web(walls.own) as cursor:
            try:
                with walls.connection.transaction():
                    walls.insert_copy(cursor, table, row)
            except psycopg.Error as error:
                answers[table] = f"{error.sqlstate} {error.diag.message_primary}"
            else:
                answers[table] = "accepted"
    assert unexpected(answers) == {}


@pytest.mark.parametrize("privilege", ["UPDATE", "DELETE"])
def test_bound_no_row_of_another_network_is_changed(walls, privilege):
    for table in walls.granted(privilege):
        where = sql.SQL(" WHERE {} = %s").format(sql.Identifier(network_column(table)))
        with walls.web(walls.own) as cursor:
            cursor.execute(a_statement(walls, privilege, table) + where, [walls.foreign])
            assert cursor.rowcount == 0, table


def test_no_row_is_moved_into_another_network(walls):
    answers = {}
    for table in walls.granted("UPDATE"):
        if walls.updatable(table) != network_column(table):
            continue
        statement = sql.SQL("UPDATE {} SET {} = %s").format(
            sql.Identifier(table), sql.Identifier(network_column(table))
        )
        with walls.web(walls.own) as cursor:
            answers[table] = refusal(walls, cursor, statement, [walls.foreign])
    assert len(answers) >= 5
    assert unexpected(answers) == {}


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


def test_no_key_points_into_another_network(walls):
    """As the migrator, whom no policy binds: each composite key, all else out of its way, refuses a foreign row."""
    keys = walls.connection.execute(KEYS).fetchall()
    assert len(keys) >= 6
    answers = {}
    for key, table, target, columns, targets in keys:
        row, stranger = walls.row(table, walls.own), walls.row(target, walls.foreign)
        with walls.undone() as cursor:
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
            answers[key] = refusal(walls, cursor, statement, [*(value for _, value in pairs), row["ctid"]])
    assert {
        key: answer for key, answer in answers.items() if not (answer.startswith("23503") and key in answer)
    } == {}


def test_without_row_level_security_the_canaries_are_seen(walls):
    """What this file asserts would be noticed: with the policies off, every table shows the foreign rows."""
    with walls.undone() as cursor:
        tables = walls.granted("SELECT")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        cursor.execute("SET LOCAL SESSION AUTHORIZATION caretree_web")
        cursor.execute("SELECT set_config('app.network', %s, true)", [str(walls.own)])
        assert [table for table in tables if not walls.visible_of_others(cursor, table)] == []
