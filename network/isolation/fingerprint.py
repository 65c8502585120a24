"""What a database is: everything that its catalogue defines, and a hash of every table's rows."""

from __future__ import annotations

import re
from typing import Any

from psycopg import sql

from network.isolation.catalogue import rows

#: `= ANY ((ARRAY['a'::character varying])::text[])` or, from a dump, `= ANY (ARRAY[('a'::character varying)::text])`.
LISTED = re.compile(r"ANY \((?:\(ARRAY\[(.*?)\]\)::text\[\]|ARRAY\[(.*?)\])\)", re.DOTALL)
CAST = re.compile(r"\(?('[^']*')::character varying\)?(?:::text)?")

DEFINITIONS = {
    "tables": """
        SELECT relname, relkind::text, relowner::regrole::text, relrowsecurity, relforcerowsecurity,
               COALESCE(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))::text[], reloptions::text[]
          FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('r', 'p', 'v', 'S')""",
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text, a.attgenerated::text,
               a.attacl::text[], pg_get_expr(d.adbin, d.adrelid)
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE c.relnamespace IN OURS AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferred, convalidated FROM pg_constraint WHERE connamespace IN OURS",
    "indexes": "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace IN OURS",
    "triggers": "SELECT c.relname, tgname, pg_get_triggerdef(t.oid), tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace IN OURS AND NOT tgisinternal",
    "policies": "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies",
    "functions": "SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), proowner::regrole::text, COALESCE(proacl, acldefault('f', proowner))::text[] FROM pg_proc p WHERE pronamespace IN OURS AND prokind = 'f'",
    "views": "SELECT c.relname, pg_get_viewdef(c.oid) FROM pg_class c WHERE relnamespace IN OURS AND relkind = 'v'",
    "schemas": "SELECT nspname, nspowner::regrole::text, nspacl::text[] FROM pg_namespace WHERE oid IN OURS",
    "rewriting rules": "SELECT schemaname, tablename, rulename, definition FROM pg_rules WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "event triggers": "SELECT evtname, evtevent, evtenabled::text, evtfoid::regproc::text FROM pg_event_trigger",
    "settings": "SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
    "statistics": "SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxnamespace IN OURS",
}


def _plain(value: Any) -> Any:
    """The order of what a grant lists means nothing, nor how a list of words is cast: a dump writes it otherwise."""
    if isinstance(value, list):
        return sorted(map(str, value))
    if isinstance(value, str):
        return LISTED.sub(lambda match: "ANY [" + CAST.sub(r"\1", match[1] or match[2]) + "]", value)
    return value


def definitions(cursor: Any) -> dict[str, set[str]]:
    """Everything defined, by kind."""
    return {
        kind: {str([_plain(part) for part in row]) for row in rows(cursor, query)}
        for kind, query in DEFINITIONS.items()
    }


def row_hashes(cursor: Any) -> dict[str, tuple[int, str]]:
    """(number of rows, hash over them all) of every table, and where every sequence stands."""
    found: dict[str, tuple[int, str]] = {}
    for table, kind in rows(
        cursor,
        "SELECT relname, relkind::text FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('r', 'p', 'S')",
    ):
        query = (
            "SELECT 1, last_value::text || is_called FROM {}"
            if kind == "S"
            else "SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {} t"
        )
        found[table] = cursor.execute(sql.SQL(query).format(sql.Identifier(table))).fetchone()
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What is in one and not in the other, by key."""
    return {
        key: (one.get(key, set()) ^ other.get(key, set()))
        if isinstance(one.get(key), set)
        else (one.get(key), other.get(key))
        for key in one.keys() | other.keys()
        if one.get(key) != other.get(key)
    }
