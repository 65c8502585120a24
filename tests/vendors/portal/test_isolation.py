"""A vendor sees its own tasks and nothing else: through the pages, and in raw SQL as the portal's database role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.tenancy import bound
from core.tenancy.binding import portal_role
from orgs.queries import tree
from tests.cast import SYSTEM
from tests.vendors.conftest import NAME
from vendors.actions.contact import ContactDetails, add_contact, issue_link
from vendors.models import ServiceRequest


@contextmanager
def as_portal(lab, contact=None) -> Iterator[None]:
    contact = contact or lab.contact
    with portal_role(contact.vendor_id, contact.pk):
        yield


def rows(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def refused(sql: str, *values) -> str:
    """The SQLSTATE with which a statement is refused; '' when it isn't, or changes a row."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            count = cursor.rowcount
    except DatabaseError as error:
        return str(error.__cause__.sqlstate)
    return "nothing" if count == 0 else ""


def test_another_vendors_pages(placed, phone):
    with bound(placed.cast.network.pk):
        request = placed.order()
        rival = add_contact(SYSTEM, placed.cast["Y"], details=ContactDetails("Yves", "yves@yield.example"))
    phone.sign_in(rival)
    page = phone.get("portal")
    assert page.status_code == 200
    assert request.number not in page.content.decode()
    for name in (
        "portal-task",
        "portal-task-accept",
        "portal-task-reject",
        "portal-task-start",
        "portal-task-complete",
    ):
        assert phone.get(name, request.pk).status_code == 404, name
        assert phone.post(name, request.pk, _version="2").status_code == 404, name
    assert phone.get("portal-result", request.pk, 1).status_code == 404
    for pk in (0, request.pk + 1, 10**18, 10**30):
        assert phone.get("portal-task", pk).status_code == 404
    with bound(placed.cast.network.pk):
        assert ServiceRequest.objects.get(pk=request.pk).status == "requested"


def test_a_draft_and_a_foreign_network_are_not_there(placed, phone):
    with bound(placed.cast.network.pk):
        draft = placed.draft()
    phone.sign_in(placed.contact)
    assert phone.get("portal-task", draft.pk).status_code == 404
    assert "Nothing here" in phone.get("portal").content.decode()


def test_a_form_of_another_network_changes_nothing(placed, phone):
    with bound(placed.cast.network.pk):
        request = placed.order()
    phone.sign_in(placed.contact)
    for network in ("", "0", str(placed.cast.foreign[0].pk)):
        answer = phone.post("portal-task-start", request.pk, _network=network, _version="2")
        assert answer.status_code == 409
    with bound(placed.cast.network.pk):
        assert ServiceRequest.objects.get(pk=request.pk).status == "requested"


def test_stale_and_broken_forms_keep_what_was_typed(placed, phone):
    with bound(placed.cast.network.pk):
        request = placed.order()
    phone.sign_in(placed.contact)
    typed = {"reason_code": "other", "reason_text": "Typed words"}
    for version in ("1", "", "x", "9" * 30, "²"):
        answer = phone.post("portal-task-reject", request.pk, _version=version, **typed)
        assert answer.status_code == 409, version
        assert "Typed words" in answer.content.decode()
    answer = phone.post("portal-task-accept", request.pk, _version="2", promised_at="yesterday")
    assert answer.status_code == 422
    assert "yesterday" in answer.content.decode()
    many = {"row-TOTAL_FORMS": "999999999", "row-INITIAL_FORMS": "0"}
    assert phone.post("portal-task-complete", request.pk, _version="2", **many).status_code in (409, 422)
    assert phone.post("portal-task-complete", request.pk, _version="2").status_code == 422
    with bound(placed.cast.network.pk):
        assert ServiceRequest.objects.get(pk=request.pk).status == "requested"


def test_more_rows_keep_what_was_typed(placed, phone):
    with bound(placed.cast.network.pk):
        request = placed.answer(placed.order(), "accept")
    phone.sign_in(placed.contact)
    typed = {"row-TOTAL_FORMS": "4", "row-INITIAL_FORMS": "0", "row-0-name": "Ferritin", "more": "1"}
    page = phone.post("portal-task-complete", request.pk, _version="3", **typed).content.decode()
    assert "Ferritin" in page
    assert 'name="row-7-name"' in page
    answer = phone.post("portal-task-complete", request.pk, _version="3", **(typed | {"more": ""}))
    assert answer.status_code == 200  # still asks for more, whatever the value


def test_a_request_reassigned_to_another_vendor_is_gone(lab, rival):
    request = lab.order()
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
    ):
        cursor.execute(
            "UPDATE vendors_servicerequest SET vendor_id = %s WHERE id = %s", [rival.vendor_id, request.pk]
        )
    with as_portal(lab, rival):
        assert rows("SELECT id FROM vendors_servicerequest") == []


