"""The day's seals go to whoever keeps them outside; a chain that was rewritten contradicts what they got."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import reverse

from audit.actions.seal import check_seals, seal_waiting
from audit.models import Seal, SealCheck, SealSending, Unsealed
from audit.queries.seal import chain_of, seals
from audit.sealed import SEALED
from audit.tasks import seal as seal_task
from audit.tasks import verify as verify_task
from core import clock
from core.settings import Mode
from core.tenancy import bound
from ledger.actions.seal import send_seals
from ledger.rules.settings import SEALS_TO
from ledger.tasks import send_seals as send_task
from network.services import superuser_dsn
from orgs.actions.setting import NewValue, assign_setting
from tests.cast import SYSTEM
from tests.ledger.market import open_market
from tests.work.post_office import post_office
from work.actions.mail import send_due_mail

pytestmark = pytest.mark.setting("billing.seals_to")
AUDITOR = "seals@auditor.example"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def seal_everything(network_id: int) -> None:
    for kind in SEALED:
        seal_waiting(network_id, kind)


def attached(message) -> list[dict[str, str]]:
    (file,) = message.iter_attachments()
    return list(csv.DictReader(StringIO(file.get_payload(decode=True).decode())))


@pytest.fixture
def office(settings):
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


def test_once_a_day_what_is_new_goes_out_as_a_file(world, assign, office):
    market = open_market(world)
    seal_everything(world.network.pk)
    with clock.at(NOON):
        assert not send_seals()  # nobody is named
        assign("P", SEALS_TO, AUDITOR)
        assert send_seals()
        assert not send_seals()
    market.sell()
    seal_everything(world.network.pk)
    with clock.at(NOON + timedelta(hours=11)):
        assert not send_seals()
    with clock.at(NOON + timedelta(days=3)):  # days were missed
        assert send_seals()
    with clock.at(NOON + timedelta(days=4)):
        assert not send_seals()  # nothing is new
    assert send_due_mail() == 2
    first, second = office.messages
    assert first["To"] == AUDITOR
    assert {row["kind"] for row in attached(first)} == {"audit"}
    sent = [(row["kind"], int(row["number"]), row["sha256"]) for row in [*attached(first), *attached(second)]]
    kept = [(one.kind, one.number, one.digest_text) for one in Seal.objects.all()]
    assert sorted(sent) == sorted(kept)
    assert attached(second)[-1]["sha256"] in second.get_body(("plain",)).get_content()
    assert not seals().filter(sent_to=None).exists()
    assert set(SealSending.objects.values_list("to", flat=True)) == {AUDITOR}


@pytest.fixture
def committed(own_world):
    """A network whose trail is sealed, committed, in a database of its own."""
    network = own_world.network.pk
    with bound(network):
        open_market(own_world).sell()
    seal_everything(network)
    return own_world


def told(command: str, network: int, *options: str) -> tuple[int, dict]:
    out = StringIO()
    try:
        call_command(command, "--network", str(network), "--json", *options, stdout=out, stderr=StringIO())
        status = 0
    except SystemExit as ended:
        status = ended.code
    return status, json.loads(out.getvalue())


REWRITE = """
    SET session_replication_role = replica;
    SELECT set_config('app.network', '{network}', false);
    UPDATE audit_auditevent SET actor_label = 'nobody' WHERE id = (SELECT min(id) FROM audit_auditevent);
    UPDATE ledger_ledgerevent SET actor_label = 'nobody' WHERE id = (SELECT min(id) FROM ledger_ledgerevent);
    INSERT INTO audit_unsealed (network_id, kind, row_id)
    SELECT network_id, kind, unnest(row_ids) FROM audit_seal WHERE network_id = {network};
    DELETE FROM audit_seal WHERE network_id = {network};
"""


@pytest.mark.parametrize("command", ["verify_ledger", "verify_audit"])
def test_a_rewritten_chain_is_found_by_what_was_sent(committed, tmp_path: Path, command: str):
    network, file = committed.network.pk, tmp_path / "seals.csv"
    call_command("export_seals", str(file), "--network", str(network))
    assert told(command, network, "--seals", str(file))[0] == 0
    with psycopg.connect(superuser_dsn(connections["default"].settings_dict["NAME"])) as session:
        session.execute(REWRITE.format(network=network))
    call_command("make_seals", "--network", str(network), stdout=StringIO())
    assert told(command, network)[0] == 0, "nothing inside tells that the chain is another"
    status, said = told(command, network, "--seals", str(file))
    assert status == 1
    first = said["networks"][0]["seals"][0]
    (was,) = (
        row for row in csv.DictReader(file.open()) if (row["kind"], row["number"]) == (first["kind"], "1")
    )
    assert first["findings"][0].startswith(f"seal 1 was sent with the digest {was['sha256']} and has ")


def test_a_seal_that_was_sent_and_is_gone(world):
    seal_everything(world.network.pk)
    sent = [*chain_of("audit")]
    checked = check_seals("audit", [*sent, replace(sent[-1], number=99)])
    assert checked.count == 1
    assert checked.findings[0].startswith("seal 99 was sent")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no file of seals"),
        ("number,sha256\n1,ff\n", "no file of seals"),
        ("network,kind,number,made_at,rows,sha256\n1,zq,1,2026-01-01,1," + "0" * 64, "Line 2"),
        ("network,kind,number,made_at,rows,sha256\n1,audit,1,2026-01-01,1,zq", "Line 2"),
        ("network,kind,number,made_at,rows,sha256\n1,audit,1,yesterday,1," + "0" * 64, "Line 2"),
        ("network,kind,number,made_at,rows,sha256\n1,audit,1,2026-01-01", "Line 2"),
    ],
)
def test_what_is_no_file_of_seals_is_named(world, tmp_path: Path, text: str, says: str):
    file = tmp_path / "seals.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=says):
        call_command("verify_audit", "--network", str(world.network.pk), "--seals", str(file))


def test_the_worker_seals_sends_and_verifies(committed):
    network = committed.network.pk
    with bound(network):
        assign_setting(SYSTEM, committed["P"], setting=SEALS_TO, new=NewValue(AUDITOR, Mode.DEFAULT))
        waiting = Unsealed.objects.count()
    assert waiting
    assert seal_task() >= waiting
    assert verify_task() == 0
    assert send_task() == 1
    with bound(network):
        assert set(SealCheck.objects.values_list("kind", "finding_count")) == {(kind, 0) for kind in SEALED}
        assert SealSending.objects.filter(to=AUDITOR).count() == Seal.objects.filter(number=1).count() > 1


def test_finance_at_the_parent_sees_them(world, browse):
    seal_everything(world.network.pk)
    check_seals("audit")
    page = browse("auditor").get(reverse("seal-list"), {"kind": "audit"})
    said = page.content.decode()
    assert Seal.objects.get(kind="audit", number=1).digest_text in said
    assert "Holds" in said
    assert browse("auditor").get(reverse("seal-list"), {"export": "csv"}).status_code == 200
    assert browse("local_admin").get(reverse("seal-list")).status_code == 403
