"""An organization's own records: whose they are, what stands in the file, who may, how long, and the worker."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import AccessEvent, AuditEvent
from content.queries.item import newest_of
from content.rules.answers import Upload
from core.errors import Refused
from core.tenancy import bound
from network.services import superuser_dsn
from orgs.actions import own_records as actions
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.actions.organization import edit_organization
from orgs.models import Membership, OwnRecords
from patients.actions.details import Details as PatientDetails
from patients.actions.filled import fill_form
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient
from tests.cast import CANARY, SYSTEM, details, make_user
from tests.ledger.market import open_market, usd
from tests.orgs.leaving.conftest import Partner, add_administrator, published
from tests.vendors.conftest import PDF, build_lab
from vendors.actions.message import write_message
from work.actions.relay import relay_due_events
from work.models import OutboxEvent

SIBLING = "SIBLING"


def ask(world, persona: str = "partner_admin") -> OwnRecords:
    return actions.ask_for_records(world.actor(persona), world["Q"])


def fresh(records: OwnRecords) -> OwnRecords:
    return OwnRecords.objects.get(pk=records.pk)


def made(world, persona: str = "partner_admin") -> OwnRecords:
    """A file that the worker made."""
    records = ask(world, persona)
    assert relay_due_events() >= 1
    records = fresh(records)
    assert records.status == "ready", records.note
    return records


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"))))


def a_patient(world, at: str, name: str, **more: Any) -> Any:
    known = PatientDetails(given_name=name, family_name="Quill", birth_date=date(1971, 4, 5), **more)
    number = NewIdentifier(system="mrn", value=f"{name}-1")
    return register_patient(SYSTEM, world[at], details=known, identifiers=[number], confirmed=True)


def a_form(world, at: str, patient: Any, item: Any, answer: str) -> Any:
    answers = {"what-brings-you-here": answer, "letter": Upload(f"{answer}.pdf", PDF + answer.encode())}
    return fill_form(
        SYSTEM,
        world[at],
        patient=patient,
        version_id=newest_of(item).pk,
        answers=answers,
        complete=True,
        key=uuid4().hex,
    )


@pytest.fixture
def busy(partner: Partner) -> Partner:
    """Everything that records are kept of, once at the partner and once, marked, at its sibling."""
    world, market = partner.world, partner.market
    lab = build_lab(world)
    for code, word in (("R", "ANNEX"), ("S", SIBLING)):
        patient = a_patient(world, code, word, address=f"{word} street")
        item = published(world, code, f"form-{word.lower()}", f"{word} form")
        a_form(world, code, patient, item, f"{word} cough")
        request = lab.order(code, patient=patient, clinical_note=f"{word} note")
        for step in ("accept", "start", "complete"):
            request = lab.answer(request, step)
        write_message(SYSTEM, request, text=f"{word} message", key=word)
        market.add_package(f"{word}PACK", "110.00", {"PHYSIO": (1, "110.00")}, holder=world[code])
        sale = market.sell(f"{word}PACK", at=code, patient=patient)
        market.redeem(sale, "PHYSIO", at=code)
        user = make_user(f"{word} person", f"{word.lower()}.person@harbor.example")
        new = NewMembership("front_desk", "this", starts_on=date(2020, 1, 1))
        grant_membership(SYSTEM, world[code], user=user, new=new)
        one = world[code]
        told = details(f"{word} place", code)
        edit_organization(SYSTEM, one, details=told, version=one.version)
        partner.made[word] = {"patient": patient, "sale": sale, "request": request}
    partner.owe()
    partner.settle()
    return partner


def test_the_file_has_the_partners_own_and_nothing_of_its_siblings(busy: Partner):
    files = opened(bytes(made(busy.world).content))
    for name, content in files.items():
        assert SIBLING not in content.decode(errors="replace"), name
        assert CANARY not in content.decode(errors="replace"), name
    assert [row["code"] for row in rows_of(files, "organizations")] == ["Q", "R"]
    assert [row["given name"] for row in rows_of(files, "patients")] == ["Asha", "ANNEX"]
    assert [row["value"] for row in rows_of(files, "identifiers")] == ["ANNEX-1"]
    assert {row["organization"] for row in rows_of(files, "registrations")} == {"Q", "R"}
    assert ("ANNEX form", "What brings you here?", "ANNEX cough") in {
        (row["name"], row["question"], row["answer"]) for row in rows_of(files, "forms")
    }
    assert {row["name"] for row in rows_of(files, "people")} >= {"Quinn Quay", "Rita Annex", "ANNEX person"}
    assert [row["name"] for row in rows_of(files, "content")] == ["Quay intake", "ANNEX form"]
    assert [row["clinical note"] for row in rows_of(files, "requests")] == ["ANNEX note"]
    assert [(row["name"], row["value"]) for row in rows_of(files, "results")] == [("Haemoglobin", "9.1")]
    assert [row["text"] for row in rows_of(files, "messages")] == ["ANNEX message"]
    assert [row["code"] for row in rows_of(files, "packages")] == ["ANNEXPACK"]
    assert [(row["seller"], row["total"]) for row in rows_of(files, "sales")] == [("R", "110.00")]
    assert [row["left"] for row in rows_of(files, "entitlements")] == ["0"]
    assert {row["organization"] for row in rows_of(files, "journal")} == {"Q", "R"}
    assert {row["organization"] for row in rows_of(files, "audit")} <= {"Q", "R"}
    assert "organization.edited" in {row["what"] for row in rows_of(files, "audit")}


def test_what_the_tables_name_as_a_file_stands_beside_them(busy: Partner):
    files = opened(bytes(made(busy.world).content))
    letter = next(row["answer"] for row in rows_of(files, "forms") if row["answer"].endswith(".pdf"))
    assert files[f"files/{letter}"] == PDF + b"ANNEX cough"
    (report,) = {row["file"] for row in rows_of(files, "results")}
    assert files[f"files/{report}"] == PDF
    assert len([name for name in files if name.startswith("files/")]) == 2


def test_the_books_balance_and_the_statement_is_theirs(busy: Partner):
    files = opened(bytes(made(busy.world).content))
    market = busy.market
    lines = rows_of(files, "journal")
    for code in "QR":
        assert sum(usd(row["amount"]).minor for row in lines if row["organization"] == code) == 0
    said = {
        (row["organization"], row["account"], row["counterparty"]): row["balance"]
        for row in rows_of(files, "statement")
    }
    assert said["Q", "cash", ""] == market.balance("Q", "cash") == "57.75"
    assert said["Q", "due_from", "P"] == market.balance("Q", "due_from", "P") == "0.00"
    assert said["R", "cash", ""] == market.balance("R", "cash") == "110.00"


def test_the_manifest_proves_every_file(busy: Partner):
    records = made(busy.world)
    files = opened(bytes(records.content))
    manifest = json.loads(files.pop("manifest.json"))
    assert (manifest["organization"], manifest["network"]) == ("Q", "Harbor Health")
    assert {one["name"] for one in manifest["files"]} == set(files)
    for one in manifest["files"]:
        assert one["sha256"] == hashlib.sha256(files[one["name"]]).hexdigest()
        assert one["bytes"] == len(files[one["name"]])
        if one["name"].endswith(".csv"):
            assert one["rows"] == len(rows_of(files, one["name"].removesuffix(".csv")))
            assert f"{one['name']} ({one['rows']:,} rows)" in files["README.txt"].decode()
    assert records.sha256 == hashlib.sha256(bytes(records.content)).hexdigest()
    assert AuditEvent.objects.get(verb="own_records.made").new["sha256"] == records.sha256


def test_no_cell_is_a_formula(partner: Partner):
    a_patient(partner.world, "R", "=HYPERLINK(1)", phone="+49 30 1234567")
    files = opened(bytes(made(partner.world).content))
    (row,) = rows_of(files, "patients")
    assert row["given name"] == "'=HYPERLINK(1)"
    assert row["phone"] == "'+49 30 1234567"


# Who may, and how long


def test_the_partner_and_the_parent_may_and_nobody_else(partner: Partner):
    world = partner.world
    add_administrator(world, "R", "annex_admin")
    records = made(world)
    for persona in ("partner_admin", "administrator"):
        assert actions.download_records(world.actor(persona), records).content
    for persona in ("annex_admin", "local_admin", "finance", "auditor", "privacy", "partner", "child"):
        with pytest.raises(PermissionDenied):
            ask(world, persona)
        with pytest.raises(PermissionDenied):
            actions.download_records(world.actor(persona), records)


@pytest.mark.parametrize("code", ["P", "S", "R", "X"])
def test_only_a_partner_takes_its_records_along(partner: Partner, code):
    with pytest.raises(Refused, match="is no partner"):
        actions.ask_for_records(SYSTEM, partner.world[code])


def test_one_at_a_time(partner: Partner):
    ask(partner.world)
    with pytest.raises(Refused, match="being made already"):
        ask(partner.world, "administrator")


def test_who_lost_the_permission_gets_no_file(partner: Partner):
    records = ask(partner.world)
    held = Membership.objects.get(user=partner.world.users["partner_admin"])
    end_membership(SYSTEM, held, reason="Left.", version=held.version)
    relay_due_events()
    assert fresh(records).status == "failed"
    assert "Petra Partner may no longer take these records along" in fresh(records).note


def test_the_file_of_the_end_is_made_although_everybody_there_lost_their_role(partner: Partner):
    departure = partner.leave()
    relay_due_events()
    records = OwnRecords.objects.get(departure=departure)
    assert (records.status, records.last_day) == ("ready", departure.left_on)
    files = opened(bytes(records.content))
    assert {row["status"] for row in rows_of(files, "organizations")} == {"Archived"}
    assert "organization.left" in {row["what"] for row in rows_of(files, "audit")}


def test_a_file_that_waits_at_the_end_gives_way_to_that_of_the_end(partner: Partner):
    asked = ask(partner.world)
    departure = partner.leave()
    relay_due_events()
    assert (fresh(asked).status, "file of the end" in fresh(asked).note) == ("failed", True)
    assert OwnRecords.objects.get(departure=departure).status == "ready"


def test_a_download_is_in_the_trail_and_a_read_of_whose_records_it_holds(busy: Partner):
    world = busy.world
    records = made(world)
    actions.download_records(world.actor("partner_admin"), records)
    line = AuditEvent.objects.get(verb="own_records.downloaded")
    assert (line.actor_label, line.new["sha256"]) == ("Petra Partner", records.sha256)
    read = AccessEvent.objects.get(kind="export", actor_kind="user")
    mine = {busy.market.patient.pk, busy.made["ANNEX"]["patient"].pk}
    assert (read.actor_label, set(read.patient_ids)) == ("Petra Partner", mine)


def test_after_its_days_it_is_refused_and_then_erased(partner: Partner):
    records = made(partner.world)
    over = OutboxEvent.objects.get(topic="own_records.over")
    assert over.next_try_at - records.made_at >= actions.KEPT - timedelta(minutes=1)
    assert relay_due_events() == 0
    OwnRecords.objects.filter(pk=records.pk).update(expires_at=records.made_at)
    with pytest.raises(Refused, match="can’t be downloaded any more"):
        actions.download_records(partner.world.actor("partner_admin"), records)
    OutboxEvent.objects.update(next_try_at=records.made_at)
    assert relay_due_events() == 1
    gone = fresh(records)
    assert (gone.status, gone.content, gone.patient_ids) == ("erased", None, [])
    assert AuditEvent.objects.filter(verb="own_records.erased").count() == 1


def test_what_is_not_over_is_not_erased(partner: Partner):
    records = made(partner.world)
    actions.erase_records(SYSTEM, records)
    assert fresh(records).status == "ready"
    assert not AuditEvent.objects.filter(verb="own_records.erased").exists()


# The worker


def test_a_worker_that_dies_half_way_makes_it_the_next_time(own_world):
    """The database cuts the worker's connection while it writes the file; the event is handed on again."""
    with bound(own_world.network.pk):
        open_market(own_world)
        add_administrator(own_world)
        records = ask(own_world)
    name = connection.settings_dict["NAME"]
    with psycopg.connect(superuser_dsn(name), autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION app.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog"
            " AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
        )
        admin.execute(
            "CREATE TRIGGER die BEFORE UPDATE ON orgs_ownrecords FOR EACH ROW EXECUTE FUNCTION app.die()"
        )
        with pytest.raises(DatabaseError):
            relay_due_events()
        connection.close()
        admin.execute("DROP TRIGGER die ON orgs_ownrecords")
    with bound(own_world.network.pk):
        assert fresh(records).status == "waiting"
        assert OutboxEvent.objects.filter(topic="own_records.asked").count() == 1
    assert relay_due_events() == 1
    with bound(own_world.network.pk):
        assert fresh(records).status == "ready"
        assert AuditEvent.objects.filter(verb="own_records.made").count() == 1
    assert relay_due_events() == 0


