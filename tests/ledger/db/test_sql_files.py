"""The ledger's SQL goes up, down and up again, and leaves the same behind."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connections

OBJECTS = """
    SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proowner::regrole::text, p.proacl::text
      FROM pg_proc p WHERE p.pronamespace IN ('posting'::regnamespace, 'app'::regnamespace)
    UNION ALL
    SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid), '', '' FROM pg_trigger
     WHERE NOT tgisinternal
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
     WHERE conrelid::regclass::text LIKE 'ledger%'
    UNION ALL
    SELECT 'column', attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), '', '' FROM pg_attribute
     WHERE attrelid::regclass::text LIKE 'ledger%' AND attnum > 0 AND NOT attisdropped
    ORDER BY 1, 2
"""

#: What the audit trail, on which the ledger stands, has there too.
OF_AUDIT = (
    "posting.seal(",
    "posting.wait_for_seal(",
    "posting.audit_digests(",
    "posting.reads_digests(",
)


def objects() -> list[tuple]:
    with connections["migrator"].cursor() as cursor:
        cursor.execute(OBJECTS)
        return cursor.fetchall()


def test_up_down_and_up_again(own_database: str):
    before = objects()
    call_command("migrate", "ledger", "0001", database="migrator", verbosity=0)
    bare = objects()
    posting = [row for row in bare if row[1].startswith("posting.")]
    assert not [row for row in posting if not row[1].startswith(OF_AUDIT)]
    assert not [row for row in bare if row[0] == "trigger" and "ledger_" in row[1]]
    call_command("migrate", database="migrator", verbosity=0)  # what stands on the ledger went down with it
    assert objects() == before
