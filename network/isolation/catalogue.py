"""Rules over the database's own catalogue: each function returns what breaks one rule, as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.apps import apps

from core.tenancy import outside
from core.tenancy.lookups import LOOKUPS
from core.tenancy.models import Tenancy, TenantPolicy
from core.tenancy.roles import LOOKUP, MIGRATOR, OWNER, PORTAL, POSTER, WEB

Rule = Callable[[Any], Iterator[str]]
RULES: dict[str, Rule] = {}

SERVING = (WEB, PORTAL, POSTER, LOOKUP)
INSIDE = "(network_id = ( SELECT app.network_id() AS network_id))"
OWN_ROW = INSIDE.replace("network_id =", "id =")

#: Unique keys of tenant tables that may begin with something else than the network.
GLOBAL_KEYS = {
    "orgs_invitation_token_sha256_key": "256 random bits: the link is all that its holder has before a network is bound",
    "vendors_portallink_secret_sha256_key": "256 random bits: the link is all that its holder has before a network is bound",
    "vendors_portalsession_token_sha256_key": "256 random bits: the cookie is all that a request brings before a network is bound",
    "hostname_one_network": "a host name says which network a request is for, so it can be confirmed for one only",
    "network_code_in_enterprise": "the networks of one enterprise are named apart above any network",
}
#: Primary keys over ids that one sequence gives out for all networks, in tables where the web role inserts nothing:
#: nobody can try which of them are taken, and every posting is spared eight bytes a line and a second index.
POSTED_KEYS = re.compile(
    r"^ledger_(balance|balancedelta|breakagemovement|entitlementmovement|journalline|standing)_pkey$"
)
#: Portal policies that do not narrow to the vendor or the contact.
WIDE_PORTAL_POLICIES = {
    "core_network": "one row: the name of the network that sent the link",
    "audit_auditevent": "INSERT only, and only as a contact",
}
#: What the portal never touches: users, sign-in, staff sessions, who belongs where, money.
FORBIDDEN_TO_PORTAL = re.compile(
    r"^(people|account|mfa|auth|axes|guardian|django|ledger)_|^orgs_(membership|invitation|grant)$"
)
SEQUENCES_OF_WEB = {"core_network_id_seq": "a network's id is taken before its row is written"}
SCHEMAS = {
    "public": dict.fromkeys(SERVING, "USAGE"),
    "app": dict.fromkeys(SERVING, "USAGE"),
    "lookup": {WEB: "USAGE"},
    "posting": {WEB: "USAGE"},
}


def rule(check: Rule) -> Rule:
    RULES[check.__name__] = check
    return check


def rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    """The answer, with `OURS` standing for the schemas that are not PostgreSQL's."""
    ours = "SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    cursor.execute(sql.replace("OURS", f"({ours})"))
    return cursor.fetchall()  # type: ignore[no-any-return]


def tenant_tables(cursor: Any) -> list[str]:
    """Every table under row-level security."""
    found = rows(
        cursor,
        "SELECT relname FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('r', 'p') AND relrowsecurity",
    )
    return sorted(name for (name,) in found)


@cache
def declared() -> dict[str, Tenancy]:
    """What the models say of their tables, by table."""
    policies = (
        (model._meta.db_table, constraint)
        for model in apps.get_models(include_auto_created=True)
        for constraint in model._meta.constraints
    )
    return {table: Tenancy(**one.tenancy) for table, one in policies if isinstance(one, TenantPolicy)}


def walled_tables(cursor: Any) -> list[str]:
    """Every table of tenants: under row-level security, or declared so by its model, though somebody switched it off."""
    return sorted({*tenant_tables(cursor), *declared()})


@rule
def every_table_has_a_side(cursor: Any) -> Iterator[str]:
    found = rows(
        cursor,
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('r', 'p')",
    )
    for table, enabled, forced in found:
        if table in outside.TABLES:
            if enabled:
                yield f"{table} is listed as outside tenancy and is under row-level security"
        elif not enabled or not forced:
            yield f"{table} is neither under forced row-level security nor listed as outside tenancy"


