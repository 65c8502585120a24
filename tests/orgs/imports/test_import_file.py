"""A file that is sent: its dry run is kept, and the worker imports exactly that, all of it or nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, connections, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from network.services import superuser_dsn
from orgs.actions.import_file import cancel_import, compare_again, send_import, start_import
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.actions.organization import add_organization
from orgs.imports.csv_file import ADJACENCY, PATH
from orgs.imports.progress import IMPORT_TOLD, RECORDED
from orgs.imports.recognize import FHIR, FORMS
from orgs.imports.row import MOST_BYTES
from orgs.models import ImportLine, Membership, Organization, OrganizationImport
from orgs.queries import tree
from tests.cast import SYSTEM, details
from work.actions.relay import relay_due_events

HEADER = "code,name,kind,parent_code\n"
GOOD = (HEADER + "W,Ward,sub,P\nW2,Ward Two,sub,W\n").encode()
#: A duplicate, two places, a cycle, what hangs below it, an orphan, one that would move, and a good branch.
BAD = (
    HEADER
    + "A,Ay,sub,P\nA,Ay,sub,P\nB,Be,sub,P\nB,Be,sub,S\nC,Ce,sub,D\nD,De,sub,C\nE,Ee,sub,C\nF,Ef,sub,NOBODY\n"
    + "S,North Clinic,sub,T\nG,Gee,sub,P\n"
).encode()


def send(world, content: bytes = GOOD, *, per_branch: bool = False, by: str = "administrator"):
    return send_import(world.actor(by), world["P"], file_name="o.csv", content=content, per_branch=per_branch)


def fresh(imported) -> OrganizationImport:
    return OrganizationImport.objects.get(pk=imported.pk)


def start(world, imported, by: str = "administrator") -> OrganizationImport:
    start_import(world.actor(by), fresh(imported), shown=fresh(imported).fingerprint)
    return fresh(imported)


def codes(*wanted: str) -> set[str]:
    return set(Organization.objects.filter(code__in=wanted).values_list("code", flat=True))


def test_a_dry_run_writes_no_organization_and_says_what_it_would_do(world):
    one = send(world)
    assert (one.form, one.new_count, one.refused_count, one.status) == (FORMS[ADJACENCY], 2, 0, "checked")
    assert codes("W", "W2") == set()
    assert list(ImportLine.objects.filter(imported=one).values_list("outcome", "place", "code", "text")) == [
        ("new", "line 2", "W", "Sub under P"),
        ("new", "line 3", "W2", "Sub under W"),
    ]


def test_the_report_names_line_value_and_remedy_of_every_mistake(world):
    one = send(world, BAD)
    said = {
        (line.place, line.sort): line.value
        for line in ImportLine.objects.filter(imported=one, outcome="error")
    }
    assert said == {
        ("line 3", "duplicate"): "A",
        ("line 5", "several_parents"): "P, S",
        ("line 6", "cycle"): "C → D → C",
        ("line 7", "cycle"): "C → D → C",
        ("line 8", "below_error"): "C",
        ("line 9", "orphan"): "NOBODY",
        ("line 10", "moved"): "T",
    }
    assert (one.refused_count, one.new_count, one.equal_count) == (7, 3, 0)


def test_the_worker_imports_what_was_shown(world):
    one = start(world, send(world))
    assert (one.status, codes("W", "W2")) == ("waiting", set())
    assert relay_due_events() == 1
    one = fresh(one)
    assert (one.status, one.ended_at is not None, codes("W", "W2")) == ("imported", True, {"W", "W2"})
    assert IMPORT_TOLD.percent_of(one.pk) == RECORDED
    assert tree.verify_tree() == []
    added = AuditEvent.objects.get(verb="organization.imported")
    assert (added.actor_id, added.new["new"]) == (world.users["administrator"].pk, 2)


def test_the_same_again_is_0_changes(world):
    start(world, send(world))
    relay_due_events()
    again = send(world)
    assert (again.new_count, again.changed_count, again.equal_count) == (0, 0, 2)
    with pytest.raises(Refused, match="0 changes"):
        start(world, again)


def test_all_or_nothing_and_per_branch(world):
    one = send(world, BAD)
    with pytest.raises(Refused, match="The file has errors"):
        start(world, one)
    compare_again(world.actor("administrator"), fresh(one), per_branch=True)
    start(world, one)
    relay_due_events()
    assert fresh(one).status == "imported"
    assert codes("A", "B", "C", "D", "E", "F", "G") == {"G"}
    assert world["S"].parent_id == world["P"].pk


def test_what_changed_since_the_dry_run_is_shown_and_not_imported(world):
    one = start(world, send(world))
    add_organization(SYSTEM, world["P"], kind="sub", details=details("Ward", "W"))
    relay_due_events()
    one = fresh(one)
    assert (one.status, one.new_count, one.equal_count) == ("checked", 1, 1)
    assert "changed since the dry run" in one.note
    assert [line.code for line in ImportLine.objects.filter(imported=one)] == ["W2"]
    assert codes("W2") == set()
    start(world, one)
    relay_due_events()
    assert (fresh(one).status, codes("W2")) == ("imported", {"W2"})


def test_another_dry_run_than_the_one_looked_at_is_not_started(world):
    one = send(world)
    shown = one.fingerprint
    add_organization(SYSTEM, world["P"], kind="sub", details=details("Ward", "W"))
    compare_again(world.actor("administrator"), fresh(one), per_branch=False)
    with pytest.raises(Refused, match="compared again in the meantime"):
        start_import(world.actor("administrator"), fresh(one), shown=shown)


def test_a_second_import_is_told_of_the_first(world):
    start(world, send(world))
    with pytest.raises(Refused, match="Another import of this network is under way"):
        start(world, send(world, (HEADER + "Z,Zed,sub,P\n").encode()))


def test_who_lost_the_permission_imports_nothing(world):
    grant_membership(
        SYSTEM,
        world["P"],
        user=world.users["finance"],
        new=NewMembership("network_administrator", starts_on=date(2020, 1, 1)),
    )
    one = start(world, send(world))
    held = Membership.objects.get(user=world.users["administrator"])
    end_membership(SYSTEM, held, reason="Left.", version=held.version)
    relay_due_events()
    assert (fresh(one).status, codes("W")) == ("failed", set())
    assert "Ada Admin may no longer import organizations" in fresh(one).note


def test_a_fault_leaves_nothing_half_done_and_says_so(own_world):
    """The database refuses the last row of three."""
    with psycopg.connect(superuser_dsn(connection.settings_dict["NAME"]), autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION app.boom() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS"
            " $$ BEGIN IF NEW.code = 'BOOM' THEN RAISE 'boom'; END IF; RETURN NEW; END $$"
        )
        admin.execute(
            "CREATE TRIGGER boom BEFORE INSERT ON orgs_organization FOR EACH ROW EXECUTE FUNCTION app.boom()"
        )
    with bound(own_world.network.pk):
        one = start(own_world, send(own_world, GOOD + b"BOOM,Boom,sub,W\n"))
    relay_due_events()
    with bound(own_world.network.pk):
        assert (fresh(one).status, codes("W", "W2", "BOOM")) == ("failed", set())
        assert "Nothing was imported. Something went wrong on our side" in fresh(one).note
        assert AuditEvent.objects.filter(verb="organization_import.failed").count() == 1
        assert not AuditEvent.objects.filter(verb="organization.imported").exists()
        compare_again(own_world.actor("administrator"), fresh(one), per_branch=False)
        assert fresh(one).status == "checked"


def test_who_cancels_while_it_is_under_way_undoes_it(own_world):
    """The worker waits for the tree, which whoever cancels holds."""
    with bound(own_world.network.pk):
        one = start(own_world, send(own_world))

    def work() -> int:
        try:
            return relay_due_events()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with bound(own_world.network.pk):
            tree.lock_tree()
            running = pool.submit(work)
            _wait_for_a_lock()
            cancel_import(own_world.actor("administrator"), fresh(one))
        assert running.result(30) == 1
    with bound(own_world.network.pk):
        assert (fresh(one).status, codes("W", "W2")) == ("cancelled", set())


def _wait_for_a_lock() -> None:
    """Until another transaction waits for the tree's lock."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    pytest.fail("The worker never asked for the tree.")


