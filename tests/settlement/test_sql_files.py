"""The SQL of settlement goes up, down and up again, and leaves the same behind."""

from __future__ import annotations

from django.core.management import call_command

from tests.ledger.db.test_sql_files import objects


def test_up_down_and_up_again(own_database: str):
    before = objects()
    call_command("migrate", "settlement", "0001", database="migrator", verbosity=0)
    assert not [row for row in objects() if row[0] == "trigger" and "settlement_" in row[1]]
    call_command("migrate", "settlement", database="migrator", verbosity=0)
    assert objects() == before