@rule
def the_list_of_tables_outside_is_current(cursor: Any) -> Iterator[str]:
    there = {
        name
        for (name,) in rows(
            cursor, "SELECT relname FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('r', 'p')"
        )
    }
    for table, entry in outside.TABLES.items():
        if table not in there:
            yield f"{table} is listed as outside tenancy and does not exist"
        if len(entry.reason) < 10:
            yield f"{table} is listed as outside tenancy without a reason"


@rule
def policies_name_their_roles(cursor: Any) -> Iterator[str]:
    covered = set()
    for table, policy, roles in rows(cursor, "SELECT tablename, policyname, roles::text[] FROM pg_policies"):
        covered.add(table)
        if "public" in roles:
            yield f"policy {policy} of {table} applies to everybody"
        elif extra := set(roles) - {OWNER, POSTER, WEB} and set(roles) not in ({PORTAL}, {LOOKUP}):
            yield f"policy {policy} of {table} mixes roles: {extra}"
    for table in tenant_tables(cursor):
        if table not in covered:
            yield f"{table} is under row-level security and has no policy"


@rule
def policies_test_the_network(cursor: Any) -> Iterator[str]:
    sql = "SELECT tablename, policyname, roles::text[], permissive, cmd, qual, with_check FROM pg_policies"
    for table, policy, roles, permissive, cmd, using, check in rows(cursor, sql):
        where = f"policy {policy} of {table}"
        if roles == [LOOKUP]:
            if cmd != "SELECT":
                yield f"{where} lets look-ups do more than read"
            continue
        inside = OWN_ROW if table == "core_network" else INSIDE
        if cmd != "ALL" or permissive != "PERMISSIVE":
            yield f"{where} is for {cmd} and {permissive}"
        for name, condition in (("USING", using), ("WITH CHECK", check)):
            if condition is None:
                yield f"{where} has no {name}"
            elif condition != inside and not _is_conjunct(condition, inside):
                yield f"{where} does not test the network in {name}: {condition}"
        if (
            roles == [PORTAL]
            and table not in WIDE_PORTAL_POLICIES
            and not re.search(r"app\.(vendor|contact)_id\(\)", str(using))
        ):
            yield f"{where} is not narrowed to the vendor or the contact: {using}"


def _is_conjunct(condition: str, inside: str) -> bool:
    """Is it `(inside AND (...))`, with nothing behind the closing parenthesis that could widen it?"""
    start = f"({inside} AND "
    if not condition.startswith(start):
        return False
    depth = 0
    for position, char in enumerate(condition):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0:
            return position == len(condition) - 1
        if depth == 1 and re.match(r"\bOR\b", condition[position:]):
            return False
    return False


@rule
def foreign_keys_are_composite(cursor: Any) -> Iterator[str]:
    tenants = set(tenant_tables(cursor))
    sql = """
        SELECT k.conname, s.relname, t.relname, k.convalidated,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
                       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY i),
               ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, i)
                       JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY i)
          FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
         WHERE k.contype = 'f' AND s.relnamespace IN OURS"""
    for name, source, target, validated, columns, targets in rows(cursor, sql):
        where = f"foreign key {name} of {source} to {target}"
        if not validated:
            yield f"{where} is not validated"
        if target not in tenants:
            continue
        if source not in tenants:
            yield f"{where} leads from outside tenancy into it"
        elif (source, columns, target) == (source, ["network_id"], "core_network"):
            continue
        elif len(columns) < 2 or columns[0] != "network_id" or targets[0] != "network_id":
            yield f"{where} can cross networks: ({', '.join(columns)}) -> ({', '.join(targets)})"


@rule
def tenant_keys_are_keys(cursor: Any) -> Iterator[str]:
    """A TenantKey without its constraint would be a bare number."""
    there = {name for (name,) in rows(cursor, "SELECT conname FROM pg_constraint WHERE contype = 'f'")}
    from core.tenancy import TenantKey

    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            wanted = f"{model._meta.model_name}_{field.name}_same_network"
            if isinstance(field, TenantKey) and wanted not in there:
                yield f"{model._meta.db_table}.{field.column} has no foreign key {wanted}"


