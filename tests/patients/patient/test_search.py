"""Finding patients: words in any order, phone, whole identifier, birth date."""

from __future__ import annotations

from datetime import date

import pytest

from patients.actions.identifier import NewIdentifier
from patients.queries.patient import patient_by_identifier, patients_for, search_patients, summaries_of
from tests.cast import SYSTEM, Cast


@pytest.fixture
def people(register) -> None:
    register(
        "S",
        given_name="Maria Luisa",
        family_name="García López",
        phone="+91 98123 45678",
        identifiers=[NewIdentifier("national_id", "1234 5678 9012")],
    )
    register(
        "S",
        given_name="Seán",
        family_name="O'Brien-Müller",
        birth_date=date(1975, 12, 1),
        phone="0351 887766",
    )
    register(
        "T",
        given_name="अनिता",
        family_name="शर्मा",
        birth_date=date(2001, 2, 3),
        identifiers=[NewIdentifier("mrn", "T-0042")],
    )


def names(typed: str) -> list[str]:
    return sorted(one.given_name for one in search_patients(patients_for(SYSTEM), typed))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("maria", "Maria Luisa"),
        ("lop mar", "Maria Luisa"),
        ("LUISA garcia", "Maria Luisa"),
        ("garcía, maria", "Maria Luisa"),
        ("sean obr", "Seán"),
        ("o’brien", "Seán"),
        ("muller", "Seán"),
        ("अनि", "अनिता"),
        ("शर्मा अनिता", "अनिता"),
        ("+91 98123", "Maria Luisa"),
        ("98123-45678", "Maria Luisa"),
        ("0098123 45678", "Maria Luisa"),
        ("+919812345678", "Maria Luisa"),
        ("+1 98123 45678", "Maria Luisa"),
        ("maria 98123", "Maria Luisa"),
        ("351887766", "Seán"),
        ("1234 5678 9012", "Maria Luisa"),
        ("1234-5678-9012", "Maria Luisa"),
        ("t 0042", "अनिता"),
        ("T0042", "अनिता"),
        ("1975-12-01", "Seán"),
        ("1.12.1975", "Seán"),
        ("obrien 1975-12-01", "Seán"),
    ],
)
def test_found(world: Cast, people: None, typed: str, found: str) -> None:
    assert names(typed) == [found]


@pytest.mark.parametrize(
    "typed",
    [
        "aria",
        "maria brien",
        "1234 5678",
        "T004",
        "45678",
        "maria 1975-12-01",
        "!!!",
        "#",
        "1975-13-01",
        "%",
        "9" * 100,
        "x" * 100,
        "'; DROP TABLE",
        "\u0000",
    ],
)
def test_not_found(world: Cast, people: None, typed: str) -> None:
    assert names(typed) == []


def test_nothing_typed_finds_everybody(world: Cast, people: None) -> None:
    assert len(names("  ")) == 3


def test_search_stays_within_what_one_may_see(world: Cast, people: None) -> None:
    assert not search_patients(patients_for(world.actor("sibling")), "maria").exists()
    assert not search_patients(patients_for(world.actor("sibling")), "1234 5678 9012").exists()
    assert search_patients(patients_for(world.actor("desk")), "maria").exists()


class TestTheCounter:
    """The exact look-up of another organization."""

    def test_identifier_and_birth_date_give_the_id_alone(self, world: Cast, people: None) -> None:
        found = patient_by_identifier("123456789012", date(1980, 3, 12))
        assert found is not None
        assert summaries_of([found])[found].name == "Maria Luisa García López"

    @pytest.mark.parametrize(
        ("identifier", "born"),
        [
            ("123456789012", date(1980, 3, 13)),
            ("12345678901", date(1980, 3, 12)),
            ("", date(1980, 3, 12)),
            ("-", date(1980, 3, 12)),
            ("x" * 1000, date(1980, 3, 12)),
            ("98123 45678", date(1980, 3, 12)),
        ],
    )
    def test_anything_less_gives_nobody(self, world: Cast, people: None, identifier: str, born: date) -> None:
        assert patient_by_identifier(identifier, born) is None

    def test_two_people_under_one_number_and_birth_date_are_nobody(self, world: Cast, register) -> None:
        for code in ("S", "T"):
            register(code, identifiers=[NewIdentifier("mrn", "1001")])
        assert patient_by_identifier("1001", date(1980, 3, 12)) is None
