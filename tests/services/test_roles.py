"""The roles' script: what it makes, that it may run again, and that an over-privileged login is refused."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import psycopg
import pytest

from core.tenancy import roles as core_roles
from network.services import roles
from network.services.layout import Layout
from network.services.postgres import programs
from tests.services.conftest import User


class Wrapper:
    """The part of Django's connection that the check uses."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.cursor = connection.cursor


@pytest.fixture
def login(layout: Layout, user: Callable[[], User]) -> Callable[[str], psycopg.Connection]:
    user().hold("postgres")
    return lambda name: psycopg.connect(
        f"host={layout.sockets('postgres')} user={name} dbname=caretree", autocommit=True
    )


def catalogue(connection: psycopg.Connection) -> list[object]:
    questions = [
        "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls"
        " FROM pg_roles WHERE rolname LIKE 'caretree%' ORDER BY 1",
        "SELECT roleid::regrole::text, member::regrole::text, admin_option, inherit_option, set_option"
        " FROM pg_auth_members WHERE member::regrole::text LIKE 'caretree%' ORDER BY 1, 2",
        "SELECT datname, datdba::regrole::text, datacl::text FROM pg_database WHERE datname = 'caretree'",
        "SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = 'public'",
    ]
    return [connection.execute(question).fetchall() for question in questions]


def test_the_names_are_the_kernels() -> None:
    assert (roles.OWNER, roles.MIGRATOR, roles.WEB) == (core_roles.OWNER, core_roles.MIGRATOR, core_roles.WEB)


def test_each_role_has_its_powers_and_no_more(login: Callable[[str], psycopg.Connection]) -> None:
    with login("postgres") as connection:
        attributes, memberships, _, (schema,) = catalogue(connection)
    powers = {name: flags for name, *flags in attributes}
    nobody = [False, True, False, False, False, False, False]
    assert powers == {
        "caretree_lookup": nobody,
        "caretree_migrator": [False, True, False, False, True, False, True],
        "caretree_owner": nobody,
        "caretree_portal": nobody,
        "caretree_poster": nobody,
        "caretree_web": [False, False, False, False, True, False, False],
    }
    assert memberships == [
        ("caretree_lookup", "caretree_migrator", False, True, True),
        ("caretree_owner", "caretree_migrator", False, True, True),
        ("caretree_portal", "caretree_web", False, False, True),
        ("caretree_poster", "caretree_migrator", False, True, True),
    ]
    assert schema[1] == "caretree_owner"
    with login("caretree_web") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine ()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE caretree_owner")
        connection.execute("SET ROLE caretree_portal")


def test_the_script_mends_what_differs_and_else_changes_nothing(
    layout: Layout, login: Callable[[str], psycopg.Connection]
) -> None:
    psql = [
        programs() / "psql",
        "-X",
        "-q",
        "-h",
        layout.sockets("postgres"),
        "-U",
        "postgres",
        "-d",
        "postgres",
    ]
    with login("postgres") as connection:
        before = catalogue(connection)
        connection.execute("ALTER ROLE caretree_web BYPASSRLS INHERIT CREATEROLE")
        connection.execute("GRANT caretree_portal TO caretree_web WITH INHERIT TRUE")
        connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        passwords = ["-v", "web_password=it's", "-v", 'migrator_password=a "b" $c']
        told = subprocess.run(
            [*psql, *passwords], input=roles.roles_sql(), text=True, check=True, capture_output=True
        )
        assert (told.stdout, told.stderr) == ("", "")
        assert catalogue(connection) == before
        with_password = connection.execute(
            "SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_authid WHERE rolpassword LIKE 'SCRAM%'"
        ).fetchone()
    assert with_password == (["caretree_migrator", "caretree_web"],)


def test_a_login_that_sees_every_network_is_refused(login: Callable[[str], psycopg.Connection]) -> None:
    with login("caretree_web") as connection:
        roles.assert_safe_roles(Wrapper(connection))
    with login("postgres") as administrator:
        for change, reason in [
            ("ALTER ROLE caretree_web BYPASSRLS", "has BYPASSRLS"),
            ("CREATE TABLE mine (); ALTER TABLE mine OWNER TO caretree_web", "owns tables"),
            ("GRANT caretree_owner TO caretree_web", "is a member of a role that owns tables"),
        ]:
            administrator.execute("BEGIN")
            administrator.execute(change)
            administrator.execute("SET LOCAL SESSION AUTHORIZATION caretree_web")
            with pytest.raises(roles.UnsafeLogin, match=reason) as refusal:
                roles.assert_safe_roles(Wrapper(administrator))
            assert "CREATE DATABASE" in str(refusal.value)
            administrator.execute("ROLLBACK")
        with pytest.raises(roles.UnsafeLogin, match="postgres, which is a superuser"):
            roles.assert_safe_roles(Wrapper(administrator))