@rule
def unique_keys_start_with_the_network(cursor: Any) -> Iterator[str]:
    tenants = set(tenant_tables(cursor))
    sql = """
        SELECT t.relname, c.relname, i.indisprimary,
               ARRAY(SELECT COALESCE(a.attname::text, 'an expression') FROM unnest(i.indkey::int[]) WITH ORDINALITY u (n, o)
                  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.n AND u.n > 0 ORDER BY o)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
         WHERE i.indisunique AND t.relnamespace IN OURS"""
    for table, index, primary, columns in rows(cursor, sql):
        if primary and POSTED_KEYS.match(index) and not _web_inserts(cursor, table):
            continue
        if table not in tenants or index in GLOBAL_KEYS or (primary and columns == ["id"]):
            continue
        if columns[0] != "network_id":
            yield f"unique key {index} of {table} starts with {columns[0]}"


def _web_inserts(cursor: Any, table: str) -> bool:
    return bool(rows(cursor, f"SELECT has_any_column_privilege('{WEB}', '{table}', 'INSERT, UPDATE')")[0][0])


@rule
def views_run_as_their_reader(cursor: Any) -> Iterator[str]:
    found = rows(
        cursor,
        "SELECT relname, relkind::text, reloptions::text[] FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('v', 'm', 'f')",
    )
    for name, kind, options in found:
        if kind != "v":
            yield f"{name} is a materialized view or a foreign table"
        elif "security_invoker=true" not in (options or []):
            yield f"view {name} runs as its owner"


