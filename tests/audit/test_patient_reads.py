"""Who saw a patient is found by an index, and its rows follow from the log alone."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, connections, transaction

from audit.models import AccessEvent, PatientRead
from audit.queries.history import reads_of_patient
from audit.trail import record_patient_read
from core.tenancy import bound
from tests import databases
from tests.cast import SYSTEM

CHANGES = (
    "UPDATE audit_patientread SET patient_id = 2",
    "DELETE FROM audit_patientread",
    "TRUNCATE audit_patientread",
)
FILL = """
    INSERT INTO audit_accessevent (network_id, actor_kind, actor_label, kind, patient_ids, detail)
    SELECT %(network)s, 'user', 'Nora', 'list', ARRAY[n, n + 1, n + 2], '' FROM generate_series(10, 20000) n
"""


def test_each_patient_of_a_line_once_and_the_newest_lines_first(world):
    record_patient_read(SYSTEM, "open", [1])
    record_patient_read(SYSTEM, "list", [2, 1, 3, 1])
    record_patient_read(SYSTEM, "export", [3])
    record_patient_read(SYSTEM, "list", [])
    assert [line.kind for line in reads_of_patient(1)] == ["list", "open"]
    assert [line.kind for line in reads_of_patient(3)] == ["export", "list"]
    assert not reads_of_patient(4)


@pytest.mark.parametrize("change", CHANGES)
def test_the_product_may_not_change_it(world, change):
    record_patient_read(SYSTEM, "open", [1])
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert PatientRead.objects.count() == 1


FORGED = "INSERT INTO audit_patientread (network_id, patient_id, event_id) VALUES (%s, 1, 9999)"


def test_the_product_forges_no_row(world):
    with (
        pytest.raises(DatabaseError, match="its rows follow from the log"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(FORGED, [world.network.pk])
    assert not PatientRead.objects.exists()


@pytest.fixture(scope="module")
def busy_log(standing_cast, django_db_blocker):
    """A log of twenty thousand lists, with the planner's statistics; rolled back after each test."""
    name, cast = standing_cast
    with django_db_blocker.unblock(), databases.own("log", source=name):
        with transaction.atomic(using="migrator"), connections["migrator"].cursor() as cursor:
            cursor.execute("SELECT set_config('app.network', %s, true)", [str(cast.network.pk)])
            cursor.execute(FILL, {"network": cast.network.pk})
            cursor.execute("ANALYZE audit_patientread, audit_accessevent")
        yield cast


@pytest.mark.parametrize("change", CHANGES)
def test_not_even_its_owner_changes_it(busy_log, change):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(using="migrator"),
        connections["migrator"].cursor() as cursor,
    ):
        cursor.execute(change)


def test_nor_does_its_owner_forge_one(busy_log):
    with (
        pytest.raises(DatabaseError, match="its rows follow from the log"),
        transaction.atomic(using="migrator"),
        connections["migrator"].cursor() as cursor,
    ):
        cursor.execute(FORGED, [busy_log.network.pk])


def test_a_patient_is_found_in_a_long_log_by_the_index(busy_log):
    with bound(busy_log.network.pk):
        assert AccessEvent.objects.count() > 19_000
        assert len(reads_of_patient(500)) == 3
        rows = PatientRead.objects.filter(network_id=busy_log.network.pk, patient_id=500)
        plan = rows.order_by("-event_id")[:50].explain()
    assert "audit_patientread_pk" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan
