"""`manage.py verify_isolation`: silent about walls that hold, and loud about each hole."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from network import urls
from network.databases import administrator, login
from network.isolation import walk as walking
from network.isolation.catalogue import tenant_tables
from network.isolation.fingerprint import definitions
from network.isolation.report import Proof, as_json, as_text, content_of, verdict
from network.isolation.routes import ROUTES, Route
from network.isolation.stage import Stage
from network.isolation.verify import compare, own_database, prove, quietly
from network.management.commands.verify_isolation import Command, check_free, write_whole
from network.services import superuser_dsn
from tests import databases

PERSONAS = ("administrator", "guest", "owner", "contact", "stranger")
NAMES = ("home", "service-list", "service", "portal-task", "parent-account-open", "account_login")


def leaky(request):
    """What a page would be that reads across."""
    with login("migrator") as connection:
        found = connection.execute("SELECT name FROM core_network WHERE code = 'C2'").fetchone()
    return HttpResponse(f"<h1>Ours</h1>\n<p>{found[0]}</p>")


urlpatterns = [*urls.urlpatterns, path("leaky/", leaky, name="leaky"), path("forgotten/", leaky)]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500
LEAKY = Route("leaky", kind="public", answers=(200, 200), stranger=(302, 302))


@pytest.fixture
def walked(stage_database, django_db_blocker) -> Iterator[Callable[..., Proof]]:
    """Proves a few routes in a database like that of the stage, after some damage; the stage's own stands for the live one."""
    source, standing = stage_database

    def run(*damage: str, routes: tuple[Route, ...] = ()) -> Proof:
        with databases.clone("walked", source=source) as name, databases.used(name), quietly():
            with psycopg.connect(superuser_dsn(name)) as connection:
                for statement in damage:
                    connection.execute("SET session_replication_role = replica")
                    connection.execute(statement)
            proof = Proof(source)
            chosen = [route for route in ROUTES if route.name in NAMES] + list(routes)
            stage: Stage = copy.deepcopy(standing)
            prove(proof, stage, name, {}, str, personas=PERSONAS, routes=chosen)
        with login("migrator", source) as connection:
            compare(proof, proof.definitions, connection.cursor())
        return proof

    with django_db_blocker.unblock():
        yield run


def kinds(proof: Proof) -> dict[str, int]:
    return content_of(proof)["findings_by_kind"]