def test_a_fault_says_so_and_it_can_be_asked_for_again(own_world):
    """The database refuses the file; nothing of it stays."""
    with bound(own_world.network.pk):
        add_administrator(own_world)
        records = ask(own_world)
    with psycopg.connect(superuser_dsn(connection.settings_dict["NAME"]), autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION app.full() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS"
            " $$ BEGIN IF NEW.status = 'ready' THEN RAISE 'disk full'; END IF; RETURN NEW; END $$"
        )
        admin.execute(
            "CREATE TRIGGER full_disk BEFORE UPDATE ON orgs_ownrecords FOR EACH ROW EXECUTE FUNCTION app.full()"
        )
    relay_due_events()
    with bound(own_world.network.pk):
        assert (fresh(records).status, fresh(records).content) == ("failed", None)
        assert "Something went wrong on our side" in fresh(records).note
        assert ask(own_world).status == "waiting"


def test_what_is_asked_for_twice_is_made_once(partner: Partner):
    records = made(partner.world)
    with pytest.raises(Refused, match="made already"):
        actions.make_records(SYSTEM, records)
    actions.fail_records(SYSTEM, records, why="late")
    assert fresh(records).status == "ready"


# The database's own walls


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("content = NULL", "ownrecords_ready_is_whole"),
        ("sha256 = 'nothing'", "ownrecords_ready_is_whole"),
        ("status = 'erased'", "ownrecords_ready_is_whole"),
        ("status = 'failed', content = NULL", "ownrecords_failed_why"),
        ("status = 'lost', content = NULL", "ownrecords_status_known"),
        ("organization_id = 1", "permission denied"),
        ("asked_by = 'somebody else'", "permission denied"),
    ],
)
def test_the_database_keeps_a_file_whole(partner: Partner, change, constraint):
    records = made(partner.world)
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orgs_ownrecords SET {change} WHERE id = %s", [records.pk])


def test_a_second_one_that_waits_is_refused_by_the_database(partner: Partner):
    records = ask(partner.world)
    copy = (
        "INSERT INTO orgs_ownrecords (organization_id, last_day, status, note, asked_by, name, sha256, patient_ids)"
        " SELECT organization_id, last_day, 'waiting', '', 'x', '', '', '{}' FROM orgs_ownrecords WHERE id = %s"
    )
    with (
        pytest.raises(DatabaseError, match="ownrecords_one_at_a_time"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(copy, [records.pk])


# The page


def test_the_download_is_an_attachment_that_runs_nothing(cast, browse):
    with bound(cast.network.pk):
        add_administrator(cast)
        records = made(cast)
    client = browse("partner_admin")
    answer = client.get(reverse("own-records", args=[records.pk]))
    assert answer.headers["Content-Type"] == "application/zip"
    assert f"attachment; filename*=UTF-8''own-records-Q-{records.last_day}.zip" in str(answer.headers)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert opened(answer.content).keys() >= {"README.txt", "manifest.json", "organizations.csv"}
    for persona in ("local_admin", "desk", "partner", "foreigner"):
        assert browse(persona).get(reverse("own-records", args=[records.pk])).status_code == 404


def test_a_file_that_is_over_says_so(cast, browse):
    with bound(cast.network.pk):
        add_administrator(cast)
        records = made(cast)
        OwnRecords.objects.filter(pk=records.pk).update(expires_at=records.made_at)
    client = browse("partner_admin")
    answer = client.get(reverse("own-records", args=[records.pk]))
    assert answer.status_code == 410
    assert "Ask for a new one" in answer.content.decode()
    page = client.get(reverse("organization-leave", args=[cast.organizations["Q"].pk])).content.decode()
    assert ("Over" in page, reverse("own-records", args=[records.pk]) in page) == (True, False)


def test_a_role_at_the_partner_alone_takes_nothing_along(partner: Partner, browse):
    """What lies below isn't theirs to see, so it isn't theirs to take."""
    user = partner.world.users["alone"] = make_user("Ada Alone", "ada@quay.example")
    new = NewMembership("organization_administrator", "this")
    grant_membership(SYSTEM, partner.world["Q"], user=user, new=new)
    alone = partner.world.actor("alone")
    with pytest.raises(PermissionDenied):
        actions.ask_for_records(alone, partner.world["Q"])
    ready = made(partner.world)
    with pytest.raises(PermissionDenied):
        actions.download_records(alone, ready)
    assert actions.download_records(partner.world.actor("partner_admin"), ready).size
    assert browse("alone").get(reverse("organization-leave", args=[partner.world["Q"].pk])).status_code == 403
