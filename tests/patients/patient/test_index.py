"""Proof by EXPLAIN, as the web role under row-level security, that searching patients keeps its indexes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from core.tenancy import bound
from patients.models import Patient, SearchWord
from patients.queries.patient import by_name, narrowed, patients_at, patients_for, search_patients
from tests import databases
from tests.cast import SYSTEM, Cast, build_cast

PATIENTS = 12_000
FILL = """
    INSERT INTO patients_patient (network_id, version, given_name, family_name, birth_date, gender, status, phone,
        email, address, city, state, postal_code, country, home_organization_id, given_key, family_key, phone_key,
        created_at)
    SELECT %(network)s, 1, 'Given' || g, 'Family' || g %% 997, DATE '1940-01-01' + g %% 20000, 'other', 'active', '',
        '', '', '', '', '', '', %(home)s, 'given' || g, 'family' || g %% 997, '55' || 10000000 + g, now()
      FROM generate_series(1, %(count)s) g;
    INSERT INTO patients_registration (network_id, patient_id, organization_id, registered_by)
    SELECT network_id, id, home_organization_id, 'test' FROM patients_patient WHERE network_id = %(network)s;
    INSERT INTO patients_registration (network_id, patient_id, organization_id, registered_by)
    SELECT network_id, id, %(branch)s, 'test' FROM patients_patient WHERE network_id = %(network)s AND id %% 100 = 0;
    INSERT INTO patients_searchword (network_id, patient_id, word)
    SELECT network_id, id, word FROM patients_patient, unnest(ARRAY[given_key, family_key, phone_key]) word
     WHERE network_id = %(network)s;
"""


@pytest.fixture(scope="module")
def crowd(django_db_blocker) -> Iterator[Cast]:
    """Many patients in a database of their own, with statistics; a hundredth of them at North Clinic."""
    with django_db_blocker.unblock(), databases.own("crowd"):
        cast = build_cast()
        values = {
            "network": cast.network.pk,
            "home": cast.organizations["T"].pk,
            "branch": cast.organizations["S"].pk,
            "count": PATIENTS,
        }
        with transaction.atomic("migrator"), connections["migrator"].cursor() as cursor:
            for statement in FILL.split(";"):
                if statement.strip():
                    cursor.execute(statement, values)
        with connections["migrator"].cursor() as cursor:
            cursor.execute("ANALYZE")
        yield cast


@pytest.fixture
def plan(crowd: Cast, django_db_blocker):
    def explain(rows: QuerySet) -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            assert cursor.fetchone() == ("caretree_web", False)
        return str(rows.explain())

    with django_db_blocker.unblock(), bound(crowd.network.pk):
        yield explain


def test_a_name_is_found_by_a_range_of_the_index(plan) -> None:
    shown = plan(search_patients(patients_for(SYSTEM), "given77 family"))
    assert "search_word_" in shown
    assert "(word)::text >= 'given77'" in shown
    assert "Seq Scan on patients_searchword" not in shown


def test_a_phone_number_is_found_by_the_index(plan) -> None:
    shown = plan(search_patients(patients_for(SYSTEM), "55 1000 7000"))
    assert "search_word_prefix" in shown
    assert "Seq Scan" not in shown


def test_within_one_organization_no_table_is_read_as_a_whole(plan, crowd: Cast) -> None:
    shown = plan(search_patients(patients_for(crowd.actor("desk")), "given77"))
    assert "Seq Scan" not in shown


def test_the_list_of_one_organization_starts_at_its_registrations(plan, crowd: Cast) -> None:
    shown = plan(patients_at(crowd.organizations["S"].pk, patients_for(SYSTEM))[:201])
    assert "registration_" in shown
    assert "Seq Scan on patients_registration" not in shown


def test_the_first_page_of_everybody_follows_the_order_of_names(plan) -> None:
    shown = plan(by_name(patients_for(SYSTEM))[:25])
    assert "patient_name" in shown
    assert "Sort" not in shown


def test_a_birth_date_is_found_by_the_index(plan) -> None:
    assert "patient_birth_date" in plan(search_patients(patients_for(SYSTEM), "1975-12-01"))


def test_those_not_active_have_an_index_of_their_own(plan) -> None:
    assert "patient_not_active" in plan(by_name(patients_for(SYSTEM).filter(status="deceased"))[:25])


def test_what_is_found_too_often_is_cut_before_it_is_sorted(plan) -> None:
    everybody = search_patients(patients_for(SYSTEM), "family")
    assert narrowed(everybody).count() == 201
    shown = plan(by_name(narrowed(everybody))[:25])
    assert "patients_patient_pkey" in shown or "network_key" in shown


def test_like_would_lose_the_index(plan) -> None:
    """Why words are compared by range: the reason goes when LIKE becomes leakproof."""
    shown = plan(SearchWord.objects.filter(word__startswith="given77"))
    assert not [line for line in shown.splitlines() if "Index Cond" in line and "~~" in line]


def test_the_web_role_never_sees_another_networks_crowd(crowd: Cast, django_db_blocker) -> None:
    with django_db_blocker.unblock(), bound(crowd.foreign[0].pk):
        assert not search_patients(patients_for(SYSTEM), "given77").exists()
        assert not Patient.objects.exists()
        assert not SearchWord.objects.exists()
