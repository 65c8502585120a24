"""Importing organizations: what is wrong with a file, what it comes to, and that it is written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.imports import import_organizations
from orgs.actions.network import NewNetwork, create_network
from orgs.actions.organization import edit_organization
from orgs.imports.csv_file import ADJACENCY, PATH, read_csv, write_csv
from orgs.imports.fhir import read_fhir, write_fhir
from orgs.imports.plan import plan
from orgs.imports.row import Unreadable
from orgs.models import Affiliation, Organization, Placement
from orgs.queries import tree
from orgs.queries.imports import exported_rows, known_organizations
from tests.cast import SYSTEM, details
from tests.meeting import meeting

HEADER = "code,name,kind,parent_code,city,legal_basis,contract_starts_on\n"


def csv_of(*lines: str) -> bytes:
    return (HEADER + "\n".join(lines) + "\n").encode()


def problems(content: bytes) -> list[str]:
    return [
        f"{one.where}: {one.text} {one.remedy}"
        for one in plan(read_csv(content), known_organizations()).problems
    ]


def run(world, content: bytes, **how):
    return import_organizations(world.actor("administrator"), world["P"], read=read_csv(content), **how)


GOOD = csv_of("W2,Ward Two,sub,W,,,", "W,Ward,sub,P,Pune,,", "L,New Lab,third_party,P,,services,2026-01-01")


def test_children_may_stand_before_their_parents(world):
    made = run(world, GOOD)
    assert [row.code for row in made.new] == ["W", "L", "W2"]
    assert [node.code for node in tree.path_to(Organization.objects.get(code="W2"))] == ["P", "W", "W2"]
    assert tree.verify_tree() == []
    assert Affiliation.objects.get(participant__code="L").legal_basis == "services"
    assert Placement.objects.filter(organization__code__in=["W", "W2", "L"], ends_on=None).count() == 3
    assert AuditEvent.objects.filter(verb="organization.added", new__code="W2", new__under="W").count() == 1
    assert AuditEvent.objects.get(verb="organization.imported").new == {"new": 3, "changed": 0, "left_out": 0}


def test_a_second_run_changes_nothing(world):
    run(world, GOOD)
    before = AuditEvent.objects.count()
    made = run(world, GOOD)
    assert (len(made.new), len(made.changed), made.equal) == (0, 0, 3)
    assert AuditEvent.objects.count() == before


def test_what_changed_is_named_and_written(world):
    version = world["S"].version
    made = run(world, csv_of("S,North Hospital,sub,P,Pune,,", "Q,Quay Partners,,P,,partnership,2020-01-01"))
    assert {one.row.code: one.fields for one in made.changed} == {
        "S": {"name": ("North Clinic", "North Hospital"), "city": ("", "Pune")},
        "Q": {"legal_basis": ("services agreement", "partnership")},
    }
    one = world["S"]
    assert (one.name, one.city, one.version) == ("North Hospital", "Pune", version + 1)
    assert "hospital" in one.search_key
    assert Affiliation.objects.get(participant=world["Q"]).legal_basis == "partnership"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["A,Ay,sub,P,,,", "A,Be,sub,P,,,"], "line 3: A is at line 2 already"),
        (["A,Ay,sub,P,,,", "A,Ay,sub,S,,,"], "line 3: A is under P at line 2 and under S here"),
        (["A,Ay,sub,B,,,", "B,Be,sub,C,,,", "C,Ce,sub,A,,,"], "line 2: A cycle: A → B → C → A"),
        (["A,Ay,sub,A,,,"], "line 2: A cycle: A → A"),
        (["A,Ay,sub,B,,,", "B,Be,sub,A,,,", "D,De,sub,A,,,"], "line 4: D hangs below A"),
        (["A,Ay,sub,NOBODY,,,"], "line 2: NOBODY is above A, and is neither in the file nor in the network"),
        (["A,Ay,sub,,,,"], "line 2: A has no organization above it"),
        (["A,Ay,clinic,P,,,"], "'clinic' is no kind"),
        (["A,Ay,sub,X,,,"], "takes nothing below it"),
        (["L,Lab,third_party,P,,x,2026-01-01", "A,Ay,sub,L,,,"], "line 3: Lab is a third party"),
        (["A,Ay,sub,S,,,", "B,Be,sub,A,,,"], "line 3: Below Ay this would make 3 levels of subs"),
        (["A,Ay,partner,P,,,"], "needs a contract"),
        (["A,Ay,partner,P,,x,tomorrow"], "'tomorrow' is no day"),
        (["A,Ay,sub,P,,x,2026-01-01"], "A sub has no contract"),
        (
            ["S,North Clinic,sub,T,,,"],
            "S stands under P and the file says T; an import moves nothing. Move it on its page",
        ),
        (["S,North Clinic,partner,P,,x,2026-01-01"], "a kind never changes"),
        (["A,,sub,P,,,"], "It has no name"),
        ([",Ay,sub,P,,,"], "It has no code"),
        (["A/B,Ay,sub,P,,,"], "has a slash"),
        (["A,=1+1,sub,P,,,"], "starts like a formula"),
        ([f"A,{'x' * 201},sub,P,,,"], "201 characters; at most 200"),
        (["A,A\x07y,sub,P,,,"], "control character"),
        (["A,Ay,sub,P,,,,,"], "line 2: The line has 9 cells, the header 7"),
        (["Z,Other,parent,,,,", "ZZ,Third,parent,,,,"], "second parent organization"),
        (["A,North Clinic,sub,P,,,"], "S has the same name and city"),
    ],
)
def test_every_mistake_names_its_line(world, lines, said):
    assert any(said in one for one in problems(csv_of(*lines))), problems(csv_of(*lines))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("time_zone", "Mars/Olympus", "no IANA time zone"),
        ("country", "XX", "no ISO 3166-1 country"),
        ("currency", "RUPEES", "no ISO 4217"),
        ("email", "nobody", "no e-mail address"),
    ],
)
def test_unknown_zones_countries_and_currencies(world, column, value, said):
    content = f"code,name,parent_code,{column}\nA,Ay,P,{value}\n".encode()
    assert any(said in one for one in problems(content))


def test_all_or_nothing_and_per_branch(world):
    content = csv_of("A,Ay,sub,P,,,", "A2,Ay Two,sub,A,,,", "B,Be,sub,P,,,", "B2,Be Two,clinic,B,,,")
    with pytest.raises(Refused, match="Nothing was imported: 3 new"):
        run(world, content)
    assert not Organization.objects.filter(code="A").exists()
    made = run(world, content, per_branch=True)
    assert [row.code for row in made.new] == ["A", "A2"]
    assert sorted(made.withheld) == ["B", "B2"]
    assert not Organization.objects.filter(code="B").exists()


def test_who_may(world):
    with pytest.raises(PermissionDenied):
        import_organizations(world.actor("local_admin"), world["P"], read=read_csv(GOOD))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"code,name\0", "NUL"),
        ("code,name,parent_code\nA,B,C\n".encode("utf-16"), "UTF-16"),
        (b"code,name,parent_code\nA,\xe9,P\n", "Line 2 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\xff", "not UTF-8"),
        (b"code,name,parent_code\n", "no line below"),
        (b"code,name,colour,parent_code\nA,B,C,D\n", "Unknown column 'colour'"),
        (b"code,code,name,parent_code\nA,B,C,D\n", "there twice"),
        (b"code,name\nA,B\n", "needs the columns"),
        (b"code,name,path,parent_code\nA,B,C,D\n", "Keep one of the two"),
        (b'code,name,parent_code\nA,"' + b"x" * 200_000, "no CSV"),
        (b"code,name,parent_code\n" + b"A,B,P\n" * 50_001, "more than 50,000"),
    ],
)
def test_files_that_cannot_be_read(content, said):
    with pytest.raises(Unreadable, match=said):
        read_csv(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "no JSON"),
        (b"[]", "no FHIR Bundle"),
        (b'{"resourceType": "Patient", "entry": []}', "no FHIR Bundle"),
        (b'{"resourceType": "Bundle", "entry": []}', "no Organization"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_bundles_that_cannot_be_read(content, said):
    with pytest.raises(Unreadable, match=said):
        read_fhir(content)


def test_odd_resources_are_problems_and_no_faults(world):
    odd = [None, 7, {"resource": []}, {"resource": {"resourceType": "Patient", "id": "p"}}]
    bare = {"resource": {"resourceType": "Organization", "name": ["x"], "partOf": "P", "telecom": [None]}}
    lost = {"resource": {"resourceType": "OrganizationAffiliation", "id": "a"}}
    bundle = {"resourceType": "Bundle", "entry": [*odd, bare, lost]}
    made = plan(read_fhir(json.dumps(bundle).encode()), known_organizations())
    assert any(one.where == "entry 6 (OrganizationAffiliation/a)" for one in made.problems)
    assert any("no name" in one.text and one.where.startswith("entry 5") for one in made.problems)


def test_a_byte_order_mark_semicolons_and_quoted_formulas_are_read():
    (row,) = read_csv("\ufeffcode;name;parent_code;phone\na;Ay;p;'+91 20\n".encode()).rows
    assert (row.code, row.parent, row.values["phone"]) == ("A", "P", "+91 20")


@pytest.mark.parametrize("form", [ADJACENCY, PATH, "fhir"])
def test_what_is_exported_imports_into_an_empty_network_and_exports_the_same(cast, form):
    def export() -> str:
        rows = exported_rows()
        return write_fhir(rows) if form == "fhir" else "".join(write_csv(rows, form=form))

    with bound(cast.network.pk):
        run(cast, csv_of('W,\'=Ward "1"\u00e9,sub,S,Pune,,', "K,\u0915,partner,S,,x,2026-01-01"))
        first = export()
    empty = create_network(
        SYSTEM, cast.enterprise, NewNetwork(code="E", name="Empty", currency="USD", max_sub_depth=2)
    )
    with bound(empty.pk):
        read = read_fhir(first.encode()) if form == "fhir" else read_csv(first.encode())
        import_organizations(SYSTEM, tree.root(), read=read)
        assert export() == first
        assert tree.verify_tree() == []
        again = import_organizations(SYSTEM, tree.root(), read=read)
        assert (again.new, again.changed, again.problems) == ([], [], [])


def test_the_list_offers_files_that_import_again(cast, browse):
    client = browse("administrator")
    page = client.get(reverse("organization-list")).content.decode()
    for route in ("organization-export-parents", "organization-export-paths", "organization-export-fhir"):
        assert reverse(route) in page
        assert reverse(route) not in browse("local_admin").get(reverse("organization-list")).content.decode()
    own = b"".join(client.get(reverse("organization-export-parents")).streaming_content)
    paths = b"".join(client.get(reverse("organization-export-paths")).streaming_content)
    bundle = client.get(reverse("organization-export-fhir")).content
    with bound(cast.network.pk):
        for read in (read_csv(own), read_csv(paths), read_fhir(bundle)):
            made = plan(read, known_organizations())
            assert (made.new, made.changed, made.equal, made.problems) == ([], [], 7, [])


def test_the_number_of_statements_does_not_follow_the_number_of_rows(world):
    def statements(prefix: str, many: int) -> int:
        lines = [
            f"{prefix}{n},{prefix} {n},sub,{'P' if n < 5 else f'{prefix}{n % 5}'},,," for n in range(many)
        ]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            run(world, csv_of(*lines))
        return len(asked)

    assert statements("A", 20) == statements("B", 200)


def test_the_command(own_world, tmp_path, capsys):
    file, network = tmp_path / "o.csv", str(own_world.network.pk)
    file.write_bytes(GOOD)
    call_command("import_organizations", str(file), network=int(network), dry_run=True)
    assert "3 new, 0 changed, 0 equal, 0 errors, 0 warnings. Nothing was written." in capsys.readouterr().out
    call_command("import_organizations", str(file), network=int(network), json=True)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["new"] == ["W", "L", "W2"]
    told = [int(line.removesuffix(" %")) for line in printed.err.splitlines()]
    assert told == sorted(told)
    assert {10, 70, 90} <= set(told)
    file.write_bytes(csv_of("A,Ay,sub,NOBODY,,,"))
    with pytest.raises(SystemExit):
        call_command("import_organizations", str(file), network=int(network))
    assert "error: line 2: NOBODY is above A" in capsys.readouterr().out
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_organizations", str(tmp_path / "none.csv"), network=int(network))
    call_command("export_organizations", network=int(network), format="csv-path")
    assert "P/W/W2,Ward Two,sub" in capsys.readouterr().out


def test_what_is_edited_in_the_meantime_is_kept(own_world):
    """A file that says another name says nothing of the telephone."""
    spoken = replace(details("North Clinic", "S"), phone="+91 20 5550 100")
    with bound(own_world.network.pk):
        north = own_world["S"]
    _, made = meeting(
        own_world.network.pk,
        lambda: edit_organization(SYSTEM, north, details=spoken, version=north.version),
        lambda: run(own_world, csv_of("S,North Hospital,sub,P,,,")),
    )
    assert len(made.changed) == 1
    with bound(own_world.network.pk):
        assert (own_world["S"].name, own_world["S"].phone) == ("North Hospital", "+91 20 5550 100")


def test_the_same_file_twice_at_once_is_written_once(own_world):
    _, late = meeting(own_world.network.pk, lambda: run(own_world, GOOD), lambda: run(own_world, GOOD))
    assert (late.new, late.changed, late.equal) == ([], [], 3)
