"""After every migration: the owner role owns everything, and the tables outside tenancy get their grants."""

from __future__ import annotations

from typing import Any

from django.db import connections

from core.tenancy.outside import TABLES
from core.tenancy.roles import MIGRATOR, OWNER, PORTAL, WEB


def settle_ownership(using: str, **kwargs: Any) -> None:
    """Hand what the migrator made to the owner (schemas first: an owner must be able to create in them), and apply the closed list of grants. Idempotent."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone() != (MIGRATOR,):
            return
        for kind, name in _made_by_migrator(cursor):
            cursor.execute(f"ALTER {kind} {name} OWNER TO {OWNER}")
        existing = set(connection.introspection.table_names(cursor))
        for table, rule in TABLES.items():
            if table not in existing:
                continue
            cursor.execute(f'REVOKE ALL ON "{table}" FROM {WEB}, {PORTAL}')
            if rule.web:
                cursor.execute(f'GRANT {rule.web} ON "{table}" TO {WEB}')
            if rule.portal:
                cursor.execute(f'GRANT {rule.portal} ON "{table}" TO {PORTAL}')


def _made_by_migrator(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(
        """
        SELECT 'SCHEMA', quote_ident(nspname) FROM pg_namespace WHERE nspowner = 'caretree_migrator'::regrole
        UNION ALL
        SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
               format('%I.%I', n.nspname, c.relname)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relowner = 'caretree_migrator'::regrole AND c.relkind IN ('r', 'p', 'v', 'S')
           AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
                              AND c.relkind = 'S')
        UNION ALL
        SELECT 'FUNCTION', p.oid::regprocedure::text FROM pg_proc p
         WHERE p.proowner = 'caretree_migrator'::regrole
        """
    )
    return [(str(kind), str(name)) for kind, name in cursor.fetchall()]