FORBIDDEN = (
    "people_user",
    "account_emailaddress",
    "django_session",
    "auth_permission",
    "orgs_membership",
    "orgs_grant",
    "orgs_invitation",
    "orgs_affiliation",
    "patients_patient",
    "patients_registration",
    "patients_patientidentifier",
    "patients_searchword",
    "ledger_service",
    "ledger_ledgerevent",
    "ledger_journalline",
    "ledger_account",
    "vendors_vendorservice",
    "vendors_vendorprice",
    "vendors_portallink",
    "work_mail",
    "audit_auditevent",
    "audit_accessevent",
    "work_outbox",
    "core_enterprise",
)


@pytest.mark.parametrize("table", FORBIDDEN)
def test_the_role_reads_nothing_else(lab, table):
    with as_portal(lab):
        assert refused(f"SELECT * FROM {table}") == "42501"
        assert refused(f"SELECT 1 FROM {table}") == "42501"
        assert refused(f"DELETE FROM {table}") == "42501"


@pytest.mark.parametrize(
    "column",
    ["patient_id", "clinical_note", "sell_minor", "service_id", "vendor_service_id", "billed_minor", "key"],
)
def test_columns_of_a_request_that_are_not_the_vendors(lab, column):
    lab.answer(lab.order(clinical_note="Secret"), "accept")
    with as_portal(lab):
        assert refused(f"SELECT {column} FROM vendors_servicerequest") == "42501"
        assert refused("SELECT * FROM vendors_servicerequest") == "42501"
        assert refused(f"UPDATE vendors_servicerequest SET {column} = {column}") == "42501"
        assert refused(f"SELECT id FROM vendors_servicerequest WHERE {column} IS NOT NULL") == "42501"


def test_the_patient_is_masked_until_accepted_in_raw_sql_too(lab):
    request = lab.order(clinical_note="Secret fatigue")
    with as_portal(lab):
        assert rows("SELECT id, status FROM vendors_servicerequest") == [(request.pk, "requested")]
        assert rows("SELECT * FROM vendors_taskpatient") == []
        assert (
            refused(
                "INSERT INTO vendors_taskpatient (request_id, vendor_id, name, birth_date, gender, clinical_note)"
                " VALUES (%s, %s, 'x', '2000-01-01', 'x', '')",
                request.pk,
                lab.contact.vendor_id,
            )
            == "42501"
        )
    early = (
        "INSERT INTO vendors_taskpatient (request_id, vendor_id, name, birth_date, gender, clinical_note)"
        f" VALUES ({request.pk}, {lab.contact.vendor_id}, 'x', '2000-01-01', 'x', '')"
    )
    assert refused(early) == "42501"  # not even the web role, before acceptance
    lab.answer(request, "accept")
    with as_portal(lab):
        assert rows("SELECT name, clinical_note FROM vendors_taskpatient") == [(NAME, "Secret fatigue")]
        assert refused("UPDATE vendors_taskpatient SET name = ''") == "42501"


def test_a_rival_sees_and_changes_nothing(lab, rival):
    request = lab.answer(lab.answer(lab.order(), "accept"), "complete")
    issue_link(SYSTEM, lab.contact)
    with as_portal(lab, rival):
        for table in (
            "vendors_taskpatient",
            "vendors_result",
            "work_storedfile",
            "vendors_portalsession",
            "vendors_portalcode",
        ):
            assert rows(f"SELECT 1 FROM {table}") == [], table
        assert rows("SELECT id FROM vendors_servicerequest") == []
        assert rows("SELECT id FROM vendors_requesttransition") == []
        assert rows("SELECT id FROM vendors_vendorcontact") == [(rival.pk,)]
        assert rows("SELECT id FROM orgs_organization") == [(rival.vendor_id,)]
        assert refused("UPDATE vendors_servicerequest SET status = 'failed'") == "nothing"
        attack = (
            'INSERT INTO vendors_result (request_id, vendor_id, version, "values", pages, comment, correction, entered_by_id, entered_by)'
            " VALUES (%s, %s, 9, '[]', 0, '', 'x', %s, 'x')"
        )
        assert refused(attack, request.pk, lab.contact.vendor_id, rival.pk) == "42501"
        assert refused(attack, request.pk, rival.vendor_id, rival.pk) == "42501"
        step = (
            "INSERT INTO vendors_requesttransition (request_id, vendor_id, from_status, to_status, actor_kind, actor_id,"
            " actor_label, reason_code, reason_text, key) VALUES (%s, %s, 'a', 'b', %s, %s, 'x', '', '', 'k')"
        )
        assert refused(step, request.pk, rival.vendor_id, "contact", rival.pk) == "42501"
        assert refused(step, request.pk, rival.vendor_id, "user", 1) == "42501"
        assert refused(step, request.pk, lab.contact.vendor_id, "contact", lab.contact.pk) == "42501"


