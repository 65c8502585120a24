"""The pages of patients: who may open them, what they keep, what they log."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessEvent, AuditEvent
from core.tenancy import bound
from orgs.actions.organization import suspend_organization
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient
from patients.actions.registration import register_at
from patients.models import Patient
from tests.cast import SYSTEM, Cast
from tests.patients.conftest import details

TYPED = {
    "given_name": "Maria Luisa",
    "family_name": "García",
    "birth_date": "1980-03-12",
    "gender": "female",
    "phone": "+91 98123 45678",
    "national_id": "1234 5678 9012",
    "city": "Pune",
    "communication_consent": "unknown",
}


@pytest.fixture
def maria(cast: Cast) -> Patient:
    with bound(cast.network.pk):
        return register_patient(
            SYSTEM, cast["S"], details=details(), identifiers=[NewIdentifier("passport", "AB 1")]
        )


def reads(cast: Cast, kind: str) -> list[AccessEvent]:
    with bound(cast.network.pk):
        return list(AccessEvent.objects.filter(kind=kind).order_by("id"))


def text(response) -> str:
    return response.content.decode()


class TestTheList:
    def test_shows_the_patients_of_ones_organizations_and_logs_their_ids(
        self, cast: Cast, browse, maria: Patient
    ) -> None:
        response = browse("desk").get(reverse("patient-list"))
        assert response.status_code == 200
        assert "Maria Luisa García" in text(response)
        assert "North Clinic" in text(response)
        [event] = reads(cast, "list")
        assert (event.patient_ids, event.actor_label, event.detail) == ([maria.pk], "Nora North", "Patients")

    @pytest.mark.parametrize("persona", ["sibling", "partner", "parent_desk"])
    def test_others_see_an_empty_list_that_says_what_to_do(
        self, cast: Cast, browse, maria, persona: str
    ) -> None:
        response = browse(persona).get(reverse("patient-list"))
        assert "Maria" not in text(response)
        assert "No patients yet" in text(response)
        assert reverse("patient-register") in text(response)
        assert reads(cast, "list") == []

    @pytest.mark.parametrize("persona", ["finance", "auditor", "vendor_manager"])
    def test_without_the_permission_there_is_no_list(self, browse, persona: str) -> None:
        assert browse(persona).get(reverse("patient-list")).status_code == 403

    def test_another_network_sees_nothing(self, cast: Cast, browse, maria: Patient) -> None:
        assert "Maria" not in text(browse("foreigner").get(reverse("patient-list")))

    def test_a_search_that_finds_nobody_is_logged_too(self, cast: Cast, browse, maria: Patient) -> None:
        response = browse("desk").get(reverse("patient-list"), {"q": "nobody"})
        assert "Nothing matches" in text(response)
        [event] = reads(cast, "list")
        assert (event.patient_ids, event.detail) == ([], "Patients: nobody")

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({"q": "gar mar"}, True),
            ({"q": "x" * 5000}, False),
            ({"q": "\x00"}, False),
            ({"status": "active"}, True),
            ({"status": "deceased"}, False),
            ({"status": "nonsense"}, False),
            ({"organization": "nonsense"}, False),
            ({"organization": "99999999999999999999"}, False),
            ({"sort": "nonsense"}, True),
            ({"sort": "-birth_date"}, True),
            ({"page": "9999"}, True),
            ({"page": "x"}, True),
            ({"page": "-1"}, True),
        ],
    )
    def test_whatever_is_asked_the_list_answers(
        self, browse, maria: Patient, query: dict, shown: bool
    ) -> None:
        response = browse("desk").get(reverse("patient-list"), query)
        assert response.status_code == 200
        assert ("García" in text(response)) is shown

    def test_one_filters_by_an_organization_of_ones_own(self, cast: Cast, browse, maria: Patient) -> None:
        client = browse("administrator")
        for code, shown in (("S", True), ("T", False)):
            response = client.get(reverse("patient-list"), {"organization": cast.organizations[code].pk})
            assert ("García" in text(response)) is shown
        foreign = browse("desk").get(reverse("patient-list"), {"organization": cast.organizations["T"].pk})
        assert "García" not in text(foreign)

    def test_a_long_list_of_organizations_is_asked_for_by_code(
        self, cast: Cast, browse, maria: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("orgs.forms.place.LONGEST_LIST", 3)
        client = browse("administrator")
        assert "Name or code" in text(client.get(reverse("patient-list")))
        assert "García" in text(client.get(reverse("patient-list"), {"organization": " S "}))
        assert "García" not in text(client.get(reverse("patient-list"), {"organization": "T"}))

    def test_found_too_often_is_cut_and_says_so(
        self, cast: Cast, browse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with bound(cast.network.pk):
            for number in range(4):
                register_patient(SYSTEM, cast["S"], details=details(f"Ana{number}"), confirmed=True)
        monkeypatch.setattr("patients.views.listing.FoundPaginator.most", 2)
        assert "of <b>2+</b>" in text(browse("desk").get(reverse("patient-list"), {"q": "ana"}))
        assert "of <b>4</b>" in text(browse("desk").get(reverse("patient-list")))

    def test_only_a_search_is_cut(self, browse, maria: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("patients.views.listing.narrowed", lambda rows: rows.none())
        assert "García" in text(browse("desk").get(reverse("patient-list")))
        assert "García" not in text(browse("desk").get(reverse("patient-list"), {"q": "maria"}))

    def test_registrations_elsewhere_stay_hidden(self, cast: Cast, browse, maria: Patient) -> None:
        with bound(cast.network.pk):
            register_at(SYSTEM, cast["Q"], patient=maria)
        assert "Quay Partners" not in text(browse("desk").get(reverse("patient-list")))
        assert "North Clinic" not in text(browse("partner").get(reverse("patient-list")))

    def test_the_table_alone_for_htmx(self, browse, maria: Patient) -> None:
        response = browse("desk").get(reverse("patient-list"), headers={"HX-Request": "true"})
        assert "García" in text(response)
        assert "<html" not in text(response)

    def test_as_many_queries_for_thirty_rows_as_for_three(self, cast: Cast, browse) -> None:
        def fill(count: int) -> None:
            with bound(cast.network.pk):
                for number in range(count):
                    values = details(f"Name{number}", birth_date=date(1990, 1, 1))
                    made = register_patient(SYSTEM, cast["S"], details=values, confirmed=True)
                    register_at(SYSTEM, cast["T"], patient=made)

        client = browse("administrator")
        client.get(reverse("patient-list"))
        counts = []
        for more in (3, 27):
            fill(more)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("patient-list"))
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 16


class TestTheExport:
    def test_is_one_line_of_the_log_with_every_patient(self, cast: Cast, browse, maria: Patient) -> None:
        with bound(cast.network.pk):
            formula = register_patient(SYSTEM, cast["S"], details=details("=1+1", "Sum"))
            register_patient(SYSTEM, cast["T"], details=details("Tim"))
        response = browse("local_admin").get(reverse("patient-list"), {"export": "csv"})
        lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Name,Gender,Registered at,Status,Given name,Family name,Birth date")
        assert len(lines) == 3
        assert "Active,Maria Luisa,García,1980-03-12" in lines[1]
        assert lines[1].endswith("Passport AB 1")
        assert lines[2].startswith("'=1+1 Sum,")
        [event] = reads(cast, "export")
        assert event.patient_ids == [maria.pk, formula.pk]

    @pytest.mark.parametrize("persona", ["desk", "clinician", "privacy"])
    def test_needs_its_own_permission(self, cast: Cast, browse, maria: Patient, persona: str) -> None:
        client = browse(persona)
        for url in (
            reverse("patient-list"),
            reverse("organization-patients", args=[cast.organizations["S"].pk]),
        ):
            assert client.get(url, {"export": "csv"}).status_code in (403, 404)
            assert client.get(url, {"export": "xlsx"}).status_code in (403, 404)
        assert "export=" not in text(client.get(reverse("patient-list")))
        assert reads(cast, "export") == []


class TestThePage:
    def test_shows_the_patient_and_logs_one_opening(self, cast: Cast, browse, maria: Patient) -> None:
        response = browse("desk").get(reverse("patient", args=[maria.pk]))
        for shown in ("Maria Luisa García", "12 March 1980", "AB 1", "North Clinic", "Home organization"):
            assert shown in text(response)
        [event] = reads(cast, "open")
        assert (event.patient_ids, event.actor_label, event.detail) == ([maria.pk], "Nora North", "Overview")

    @pytest.mark.parametrize(
        "persona", ["sibling", "partner", "child", "parent_desk", "finance", "foreigner"]
    )
    @pytest.mark.parametrize(
        "page", ["patient", "patient-edit", "patient-register-at", "patient-home", "patient-reads"]
    )
    def test_for_everybody_else_there_is_no_such_page(
        self, cast: Cast, browse, maria: Patient, persona: str, page: str
    ) -> None:
        assert browse(persona).get(reverse(page, args=[maria.pk])).status_code == 404
        assert reads(cast, "open") == []

    @pytest.mark.parametrize("pk", [0, 99999999999999999999])
    def test_a_number_that_is_no_patient(self, browse, maria: Patient, pk: int) -> None:
        assert browse("desk").get(reverse("patient", args=[pk])).status_code == 404

    def test_registrations_at_organizations_one_does_not_cover_stay_hidden(
        self, cast: Cast, browse, maria: Patient
    ) -> None:
        with bound(cast.network.pk):
            register_at(SYSTEM, cast["Q"], patient=maria)
        assert "Quay Partners" not in text(browse("desk").get(reverse("patient", args=[maria.pk])))
        assert "North Clinic" not in text(browse("partner").get(reverse("patient", args=[maria.pk])))
        assert "Quay Partners" in text(browse("administrator").get(reverse("patient", args=[maria.pk])))

    @pytest.mark.parametrize(
        ("persona", "buttons"),
        [("desk", "edit register-at home"), ("clinician", ""), ("privacy", "")],
    )
    def test_only_what_one_may_do_is_offered(
        self, browse, maria: Patient, persona: str, buttons: str
    ) -> None:
        shown = text(browse(persona).get(reverse("patient", args=[maria.pk])))
        offered = [name for name in ("edit", "register-at", "home") if f"/{name}/" in shown]
        assert offered == buttons.split()

    @pytest.mark.parametrize("page", ["patient-edit", "patient-register-at", "patient-home"])
    def test_what_is_not_offered_is_forbidden(self, cast: Cast, browse, maria: Patient, page: str) -> None:
        assert browse("clinician").get(reverse(page, args=[maria.pk])).status_code == 403
        with bound(cast.network.pk):
            assert AuditEvent.objects.filter(verb="access.denied").count() == 1


class TestWhoSawThisPatient:
    def test_the_privacy_officer_reads_who_saw_whom(self, cast: Cast, browse, maria: Patient) -> None:
        browse("desk").get(reverse("patient", args=[maria.pk]))
        client = browse("privacy")
        assert reverse("patient-reads", args=[maria.pk]) in text(
            client.get(reverse("patient", args=[maria.pk]))
        )
        shown = text(client.get(reverse("patient-reads", args=[maria.pk])))
        assert "Nora North" in shown
        assert "Opened" in shown

    def test_others_may_not(self, browse, maria: Patient) -> None:
        client = browse("desk")
        assert client.get(reverse("patient-reads", args=[maria.pk])).status_code == 403
        assert reverse("patient-reads", args=[maria.pk]) not in text(
            client.get(reverse("patient", args=[maria.pk]))
        )


class TestRegistering:
    def send(self, cast: Cast, client: Client, **changes):
        data = TYPED | {"organization": str(cast.organizations["S"].pk)} | changes
        return cast.post(
            client, reverse("patient-register"), {k: v for k, v in data.items() if v is not None}
        )

    def test_the_form_knows_the_only_organization(self, cast: Cast, browse) -> None:
        shown = text(browse("desk").get(reverse("patient-register")))
        assert f'<option value="{cast.organizations["S"].pk}" selected>' in shown
        assert "South Clinic" not in shown
        assert "Register anyway" not in shown

    def test_registers_and_opens_the_page(self, cast: Cast, browse) -> None:
        response = self.send(cast, browse("desk"))
        with bound(cast.network.pk):
            patient = Patient.objects.get()
        assert response.status_code == 302
        assert response.url == reverse("patient", args=[patient.pk])
        assert patient.city == "Pune"

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"given_name": ""}, "required"),
            ({"given_name": "x" * 5000}, "at most 100"),
            ({"given_name": "a\x00b"}, "Null characters"),
            ({"given_name": "<b>"}, None),
            ({"given_name": "!!!"}, "has no letters"),
            ({"birth_date": ""}, "required"),
            ({"birth_date": "12/03/1980"}, "Enter a valid date"),
            ({"birth_date": "1980-02-31"}, "Enter a valid date"),
            ({"birth_date": (date.today() + timedelta(days=2)).isoformat()}, "lies in the future"),
            ({"birth_date": "0001-01-01"}, "more than 130 years"),
            ({"gender": "x"}, "Select a valid choice"),
            ({"email": "nobody"}, "valid email"),
            ({"phone": "call me"}, "too few digits"),
            ({"country": "India"}, "at most 2"),
            ({"national_id": "---"}, "neither letters nor digits"),
            ({"national_id": "9" * 61}, "at most 60"),
            ({"organization": ""}, "required"),
            ({"organization": "x"}, "Choose one of your organizations"),
        ],
    )
    def test_a_mistake_is_told_beside_its_field_and_nothing_is_lost(
        self, cast: Cast, browse, wrong: dict, message: str | None
    ) -> None:
        response = self.send(cast, browse("desk"), **wrong)
        if message is None:
            assert response.status_code == 302
            return
        assert response.status_code == 422
        assert message in text(response)
        assert 'value="Pune"' in text(response)
        with bound(cast.network.pk):
            assert not Patient.objects.exists()

    @pytest.mark.parametrize("code", ["T", "X", "C1B"])
    def test_an_organization_that_is_not_ones_own_is_refused(self, cast: Cast, browse, code: str) -> None:
        response = self.send(cast, browse("desk"), organization=str(cast.organizations[code].pk))
        assert response.status_code == 422
        assert "Choose one of your organizations" in text(response)

    def test_a_suspended_organization_is_not_offered(self, cast: Cast, browse) -> None:
        with bound(cast.network.pk):
            suspend_organization(SYSTEM, cast["S"], reason="flood", version=1)
        assert self.send(cast, browse("desk")).status_code == 422

    def test_a_likely_duplicate_is_shown_and_the_read_logged(
        self, cast: Cast, browse, maria: Patient
    ) -> None:
        response = self.send(cast, browse("desk"))
        shown = text(response)
        assert response.status_code == 422
        assert reverse("patient", args=[maria.pk]) in shown
        assert "same name and birth date" in shown
        assert "Register anyway" in shown
        assert 'value="1234 5678 9012"' in shown
        [event] = reads(cast, "list")
        assert (event.patient_ids, event.detail) == ([maria.pk], "Warning of duplicates")
        assert self.send(cast, browse("desk"), confirmed="on").status_code == 302
        with bound(cast.network.pk):
            assert Patient.objects.count() == 2

    def test_a_duplicate_one_may_not_see_is_only_counted(self, cast: Cast, browse, maria: Patient) -> None:
        shown = text(self.send(cast, browse("sibling"), organization=str(cast.organizations["T"].pk)))
        assert "1 patient of other organizations" in shown
        assert reverse("patient", args=[maria.pk]) not in shown

    def test_a_taken_identifier_is_told_beside_it(self, cast: Cast, browse, maria: Patient) -> None:
        response = self.send(cast, browse("desk"), passport="ab-1", confirmed="on")
        assert response.status_code == 422
        assert "Another patient of this network has the passport" in text(response)

    def test_a_form_of_another_network_changes_nothing(self, cast: Cast, browse) -> None:
        response = self.send(cast, browse("desk"), _network=str(cast.foreign[0].pk))
        assert response.status_code == 409
        assert "Pune" in text(response)
        with bound(cast.network.pk):
            assert not Patient.objects.exists()

    @pytest.mark.parametrize("persona", ["clinician", "privacy", "finance"])
    def test_needs_the_permission(self, cast: Cast, browse, persona: str) -> None:
        client = browse(persona)
        assert client.get(reverse("patient-register")).status_code == 403
        assert self.send(cast, client).status_code == 403


class TestEditing:
    def send(self, cast: Cast, client: Client, patient: Patient, version: int = 1, **changes):
        data = TYPED | {"status": "active", "_version": str(version), "passport": "AB 1"} | changes
        return cast.post(client, reverse("patient-edit", args=[patient.pk]), data)

    def test_saves_details_status_and_identifiers(self, cast: Cast, browse, maria: Patient) -> None:
        client = browse("desk")
        shown = text(client.get(reverse("patient-edit", args=[maria.pk])))
        assert 'value="AB 1"' in shown
        assert 'value="1980-03-12"' in shown
        assert self.send(cast, client, maria, passport="AB 2", status="inactive").status_code == 302
        with bound(cast.network.pk):
            maria.refresh_from_db()
            assert (maria.status, maria.city, maria.version) == ("inactive", "Pune", 2)
            assert sorted(one.value for one in maria.identifiers.all()) == ["1234 5678 9012", "AB 2"]

    def test_the_record_numbers_of_other_organizations_stay(self, cast: Cast, browse) -> None:
        with bound(cast.network.pk):
            identifiers = [NewIdentifier("mrn", "S-1"), NewIdentifier("mrn", "Q-1", cast["Q"])]
            patient = register_patient(SYSTEM, cast["S"], details=details(), identifiers=identifiers)
        assert self.send(cast, browse("desk"), patient, mrn="S-2").status_code == 302
        with bound(cast.network.pk):
            assert {one.value for one in patient.identifiers.filter(system="mrn")} == {"S-2", "Q-1"}

    def test_a_stale_form_answers_409_and_keeps_what_was_typed(
        self, cast: Cast, browse, maria: Patient
    ) -> None:
        client = browse("desk")
        assert self.send(cast, client, maria).status_code == 302
        response = self.send(cast, client, maria, version=1, city="Mumbai")
        assert response.status_code == 409
        assert 'value="Mumbai"' in text(response)
        with bound(cast.network.pk):
            maria.refresh_from_db()
            assert maria.city == "Pune"

    @pytest.mark.parametrize("version", ["", "x", "-1"])
    def test_a_form_without_its_version_is_stale(
        self, cast: Cast, browse, maria: Patient, version: str
    ) -> None:
        assert self.send(cast, browse("desk"), maria, version=version).status_code == 409


class TestRegisteringElsewhere:
    def test_registers_at_another_organization_of_ones_own(self, cast: Cast, browse, maria: Patient) -> None:
        client = browse("administrator")
        url = reverse("patient-register-at", args=[maria.pk])
        dialog = text(client.get(url, headers={"HX-Request": "true"}))
        assert "Quay Partners" in dialog
        assert "North Clinic" not in dialog
        response = cast.post(client, url, {"organization": cast.organizations["Q"].pk})
        assert response.status_code == 302
        assert "Maria" in text(browse("partner").get(reverse("patient-list")))

    @pytest.mark.parametrize("code", ["S", "X", "T", "C1B"])
    def test_refuses_places_that_are_not_offered(self, cast: Cast, browse, maria: Patient, code: str) -> None:
        url = reverse("patient-register-at", args=[maria.pk])
        response = cast.post(browse("desk"), url, {"organization": cast.organizations[code].pk})
        assert response.status_code == 422

    def test_changes_the_home(self, cast: Cast, browse, maria: Patient) -> None:
        url = reverse("patient-home", args=[maria.pk])
        data = {"organization": cast.organizations["T"].pk, "_version": "1"}
        assert cast.post(browse("administrator"), url, data).status_code == 302
        again = data | {"organization": cast.organizations["Q"].pk}
        assert cast.post(browse("administrator"), url, again).status_code == 409
        with bound(cast.network.pk):
            maria.refresh_from_db()
            assert maria.home_organization_id == cast.organizations["T"].pk


class TestTheTabOfAnOrganization:
    def test_lists_its_patients_and_logs_them(self, cast: Cast, browse, maria: Patient) -> None:
        client = browse("administrator")
        here = reverse("organization-patients", args=[cast.organizations["S"].pk])
        shown = text(client.get(here))
        assert "Maria Luisa García" in shown
        assert f"?organization={cast.organizations['S'].pk}" in shown
        assert "Maria" not in text(
            client.get(reverse("organization-patients", args=[cast.organizations["T"].pk]))
        )
        [event] = reads(cast, "list")
        assert (event.patient_ids, event.organization_id) == ([maria.pk], cast.organizations["S"].pk)

    def test_is_closed_to_those_who_see_no_patients_there(self, cast: Cast, browse) -> None:
        here = reverse("organization-patients", args=[cast.organizations["S"].pk])
        assert browse("finance").get(here).status_code == 403
        assert browse("sibling").get(here).status_code == 404


class TestTheSearchPalette:
    def test_finds_patients_and_logs_those_shown(self, cast: Cast, browse, maria: Patient) -> None:
        shown = text(browse("desk").get(reverse("search"), {"q": "garc"}, headers={"HX-Request": "true"}))
        assert reverse("patient", args=[maria.pk]) in shown
        [event] = reads(cast, "list")
        assert (event.patient_ids, event.detail) == ([maria.pk], "Search palette: garc")

    def test_finds_nobody_elsewhere(self, cast: Cast, browse, maria: Patient) -> None:
        shown = text(browse("sibling").get(reverse("search"), {"q": "garc"}, headers={"HX-Request": "true"}))
        assert "García" not in shown
        assert reads(cast, "list") == []