def test_walls_that_hold(walked, capsys):
    proof = walked()
    content = content_of(proof)
    assert content["findings"] == []
    assert verdict(content).startswith("0 leaks")
    with login("migrator", proof.live) as connection:
        assert sorted(content["canaries"]) == tenant_tables(connection.cursor())
    assert all(content["canaries"].values())
    assert content["requests"] > len(PERSONAS) * len(NAMES) * 2
    assert content["exports"] == {"csv": 2, "xlsx": 2}  # the services, by the administrator and the guest
    assert content["compared"]["policies"] > 50
    assert any(command.startswith("manage.py settings get P --json") for command in content["commands"])

    text = as_text(content)
    above, _, said = text.rpartition("SHA-256 of everything above: ")
    assert hashlib.sha256(above.encode()).hexdigest() == said.strip()
    kept = json.loads(as_json(content))
    canonical = json.dumps(kept["report"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == kept["sha256"]
    Command().deliver(proof, machine=False, output=None)
    assert "Findings: none" in capsys.readouterr().out


def test_holes_are_named_one_by_one(walked, capsys):
    """A table without its wall, one without canaries, a page that reads across and one that nobody listed."""
    with override_settings(ROOT_URLCONF=__name__):
        proof = walked(
            "ALTER TABLE ledger_service DISABLE ROW LEVEL SECURITY",
            "DELETE FROM work_storedfile WHERE network_id <> (SELECT min(id) FROM core_network)",
            routes=(LEAKY,),
        )
    details = content_of(proof)["findings"]
    shown = [one for one in details if one["kind"] == "leak" and "/console/services/" in one["request"]]
    assert {one["persona"] for one in shown} >= {"administrator"}
    assert "ledger_service" in shown[0]["tables"]
    assert any("export=csv" in one["request"] for one in shown)
    assert any("export=xlsx" in one["request"] for one in shown), "a sheet is unpacked before it is searched"
    across = [one for one in details if one["kind"] == "leak" and one["request"] == "GET /leaky/"]
    assert {one["persona"] for one in across} == {"administrator", "guest", "owner"}
    assert across[0]["canary"] == "CANARYC2 network"
    assert "core_network" in across[0]["tables"]
    assert "<h1>Ours</h1> <p>CANARYC2 network</p>" in across[0]["where"]
    said = [(one["kind"], one["persona"], one["request"]) for one in details]
    assert ("reached", "administrator", said_of(proof, "reached")) in said
    assert ("sql", "caretree_web", "ledger_service") in said
    assert ("table", "", "work_storedfile") in said
    assert ("route", "", "without a name: /forgotten/") in said
    assert ("wall", proof.live, "tables") in said
    with pytest.raises(SystemExit) as end:
        Command().deliver(proof, machine=False, output=None)
    assert end.value.code == 1
    printed = capsys.readouterr().out
    assert "NOT ISOLATED" in printed
    line = next(line for line in printed.splitlines() if line.startswith("administrator "))
    assert line.count("!") >= 3, "leaks by routes, exports and foreign records"
    assert "canary: CANARYC2 network (" in printed


def said_of(proof: Proof, kind: str) -> str:
    """The first request of a finding of a kind."""
    return next(one.request for one in proof.findings if one.kind == kind)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("GRANT DELETE ON orgs_organization TO caretree_web", "caretree_web=arwd"),
        ("DROP POLICY tenant ON patients_patient", "missing in the installation's database: ['patients_patient'"),
        ("ALTER TABLE audit_auditevent DISABLE TRIGGER append_only", "append_only of audit_auditevent is off"),
        ("ALTER TABLE orgs_membership NO FORCE ROW LEVEL SECURITY", "orgs_membership is neither under forced"),
        ("CREATE RULE quiet AS ON DELETE TO audit_auditevent DO INSTEAD NOTHING", "only in the installation's database: ['public', 'audit_auditevent', 'quiet'"),
        ("CREATE OR REPLACE FUNCTION app.network_id() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'", "SELECT 1::bigint"),
    ],
)  # fmt: skip
def test_an_installation_with_other_walls(standing_cast, damage, says):
    live, _ = standing_cast
    with psycopg.connect(superuser_dsn(live)) as connection:
        proof = Proof(live)
        walked = definitions(connection.cursor())
        compare(proof, walked, connection.cursor())
        assert proof.findings == []
        connection.execute(damage)
        compare(proof, walked, connection.cursor())
        connection.rollback()
    assert [one for one in proof.findings if says in one.what], proof.findings


def test_a_search_that_sees_nothing_is_told(stage, monkeypatch):
    monkeypatch.setattr(walking, "SHOWN", (("stranger", "front"),))
    assert [one.kind for one in walking.blindness(stage)] == ["blind"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError])
def test_its_database_goes_however_it_ends(end):
    with pytest.raises(end), own_database() as name:
        with administrator(name) as inside:
            inside.execute("CREATE TABLE something (id int)")
        raise end
    with administrator() as admin:
        assert admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_a_report_is_whole_and_never_overwritten(tmp_path: Path):
    kept = tmp_path / "report.txt"
    check_free(kept)
    write_whole(kept, "proven\n")
    assert kept.read_text() == "proven\n"
    for attempt in (lambda: check_free(kept), lambda: write_whole(kept, "other\n")):
        with pytest.raises(CommandError, match="never overwritten"):
            attempt()
    assert [one.name for one in tmp_path.iterdir()] == ["report.txt"]
    assert kept.read_text() == "proven\n"


def test_a_report_goes_to_its_file(tmp_path: Path, capsys):
    kept = tmp_path / "report.json"
    Command().deliver(Proof("live"), machine=True, output=kept)
    assert json.loads(kept.read_text())["report"]["holds"] is True
    assert str(kept) in capsys.readouterr().out
