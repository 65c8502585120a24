"""What the privacy settings change: registering, searching and listing patients, without each of them and with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.urls import reverse

from core.errors import Refused
from patients.actions.details import details_of
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import PossibleDuplicate, edit_patient, register_patient
from patients.models import Patient
from patients.queries.patient import patients_for, search_patients
from patients.rules.settings import (
    DUPLICATE_CHECK,
    IDENTIFIER_REQUIRED,
    LIST_ALL,
    LISTED_BIRTH_DATES,
    PHONE_REQUIRED,
    SHORTEST_SEARCH,
)
from patients.search import find_patients
from tests.cast import SYSTEM, Cast
from tests.patients.conftest import details

PASSPORT = NewIdentifier("passport", "AB 1")
TYPED = {
    "given_name": "Maria Luisa",
    "family_name": "García",
    "birth_date": "1980-03-12",
    "gender": "female",
    "communication_consent": "unknown",
}


def refused(act: Callable[..., object], *args, **request) -> Refused:
    with pytest.raises(Refused) as refusal:
        act(*args, **request)
    return refusal.value


@pytest.fixture
def text(world: Cast, browse):
    """What a persona gets from a page."""

    def do(name: str, query: dict | None = None, *, persona: str = "desk", of: object = None) -> str:
        url = reverse(name, args=[of] if of else [])
        return browse(persona).get(url, query or {}).content.decode()

    return do


class TestDuplicates:
    @pytest.mark.setting("privacy.duplicate_check")
    def test_a_likely_duplicate_is_warned_of_refused_or_ignored(self, world: Cast, register, assign) -> None:
        known, desk, here = register("S"), world.actor("desk"), world["S"]
        warning = refused(register_patient, desk, here, details=details())
        assert "tick “Register anyway”" in warning.message
        register_patient(desk, here, details=details(), confirmed=True)
        assign("P", DUPLICATE_CHECK, "refuse", "enforced")
        for confirmed in (False, True):
            refusal = refused(register_patient, desk, here, details=details(), confirmed=confirmed)
            assert isinstance(refusal, PossibleDuplicate)
            assert known.pk in {one.id for one in refusal.duplicates.shown}
            assert "Register anyway" not in refusal.message
            assert "(privacy.duplicate_check) is refuse, set by test at Harbor Health" in refusal.message
        register_patient(desk, here, details=details("Ana"))
        assign("P", DUPLICATE_CHECK, "off")
        register_patient(desk, here, details=details())
        assert Patient.objects.filter(given_key="maria luisa").count() == 3

    def test_the_form_lets_nobody_confirm_what_is_refused(
        self, world: Cast, register, browse, assign
    ) -> None:
        register("S")
        client, url = browse("desk"), reverse("patient-register")
        data = TYPED | {"organization": world["S"].pk}
        assert "Register anyway: this" in world.post(client, url, data).content.decode()
        assign("P", DUPLICATE_CHECK, "refuse")
        for answer in ({}, {"confirmed": "on"}):
            response = world.post(client, url, data | answer)
            assert response.status_code == 422
            assert "Register anyway" not in response.content.decode()
            assert "Who it may be" in response.content.decode()
        assert Patient.objects.count() == 1


class TestRequired:
    @pytest.mark.setting("privacy.identifier_required")
    def test_a_new_patient_needs_an_identifier(self, world: Cast, register, assign) -> None:
        before = register("S", given_name="Ana")
        assign("P", IDENTIFIER_REQUIRED, True)
        refusal = refused(register_patient, SYSTEM, world["S"], details=details())
        assert (refusal.code, refusal.field) == ("invalid", "national_id")
        assert refusal.message.startswith(
            "At least one identifier is missing. Enter one of those below. The policy"
        )
        maria = register_patient(SYSTEM, world["S"], details=details(), identifiers=[PASSPORT])
        same = details_of(maria)
        refusal = refused(edit_patient, SYSTEM, maria, details=same, identifiers=[], version=maria.version)
        assert refusal.field == "national_id"
        edit_patient(SYSTEM, before, details=details_of(before), identifiers=[], version=before.version)

    @pytest.mark.setting("privacy.phone_required")
    def test_a_new_patient_needs_a_phone_number(self, world: Cast, register, assign) -> None:
        before = register("S", given_name="Ana")
        assign("S", PHONE_REQUIRED, True)
        refusal = refused(register_patient, SYSTEM, world["S"], details=details())
        assert (refusal.code, refusal.field) == ("invalid", "phone")
        assert refusal.message.startswith("The phone number is missing. Enter one. The policy")
        maria = register_patient(SYSTEM, world["S"], details=details(phone="98123 45678"))
        without = replace(details_of(maria), phone=" ")
        assert refused(edit_patient, SYSTEM, maria, details=without, version=maria.version).field == "phone"
        edit_patient(SYSTEM, before, details=details_of(before), version=before.version)
        register_patient(SYSTEM, world["T"], details=details("Eva"))


class TestSearches:
    @pytest.mark.setting("privacy.shortest_search")
    def test_a_search_answers_from_so_many_letters_on(self, world: Cast, register, assign) -> None:
        register("S")

        def found(typed: str) -> int:
            return search_patients(patients_for(SYSTEM), typed).count()

        assert (found("m"), found("ma"), found("mar"), found("m g")) == (1, 1, 1, 1)
        assign("P", SHORTEST_SEARCH, 3)
        assert (found("m"), found("m g"), found("-ma "), found("mar"), found("ma g"), found("")) == (
            0,
            0,
            0,
            1,
            1,
            1,
        )

    def test_the_pages_say_so(self, world: Cast, register, assign, text) -> None:
        register("S")
        at_counter = {"of": world["S"].pk}
        assert 'placeholder="Name, phone or identifier"' in text("patient-list")
        assign("P", SHORTEST_SEARCH, 4)
        for page in (text("patient-list"), text("counter", **at_counter)):
            assert 'placeholder="Name, phone or identifier, from 4 letters on"' in page
        for typed, shown in (("mar", False), ("mari", True)):
            assert ("Maria" in text("counter", {"q": typed}, **at_counter)) is shown
            assert ("Maria" in text("patient-list", {"q": typed})) is shown
            assert bool(find_patients(world.actor("desk"), typed, 5)) is shown


class TestLists:
    @pytest.mark.setting("privacy.list_all")
    def test_a_list_shows_nobody_until_one_searches(self, world: Cast, register, assign, text) -> None:
        register("S")
        lists = [("patient-list", None), ("organization-patients", world["S"].pk)]
        for name, of in lists:
            assert "Maria Luisa García" in text(name, of=of)
        assign("P", LIST_ALL, False)
        for name, of in lists:
            assert "Maria" not in text(name, of=of)
            assert "Search for a patient" in text(name, of=of)
            assert "Maria" not in text(name, {"status": "active"}, of=of)
            assert "Maria Luisa García" in text(name, {"q": "gar"}, of=of)

    @pytest.mark.setting("privacy.listed_birth_dates")
    def test_lists_show_as_much_of_a_birth_date_as_they_may(
        self, world: Cast, register, assign, text
    ) -> None:
        patient = register("S")
        desk = world.actor("desk")

        def shown() -> list[tuple[bool, bool]]:
            pages = [
                text("patient-list"),
                text("organization-patients", of=world["S"].pk),
                text("counter", {"q": "maria"}, of=world["S"].pk),
                text("request-new", {"q": "maria"}),
                find_patients(desk, "maria", 5)[0].detail,
            ]
            return [("12 Mar 1980" in page, "1980" in page) for page in pages]

        assert shown() == [(True, True)] * 5
        assign("P", LISTED_BIRTH_DATES, "year")
        assert shown() == [(False, True)] * 5
        assign("P", LISTED_BIRTH_DATES, "none")
        assert shown() == [(False, False)] * 5
        assert "12 March 1980" in text("patient", of=patient.pk)