def test_the_vendor_itself_keeps_to_the_table(lab):
    request = lab.order()
    with as_portal(lab):
        for status in ("completed", "draft", "cancelled", "entered-in-error", "in-progress", "nonsense"):
            assert refused("UPDATE vendors_servicerequest SET status = %s", status) in (
                "CT001",
                "42501",
                "23514",
            ), status
        assert refused("UPDATE vendors_servicerequest SET promised_at = now()") == "23514"
        assert refused("UPDATE vendors_servicerequest SET buy_minor = 1") == "42501"
        assert refused("UPDATE vendors_servicerequest SET vendor_id = vendor_id") == "42501"
        assert refused("DELETE FROM vendors_servicerequest") == "42501"
    lab.answer(request, "reject")
    with as_portal(lab):
        assert refused("UPDATE vendors_servicerequest SET status = 'accepted'") == "CT001"


def test_a_result_is_signed_by_who_sends_it_and_answers_what_was_accepted(lab):
    request = lab.order()
    colleague = add_contact(SYSTEM, lab.cast["X"], details=ContactDetails("Xaver", "xaver@xact.example"))
    sent = (
        'INSERT INTO vendors_result (request_id, vendor_id, version, "values", pages, comment, correction, entered_by_id, entered_by)'
        " VALUES (%s, %s, 1, '[]', 0, '', '', %s, 'x')"
    )
    early = pytest.raises(DatabaseError, match="a requested request takes no result")
    with as_portal(lab), early, transaction.atomic():
        rows(sent, request.pk, lab.contact.vendor_id, lab.contact.pk)
    lab.answer(request, "accept")
    with as_portal(lab):
        with pytest.raises(DatabaseError, match="a contact signs as itself"), transaction.atomic():
            rows(sent, request.pk, lab.contact.vendor_id, colleague.pk)
        assert refused(sent, request.pk, lab.contact.vendor_id, lab.contact.pk) == ""


def test_without_a_contact_nothing_is_a_contact_s(lab):
    with pytest.raises(DatabaseError, match="no contact is bound"), transaction.atomic():
        rows("SELECT app.contact_id()")


def test_a_session_that_ended_stays_ended(lab):
    link, _ = issue_link(SYSTEM, lab.contact)
    with as_portal(lab):
        rows(
            "INSERT INTO vendors_portalsession (contact_id, link_id, token_sha256) VALUES (%s, %s, 'x') RETURNING id",
            lab.contact.pk,
            link.pk,
        )
        rows("UPDATE vendors_portalsession SET ended_at = now() RETURNING id")
        for change in ("seen_at = now()", "ended_at = NULL"):
            with pytest.raises(DatabaseError, match="stays ended"), transaction.atomic():
                rows(f"UPDATE vendors_portalsession SET {change} RETURNING id")


def test_secrets_of_its_own_contact_only(lab):
    colleague = add_contact(SYSTEM, lab.cast["X"], details=ContactDetails("Xaver", "xaver@xact.example"))
    with connection.cursor() as cursor:
        for contact in (lab.contact, colleague):
            link, _ = issue_link(SYSTEM, contact)
            cursor.execute(
                "INSERT INTO vendors_portalcode (link_id, contact_id, code_hash, expires_at) VALUES (%s, %s, 'x', %s)",
                [link.pk, contact.pk, timezone.now()],
            )
    with as_portal(lab):
        assert rows("SELECT contact_id FROM vendors_portalcode") == [(lab.contact.pk,)]
        assert refused("UPDATE vendors_portalcode SET tries = 3, used_at = now()") == ""
        assert refused("UPDATE vendors_portalcode SET tries = 0") == "23514"
        assert refused("UPDATE vendors_portalcode SET used_at = NULL") == "23514"
        assert refused("UPDATE vendors_portalcode SET expires_at = now() + interval '1 day'") == "42501"
        assert refused("UPDATE vendors_portalcode SET code_hash = 'y'") == "42501"
        theft = "INSERT INTO vendors_portalsession (contact_id, link_id, token_sha256) VALUES (%s, %s, 'x')"
        assert refused(theft, colleague.pk, 1) == "42501"


def test_history_is_append_only_for_everybody(lab):
    lab.answer(lab.answer(lab.order(), "accept"), "complete")
    for table in ("vendors_requesttransition", "vendors_result", "vendors_taskpatient"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            assert refused(statement) == "42501", statement
    assert refused("UPDATE vendors_servicerequest SET buy_minor = 1") == "23514"
    assert refused("UPDATE vendors_servicerequest SET patient_id = patient_id + 1") == "23514"


def test_another_network_is_out_of_reach(cast, placed):
    foreign = cast.foreign[0]
    with bound(placed.cast.network.pk):
        placed.order()
    with bound(foreign.pk):
        contact_id = placed.contact.pk
        with portal_role(placed.contact.vendor_id, contact_id):
            for table in (
                "vendors_servicerequest",
                "vendors_vendorcontact",
                "orgs_organization",
                "work_storedfile",
            ):
                assert rows(f"SELECT 1 FROM {table}") == [], table
            assert rows("SELECT id FROM core_network") == [(foreign.pk,)]
        assert tree.root().network_id == foreign.pk


def test_unbound_the_role_reads_nothing(lab):
    lab.order()
    with as_portal(lab), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.vendor', '', true)")
        assert refused("SELECT id FROM vendors_servicerequest") == "42501"
