"""A server that leaks is known by its release, and one with too few locks by how many it keeps."""

from __future__ import annotations

import pytest
from django.db import connection

from network.services import checks
from network.services.checks import check_locks, leaks


@pytest.mark.parametrize(
    ("version", "leaky"),
    [(150013, True), (150014, False), (160009, True), (170005, True), (170006, False), (180000, False)],
)
def test_releases_before_the_repair_leak(version: int, leaky: bool) -> None:
    assert leaks(version) is leaky


def test_all_books_of_a_large_network_are_locked_at_once(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock((3::bigint << 56) + n)) FROM generate_series(1, %s) n",
            [checks.FEWEST_LOCKS],
        )
        assert cursor.fetchone() == (checks.FEWEST_LOCKS,)


def test_a_server_with_too_few_locks_is_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_locks(databases=["default"]) == []
    monkeypatch.setattr(checks, "FEWEST_LOCKS", 10**9)
    (told,) = check_locks(databases=["default"])
    assert (told.id, told.obj) == ("network.W002", "default")
    assert "max_locks_per_transaction" in str(told.hint)
