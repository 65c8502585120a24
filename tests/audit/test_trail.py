"""The trail: appended and never changed, by whom with what before and after, and denials too."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, connections, transaction
from django.urls import reverse

from audit.models import AccessEvent, AuditEvent, SystemEvent
from audit.trail import Trail, append_system_event, record_patient_read
from core.actors import ContactActor
from core.ports import AuditRecord
from core.tenancy import bound
from core.tenancy.binding import portal_role
from orgs.actions.organization import add_organization, edit_organization
from tests.cast import SYSTEM, details

TABLES = ("audit_auditevent", "audit_accessevent", "audit_systemevent")
CHANGES = ("UPDATE {} SET actor_label = 'nobody'", "DELETE FROM {}", "TRUNCATE {}")


@pytest.fixture
def lines(world):
    """One line in each table."""
    Trail().append(AuditRecord(SYSTEM, "test.happened"))
    record_patient_read(SYSTEM, "open", [1])
    append_system_event(SYSTEM, "test.happened")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_product_may_not_change_it(lines, table, change):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))


@pytest.mark.parametrize("role", ["caretree_migrator", "caretree_owner"])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_not_even_its_owner_changes_it(own_database_once, role, table, change):
    with transaction.atomic(using="migrator"), connections["migrator"].cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        with (
            pytest.raises(DatabaseError, match="the table is append-only"),
            transaction.atomic(using="migrator"),
        ):
            cursor.execute(change.format(table))


@pytest.fixture(scope="module")
def own_database_once(standing_cast, django_db_blocker):
    """A database in which the migrator may log in; nothing is written."""
    from tests import databases

    name, _ = standing_cast
    with django_db_blocker.unblock(), databases.own("trail", source=name) as copied:
        yield copied


def test_a_line_says_who_what_where_and_the_old_and_the_new(world):
    one = world["S"]
    changed = details("North Hospital", "S")
    edit_organization(world.actor("local_admin"), one, details=changed, version=one.version)
    line = AuditEvent.objects.latest("pk")
    user = world.users["local_admin"]
    assert (line.actor_kind, line.actor_id, line.actor_label) == ("user", user.pk, user.name)
    assert (line.verb, line.subject_type, line.subject_id) == (
        "organization.edited",
        "orgs.organization",
        one.pk,
    )
    assert (line.organization_id, line.network_id) == (one.pk, world.network.pk)
    assert (line.old, line.new) == ({"name": "North Clinic"}, {"name": "North Hospital"})
    assert line.changes == [("name", ("North Clinic", "North Hospital"))]


def test_an_action_that_fails_leaves_no_line(world):
    before = AuditEvent.objects.count()
    with pytest.raises(Exception, match="has this code"):
        add_organization(SYSTEM, world["P"], kind="sub", details=details("Again", "S"))
    assert AuditEvent.objects.count() == before


def test_a_change_without_its_line_does_not_happen(world, monkeypatch):
    def full(self, record):
        raise DatabaseError("disk full")

    monkeypatch.setattr(Trail, "append", full)
    one = world["S"]
    with pytest.raises(DatabaseError, match="disk full"):
        edit_organization(SYSTEM, one, details=details("Unseen", "S"), version=one.version)
    assert world["S"].name == "North Clinic"


def test_a_read_that_cannot_be_logged_shows_nothing(world):
    with pytest.raises(DatabaseError), transaction.atomic():
        record_patient_read(SYSTEM, "peeked", [1])
    assert not AccessEvent.objects.exists()


def test_a_denied_request_is_recorded_although_it_was_undone(cast, browse):
    url = reverse("organization-edit", args=[cast.organizations["S"].pk])
    assert cast.post(browse("desk"), url, {"name": "Mine"}).status_code == 403
    with bound(cast.network.pk):
        line = AuditEvent.objects.get(verb="access.denied")
        assert (line.actor_label, line.organization_id) == ("Nora North", cast.organizations["S"].pk)
        assert line.new == {"permission": "organization:edit"}
        assert cast["S"].name == "North Clinic"


def test_what_is_not_visible_is_no_denial(cast, browse):
    assert (
        browse("sibling").get(reverse("organization", args=[cast.organizations["S"].pk])).status_code == 404
    )
    with bound(cast.network.pk):
        assert not AuditEvent.objects.filter(verb="access.denied").exists()


def test_a_contact_appends_in_its_own_name_only(cast):
    vendor = cast.organizations["X"].pk
    contact = ContactActor.of(7, "Xena", vendor)
    with bound(cast.network.pk):
        with portal_role(vendor, 7):
            Trail().append(AuditRecord(contact, "task.accepted"))
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Trail().append(AuditRecord(cast.actor("administrator"), "task.accepted"))
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                list(AuditEvent.objects.all())
        assert AuditEvent.objects.get(verb="task.accepted").actor_kind == "contact"


def test_the_page_shows_what_one_may_read(cast, browse):
    with bound(cast.network.pk):
        edit_organization(SYSTEM, cast["T"], details=details("Renamed South", "T"), version=1)
    url = reverse("audit-list")
    assert "Renamed South" in browse("auditor").get(url).content.decode()
    assert browse("desk").get(url).status_code == 403
    activity = reverse("organization-activity", args=[cast.organizations["T"].pk])
    assert "Renamed South" in browse("privacy").get(activity).content.decode()
    found = browse("auditor").get(url, {"verb": "organization.edited"}).content.decode()
    assert "Renamed South" in found
    assert "Renamed South" not in browse("auditor").get(url, {"verb": "organization.moved"}).content.decode()


def test_what_was_done_is_said_and_found_in_words(cast, browse):
    with bound(cast.network.pk):
        edit_organization(SYSTEM, cast["T"], details=details("Renamed South", "T"), version=1)
        Trail().append(AuditRecord(SYSTEM, "organization.forgotten", "orgs.forgotten", 7))
    client, url = browse("auditor"), reverse("audit-list")
    page = client.get(url).content.decode()
    assert ">Organization edited<" in page and "organization.edited" not in page
    assert "organization.forgotten" in page, "of an action that is no more"
    assert f">Organization {cast.organizations['T'].pk}<" in page
    assert ">orgs.forgotten 7<" in page
    for typed, is_found in (("Edited", True), ("organization edit", True), ("moved", False), ("zzz", False)):
        assert ("Renamed South" in client.get(url, {"verb": typed}).content.decode()) is is_found, typed
    for typed, is_found in (
        ("organization.forgotten", True),
        ("Organization.f", True),
        ("f", False),
        ("%", False),
    ):
        assert ("orgs.forgotten 7" in client.get(url, {"verb": typed}).content.decode()) is is_found, typed
    file = b"".join(client.get(url, {"export": "csv", "verb": "edited"}).streaming_content).decode()
    assert "Organization edited" in file


def database_clock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_instants_are_the_databases(world):
    before = database_clock()
    Trail().append(AuditRecord(SYSTEM, "test.happened", new={"on": date(2026, 1, 1)}))
    line = AuditEvent.objects.get(verb="test.happened")
    assert before < line.at < database_clock()
    assert line.new == {"on": "2026-01-01"}


def test_a_denied_action_raises_before_it_does_anything(world):
    with pytest.raises(PermissionDenied):
        edit_organization(world.actor("desk"), world["S"], details=details("Mine", "S"), version=1)
    assert SystemEvent.objects.exists()
    assert world["S"].name == "North Clinic"