def _functions(cursor: Any) -> list[tuple[Any, ...]]:
    return rows(
        cursor,
        """SELECT n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
                  p.oid::regprocedure::text, r.rolname, p.prosecdef, COALESCE(p.proconfig, '{}'),
                  pg_get_function_result(p.oid), EXISTS (SELECT FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0),
                  ARRAY(SELECT g.rolname::text FROM aclexplode(p.proacl) a JOIN pg_roles g ON g.oid = a.grantee WHERE g.oid <> p.proowner ORDER BY 1)
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
            WHERE n.oid IN OURS AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    )


@rule
def functions_have_a_fixed_search_path(cursor: Any) -> Iterator[str]:
    for schema, name, _, _, _, config, _, _, _ in _functions(cursor):
        path = next(
            (item.removeprefix("search_path=") for item in config if item.startswith("search_path=")), None
        )
        if path not in ("pg_catalog", "pg_catalog, pg_temp", '""'):
            yield f"function {schema}.{name} has the search_path {path}"


@rule
def definers_stay_in_their_rooms(cursor: Any) -> Iterator[str]:
    owners = {"lookup": LOOKUP, "posting": POSTER}
    for schema, name, _, owner, definer, _, _, public, granted in _functions(cursor):
        if schema in owners:
            if owner != owners[schema]:
                yield f"function {schema}.{name} belongs to {owner}"
            if public:
                yield f"function {schema}.{name} can be called by everybody"
            if extra := set(granted) - {WEB, OWNER, *owners.values()}:
                yield f"function {schema}.{name} can be called by {', '.join(sorted(extra))}"
        elif definer:
            yield f"function {schema}.{name} runs as its owner outside lookup and posting"


@rule
def lookups_are_the_closed_list(cursor: Any) -> Iterator[str]:
    there = set()
    for schema, _, signature, _, _, _, result, _, _ in _functions(cursor):
        if schema != "lookup":
            continue
        there.add(signature.removeprefix("lookup."))
        if result not in ("bigint", "SETOF bigint"):
            yield f"{signature} returns {result}, not ids"
    for name in sorted(there - LOOKUPS.keys()):
        yield f"lookup.{name} is not in core/tenancy/lookups.py"
    for name in sorted(LOOKUPS.keys() - there):
        yield f"{name} is in core/tenancy/lookups.py and does not exist"


@rule
def the_owner_owns_everything(cursor: Any) -> Iterator[str]:
    sql = """
        SELECT 'relation', n.nspname || '.' || c.relname, n.nspname, r.rolname FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner WHERE n.oid IN OURS
        UNION ALL SELECT 'schema', nspname, nspname, rolname FROM pg_namespace JOIN pg_roles r ON r.oid = nspowner WHERE pg_namespace.oid IN OURS
        UNION ALL SELECT 'type', n.nspname || '.' || typname, n.nspname, rolname FROM pg_type
          JOIN pg_namespace n ON n.oid = typnamespace JOIN pg_roles r ON r.oid = typowner WHERE n.oid IN OURS
        UNION ALL SELECT 'function', n.nspname || '.' || proname, n.nspname, rolname FROM pg_proc
          JOIN pg_namespace n ON n.oid = pronamespace JOIN pg_roles r ON r.oid = proowner WHERE n.oid IN OURS"""
    for kind, name, schema, owner in rows(cursor, sql):
        wanted = (
            {"lookup": LOOKUP, "posting": POSTER}.get(schema, OWNER)
            if kind in ("function", "schema")
            else OWNER
        )
        if owner != wanted:
            yield f"{kind} {name} belongs to {owner}, not to {wanted}"
    for (name,) in rows(cursor, "SELECT nspname FROM pg_namespace WHERE oid IN OURS"):
        if name not in SCHEMAS:
            yield f"schema {name} is not one of {', '.join(SCHEMAS)}"


def _privileges(declared: str) -> list[tuple[str, list[str]]]:
    """'SELECT, UPDATE (a, b)' as [('SELECT', []), ('UPDATE', ['a', 'b'])]."""
    found = re.findall(r"([A-Z]+)(?:\s*\(([^)]*)\))?", declared)
    return [(privilege, columns.replace(",", " ").split()) for privilege, columns in found]


@rule
def grants_are_what_is_declared(cursor: Any) -> Iterator[str]:
    granted: dict[tuple[str, str], set[str]] = {}
    sql = """
        SELECT c.relname, COALESCE(r.rolname, 'PUBLIC'), a.privilege_type, a.is_grantable
          FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE c.relnamespace IN OURS AND c.relkind IN ('r', 'p', 'v') AND a.grantee <> c.relowner"""
    for table, role, privilege, grantable in rows(cursor, sql):
        granted.setdefault((table, role), set()).add(privilege)
        if grantable:
            yield f"{role} may hand on {privilege} on {table}"
    wanted: dict[tuple[str, str], set[str]] = {}
    for table, tenancy in declared().items():
        for role, privileges in ((WEB, tenancy.web), (PORTAL, tenancy.portal), (POSTER, tenancy.poster)):
            wanted[table, role] = {privilege for privilege, columns in _privileges(privileges) if not columns}
    for table, entry in outside.TABLES.items():
        wanted[table, WEB] = set(entry.web.replace(",", " ").split())
        wanted[table, PORTAL] = set(entry.portal.replace(",", " ").split())
    for key in sorted(
        {key for key in granted.keys() | wanted.keys() if granted.get(key, set()) != wanted.get(key, set())}
    ):
        table, role = key
        yield f"{role} holds {sorted(granted.get(key, ()))} on {table}; declared is {sorted(wanted.get(key, ()))}"


@rule
def column_grants_are_those_of_lookups_and_models(cursor: Any) -> Iterator[str]:
    sql = """
        SELECT c.relname, t.attname, COALESCE(r.rolname, 'PUBLIC'), a.privilege_type
          FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE c.relnamespace IN OURS AND a.grantee <> c.relowner"""
    granted = {tuple(row) for row in rows(cursor, sql)}
    wanted = {
        (table, column, LOOKUP, "SELECT")
        for entry in LOOKUPS.values()
        for table, columns in entry.reads.items()
        for column in columns.split()
    } | {
        (table, column, role, privilege)
        for table, tenancy in declared().items()
        for role, privileges in ((WEB, tenancy.web), (PORTAL, tenancy.portal), (POSTER, tenancy.poster))
        for privilege, columns in _privileges(privileges)
        for column in columns
    }
    for table, column, role, privilege in sorted(granted - wanted):
        yield f"{role} holds {privilege} on {table}.{column}, which no look-up and no model declares"
    for table, column, role, privilege in sorted(wanted - granted):
        yield f"{role} is declared to hold {privilege} on {table}.{column}, which is not granted"


@rule
def sequences_and_schemas_are_closed(cursor: Any) -> Iterator[str]:
    sequences = """
        SELECT c.relname, COALESCE(r.rolname, 'PUBLIC'), a.privilege_type
          FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE c.relnamespace IN OURS AND c.relkind = 'S' AND a.grantee <> c.relowner"""
    for name, role, privilege in rows(cursor, sequences):
        if (role, privilege) != (WEB, "USAGE") or name not in SEQUENCES_OF_WEB:
            yield f"{role} holds {privilege} on the sequence {name}"
    granted: dict[tuple[str, str], set[str]] = {}
    schemas = """
        SELECT n.nspname, COALESCE(r.rolname, 'PUBLIC'), a.privilege_type
          FROM pg_namespace n, aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE n.oid IN OURS AND a.grantee <> n.nspowner"""
    for name, role, privilege in rows(cursor, schemas):
        granted.setdefault((name, role), set()).add(privilege)
    wanted = {
        (name, role): set(what.split()) for name, roles in SCHEMAS.items() for role, what in roles.items()
    }
    for name, role in sorted(
        {key for key in granted.keys() | wanted.keys() if granted.get(key) != wanted.get(key)}
    ):
        yield f"{role} holds {sorted(granted.get((name, role), ()))} on the schema {name}"
    for (acl,) in rows(cursor, "SELECT defaclacl::text FROM pg_default_acl"):
        yield f"default privileges are set: {acl}"


@rule
def roles_are_weak(cursor: Any) -> Iterator[str]:
    sql = "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcanlogin, rolinherit FROM pg_roles WHERE rolname LIKE 'caretree\\_%'"
    found = {name: powers for name, *powers in rows(cursor, sql)}
    for name in (*SERVING, OWNER, MIGRATOR):
        if name not in found:
            yield f"the role {name} is missing"
    for name, (superuser, bypass, createrole, replication, login, inherit) in found.items():
        if superuser or createrole or replication or (bypass and name != MIGRATOR):
            yield f"{name} is a superuser, sees every row, makes roles or replicates"
        if login != (name in (WEB, MIGRATOR)):
            yield f"{name} {'can' if login else 'cannot'} log in"
        if name == WEB and inherit:
            yield f"{name} inherits, so that the portal's policies would apply to it"
    members = """
        SELECT m.rolname, g.rolname, a.inherit_option, a.admin_option FROM pg_auth_members a
          JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname LIKE 'caretree\\_%'"""
    allowed = {(WEB, PORTAL), (MIGRATOR, OWNER), (MIGRATOR, POSTER), (MIGRATOR, LOOKUP)}
    for member, group, inherits, administers in rows(cursor, members):
        if (member, group) not in allowed or administers or (member == WEB and inherits):
            yield f"{member} is a member of {group}"


@rule
def the_portal_stays_out(cursor: Any) -> Iterator[str]:
    sql = f"""
        SELECT relname FROM pg_class WHERE relnamespace IN OURS AND relkind IN ('r', 'p', 'v')
           AND (has_any_column_privilege('{PORTAL}', oid, 'SELECT, INSERT, UPDATE, REFERENCES') OR has_table_privilege('{PORTAL}', oid, 'DELETE, TRUNCATE, TRIGGER'))"""
    for (table,) in rows(cursor, sql):
        if FORBIDDEN_TO_PORTAL.search(table):
            yield f"the portal reaches {table}"


@rule
def nothing_is_switched_off(cursor: Any) -> Iterator[str]:
    sql = "SELECT tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace IN OURS AND tgenabled <> 'O'"
    for trigger, table in rows(cursor, sql):
        yield f"trigger {trigger} of {table} is off"
    for name, table in rows(
        cursor,
        "SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE connamespace IN OURS AND NOT convalidated",
    ):
        yield f"constraint {name} of {table} is not validated"
    for name, table in rows(
        cursor,
        "SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace IN OURS AND NOT indisvalid",
    ):
        yield f"index {name} of {table} is not valid"


def broken(cursor: Any, name: str) -> list[str]:
    """What breaks one rule."""
    return list(RULES[name](cursor))