def test_a_cancelled_import_is_not_begun(world):
    one = start(world, send(world))
    cancel_import(world.actor("administrator"), fresh(one))
    relay_due_events()
    assert (fresh(one).status, codes("W")) == ("cancelled", set())
    with pytest.raises(Refused, match="in the state “Cancelled” by now"):
        cancel_import(world.actor("administrator"), one)


def test_who_may(world):
    one = send(world)
    local = world.actor("local_admin")
    for act in (
        lambda: send(world, by="local_admin"),
        lambda: start_import(local, one, shown=one.fingerprint),
        lambda: compare_again(local, one, per_branch=True),
        lambda: cancel_import(local, one),
    ):
        with pytest.raises(PermissionDenied):
            act()


# The pages


def upload(cast, client, content: bytes, *, name: str = "o.csv", mode: str = "all"):
    file = SimpleUploadedFile(name, content)
    return cast.post(client, reverse("organization-import"), {"file": file, "mode": mode})


@pytest.mark.parametrize("form", [ADJACENCY, PATH, FHIR])
def test_each_example_is_recognized_and_can_be_imported(cast, browse, form):
    client = browse("administrator")
    example = client.get(reverse("organization-import-example", args=[form])).content
    page = client.get(upload(cast, client, example).url).content.decode()
    with bound(cast.network.pk):
        one = OrganizationImport.objects.get()
    assert (one.form, one.new_count, one.equal_count, one.refused_count) == (FORMS[form], 4, 1, 0)
    assert FORMS[form] in page
    assert "4 organizations would be added" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"x" * (MOST_BYTES + 1), "at most 25 MiB are read"),
        (b"code,name\0", "NUL"),
        (b"code,colour\nA,red\n", "Unknown column"),
        (b'{"resourceType": "Patient"}', "no FHIR Bundle"),
        (b"[" * 90_000, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(cast, browse, content, said):
    answer = upload(cast, browse("administrator"), content)
    assert answer.status_code == 422
    assert said in "".join(answer.context["form"].errors["file"])
    with bound(cast.network.pk):
        assert not OrganizationImport.objects.exists()


def test_the_report_is_paged_filtered_and_a_file(cast, browse):
    client = browse("administrator")
    lines = "".join(f"L{n},Line {n},sub,NOBODY\n" for n in range(40))
    here = upload(cast, client, (HEADER + lines + "G,Gee,sub,P\n").encode()).url
    page = client.get(here).content.decode()
    assert "Correct the code of the organization above" in page
    assert ("L24" in page, "L39" in page) == (True, False)
    assert "L39" in client.get(here + "?page=2").content.decode()
    news = client.get(here + "?outcome=new").content.decode()
    assert ("Sub under P" in news, "L3</" in news) == (True, False)
    file = b"".join(client.get(here + "?export=csv").streaming_content).decode()
    assert len(file.splitlines()) == 42
    assert "line 2,L0,NOBODY," in file
    assert "add that one to the file." in file


def test_the_page_looks_on_and_leads_to_what_was_made(cast, browse):
    client = browse("administrator")
    here = upload(cast, client, GOOD).url
    seen = re.search(r'name="_seen" value="(\w+)"', client.get(here).content.decode())
    assert seen is not None
    cast.post(client, here + "start/", {"_seen": seen[1]})
    assert "Waiting for the worker" in client.get(here).content.decode()
    with bound(cast.network.pk):
        one = OrganizationImport.objects.get()
        IMPORT_TOLD.remember(one.pk, 40)
    assert "<b>40 %</b> of 2 organizations" in client.get(here + "progress/").content.decode()
    relay_due_events()
    assert client.get(here + "progress/").headers["HX-Redirect"] == here
    page = client.get(here).content.decode()
    with bound(cast.network.pk):
        made = Organization.objects.get(code="W2")
    assert f'href="{reverse("organization", args=[made.pk])}"' in page
    assert "started by Ada Admin" in page
    past = client.get(reverse("organization-import-list")).content.decode()
    assert (here in past, "Ada Admin" in past, "Imported" in past) == (True, True, True)


def test_the_dry_run_that_was_looked_at_is_the_one_that_starts(cast, browse):
    client = browse("administrator")
    here = upload(cast, client, GOOD).url
    answer = cast.post(client, here + "start/", {"_seen": "another"}, follow=True)
    assert "compared again in the meantime" in answer.content.decode()
    with bound(cast.network.pk):
        assert OrganizationImport.objects.get().status == "checked"


def test_only_who_may_import_sees_the_way_in(browse):
    way = reverse("organization-import")
    assert way in browse("administrator").get(reverse("organization-list")).content.decode()
    for persona in ("local_admin", "finance", "desk"):
        client = browse(persona)
        assert way not in client.get(reverse("organization-list")).content.decode()
        assert client.get(way).status_code == 403


# What the database refuses, whoever writes

IMPORT = (
    "INSERT INTO orgs_organizationimport (network_id, organization_id, file_name, form, content, sha256, per_branch, status,"
    " fingerprint, note, new_count, changed_count, equal_count, refused_count, warning_count, left_out_count, made_by,"
    " started_by, ended_at) VALUES ({network}, %s, 'f', 'csv', '', '', %s, '%s', '', '%s', 0, 0, 0, %s, 0, 0, 'me', '', %s)"
)
LINE = (
    "INSERT INTO orgs_importline (network_id, imported_id, position, outcome, sort, place, code, value, text)"
    " VALUES ({network}, {import}, %s, '%s', '', '', '', '', '')"
)
REFUSED = [
    ("organizationimport_status_known", IMPORT % ("{P}", "true", "perhaps", "", "0", "NULL")),
    ("organizationimport_one_at_a_time", IMPORT % ("{P}", "true", "waiting", "", "0", "NULL")),
    ("organizationimport_all_or_nothing", IMPORT % ("{P}", "false", "imported", "", "1", "now()")),
    ("organizationimport_ended", IMPORT % ("{P}", "true", "cancelled", "", "0", "NULL")),
    ("organizationimport_failed_why", IMPORT % ("{P}", "true", "failed", "", "0", "now()")),
    (
        "organizationimport_organization_same_network",
        IMPORT % ("{foreign}", "true", "checked", "", "0", "NULL"),
    ),
    ("importline_once", LINE % ("1", "new")),
    ("importline_outcome_known", LINE % ("999", "perhaps")),
    ("file that was sent never changes", "UPDATE orgs_organizationimport SET content = ''"),
    ("permission denied for table orgs_organizationimport", "UPDATE orgs_organizationimport SET sha256 = ''"),
    ("permission denied for table orgs_organizationimport", "DELETE FROM orgs_organizationimport"),
    ("permission denied for table orgs_importline", "UPDATE orgs_importline SET text = ''"),
]


@pytest.mark.parametrize(("said", "sql"), REFUSED)
def test_the_database_refuses(world, said, sql):
    one = start(world, send(world))
    words = {
        "network": world.network.pk,
        "P": world["P"].pk,
        "foreign": world.organizations["C1B"].pk,
        "import": one.pk,
    }
    with pytest.raises(DatabaseError, match=said), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(**words))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
