"""The database roles' script, and the refusal of a web login that row-level security would not bind."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

from network.services.postgres import ROLES_SQL

# The names that `core.tenancy.roles` knows too; settings need them before any app may be imported.
OWNER = "caretree_owner"
MIGRATOR = "caretree_migrator"
WEB = "caretree_web"

_POWERS = f"""
    SELECT session_user, rolsuper, rolbypassrls,
           EXISTS (SELECT FROM pg_catalog.pg_class WHERE relowner = me.oid AND relkind IN ('r', 'p')),
           EXISTS (SELECT FROM pg_catalog.pg_roles AS mighty
                    WHERE (mighty.rolsuper OR mighty.rolbypassrls OR mighty.rolname = '{OWNER}')
                      AND mighty.oid <> me.oid AND NOT me.rolsuper
                      AND pg_catalog.pg_has_role(me.oid, mighty.oid, 'MEMBER'))
      FROM pg_catalog.pg_roles AS me WHERE me.rolname = session_user
"""  # noqa: S608 - a constant
_NAMES = (
    "is a superuser",
    "has BYPASSRLS",
    "owns tables",
    "is a member of a role that owns tables or sees all rows",
)


class UnsafeLogin(ImproperlyConfigured):
    """The web login could see or change every network's rows."""


def roles_sql() -> str:
    """What an administrator runs once on a server of one's own."""
    return ROLES_SQL.read_text()


def privileges_sql(database: str) -> str:
    """The part of the script that runs inside a database, for one of another name."""
    _, connected, inside = roles_sql().partition('\\connect :"database"\n')
    assert connected
    return inside.replace(':"database"', '"{}"'.format(database.replace('"', '""')))


def assert_safe_roles(connection: BaseDatabaseWrapper) -> None:
    """Refuse a login that row-level security does not bind; the refusal brings the SQL that makes the right ones."""
    with connection.cursor() as cursor:
        cursor.execute(_POWERS)
        user, *powers = cursor.fetchone()
    excess = [name for name, has in zip(_NAMES, powers, strict=True) if has]
    if excess:
        raise UnsafeLogin(
            f"DATABASE_URL logs in as {user}, which {' and '.join(excess)}: the walls between networks would not "
            "hold. Log in as caretree_web, made by an administrator with this script "
            f"(manage.py database_roles prints it again):\n\n{roles_sql()}"
        )
