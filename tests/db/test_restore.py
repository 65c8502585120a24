"""A backup of a filled database comes back whole: triggers, policies, functions, constraints, grants and every row."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from core.tenancy.roles import MIGRATOR
from network.isolation.catalogue import RULES, broken, tenant_tables
from network.isolation.fingerprint import definitions, differences, row_hashes
from network.services import superuser_dsn
from network.services.postgres import programs
from tests import databases


def run(program: str, *arguments: str) -> None:
    """One of the bundled programs, logged in as the migrator."""
    host = connections["migrator"].settings_dict["HOST"]
    command = [str(programs() / program), "--host", host, "--username", MIGRATOR, "--no-password", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower()


@pytest.fixture(scope="module")
def restored(canary_database, tmp_path_factory) -> Iterator[tuple[Any, Any]]:
    """Cursors of the administrator in the source and in a new database restored from its dump."""
    source, cast, _ = canary_database
    target = f"{source}_restored"
    with psycopg.connect(superuser_dsn(source)) as session:  # some of the trail is under seal, the rest waits
        session.execute("SELECT set_config('app.network', %s, false)", [str(cast.network.pk)])
        session.execute("SELECT posting.seal('audit', 5)")
    file = Path(tmp_path_factory.mktemp("dump")) / "caretree.dump"
    run("pg_dump", "--format=custom", "--file", str(file), source)
    with databases.administrator() as administrator:
        administrator.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        administrator.execute(f"CREATE DATABASE {target} OWNER caretree_owner TEMPLATE template0")
        administrator.execute(f"REVOKE ALL ON DATABASE {target} FROM PUBLIC")
        administrator.execute(f"GRANT CONNECT ON DATABASE {target} TO {MIGRATOR}, caretree_web")
        with psycopg.connect(superuser_dsn(target), autocommit=True) as inside:
            inside.execute("ALTER SCHEMA public OWNER TO caretree_owner")
        try:
            run("pg_restore", "--dbname", target, "--exit-on-error", str(file))
            with (
                psycopg.connect(superuser_dsn(source)) as before,
                psycopg.connect(superuser_dsn(target)) as after,
            ):
                yield before.cursor(), after.cursor()
        finally:
            administrator.execute(f"DROP DATABASE {target} WITH (FORCE)")


def test_the_source_is_worth_it(restored):
    before, _ = restored
    rows = row_hashes(before)
    assert all(rows[table][0] for table in tenant_tables(before))
    assert all(definitions(before)[kind] for kind in ("triggers", "policies", "functions", "constraints"))


def test_every_definition_comes_back(restored):
    before, after = restored
    assert differences(definitions(before), definitions(after)) == {}


def test_every_row_comes_back(restored):
    before, after = restored
    assert differences(row_hashes(before), row_hashes(after)) == {}


SEALED = """
    SELECT seal.row_digests = string_agg(now.digest, '' ORDER BY now.row_id)
      FROM audit_seal seal, posting.audit_digests(seal.row_ids) now WHERE seal.network_id = %s AND seal.kind = 'audit'
     GROUP BY seal.id ORDER BY seal.number
"""


def test_seals_hold_and_go_on_in_another_database(restored, canary_database):
    network = canary_database[1].network.pk
    _, after = restored
    after.execute("SAVEPOINT before_sealing")
    counter = after.execute("SELECT last_value, is_called FROM audit_seal_id_seq").fetchone()
    after.execute("SELECT set_config('app.network', %s, true)", [str(network)])
    assert after.execute(SEALED, [network]).fetchall() == [(True,)]
    waiting = "SELECT count(*) FROM audit_unsealed WHERE network_id = %s AND kind = 'audit'"
    (left,) = after.execute(waiting, [network]).fetchone()
    assert left > 0
    assert after.execute("SELECT posting.seal('audit', 100000)").fetchone() == (left,)
    assert after.execute(waiting, [network]).fetchone() == (0,)
    assert after.execute(SEALED, [network]).fetchall() == [(True,), (True,)]
    after.execute("ROLLBACK TO before_sealing")
    after.execute("SELECT setval('audit_seal_id_seq', %s, %s)", counter)  # a counter is not rolled back


@pytest.mark.parametrize("name", RULES)
def test_the_restored_database_keeps_the_rule(restored, name):
    assert broken(restored[1], name) == []


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("DROP TRIGGER append_only ON audit_auditevent", "triggers"),
        ("ALTER TABLE audit_auditevent DISABLE TRIGGER append_only", "triggers"),
        ("DROP POLICY tenant ON orgs_organization", "policies"),
        ("ALTER TABLE orgs_organization NO FORCE ROW LEVEL SECURITY", "tables"),
        (
            "CREATE OR REPLACE FUNCTION app.network_id() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
            "functions",
        ),
        ("ALTER TABLE orgs_membership DROP CONSTRAINT membership_organization_same_network", "constraints"),
        ("GRANT SELECT ON orgs_organization TO caretree_lookup", "tables"),
        ("DROP INDEX organization_children", "indexes"),
    ],
)
def test_damage_is_noticed(restored, damage, kind):
    before, after = restored
    after.execute("SAVEPOINT damage")
    after.execute(damage)
    try:
        assert kind in differences(definitions(before), definitions(after))
    finally:
        after.execute("ROLLBACK TO SAVEPOINT damage")


def test_a_changed_row_is_noticed(restored):
    before, after = restored
    after.execute("SAVEPOINT damage")
    after.execute("UPDATE people_user SET name = name || '.' WHERE id = (SELECT min(id) FROM people_user)")
    try:
        assert list(differences(row_hashes(before), row_hashes(after))) == ["people_user"]
    finally:
        after.execute("ROLLBACK TO SAVEPOINT damage")


def test_a_dump_as_the_web_role_is_refused_rather_than_partial(canary_database, tmp_path):
    """Row-level security makes pg_dump stop: half a backup would look like one."""
    host = connections["migrator"].settings_dict["HOST"]
    command = [
        str(programs() / "pg_dump"),
        "--host",
        host,
        "--username",
        "caretree_web",
        "--file",
        str(tmp_path / "x"),
        canary_database[0],
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
