"""Content packages: signed, previewed as new, changed or equal, taken over by a person, and never linked."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEvent
from core.access import Denied
from core.content_package import Difference, compare, parts_in_order, read_package, write_package
from core.errors import Refused
from core.settings import Mode
from core.tenancy import bound
from ledger.actions.catalog import edit_service
from ledger.models import Package, RuleVersion, Service
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.content_package import export_content, import_content
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.network import NewNetwork, create_network
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import Organization, SettingAssignment
from orgs.queries import tree
from tests.cast import CANARY, SYSTEM, make_user
from tests.ledger.market import open_market

PARTS = [part.code for part in parts_in_order()]


@pytest.fixture
def packed(cast):
    """The content of the main network, whose market and settings are there."""
    with bound(cast.network.pk):
        open_market(cast)
        new = NewValue(15, Mode.ENFORCED, "Agreed with the auditors.")
        assign_setting(SYSTEM, cast["P"], setting=DISCOUNT_CAP, new=new)
        return export_content(SYSTEM, tree.root(), parts=PARTS)


@pytest.fixture
def west(cast):
    """An empty Parent Account with the same currency."""
    return create_network(SYSTEM, cast.enterprise, NewNetwork("WEST", "West Health", "USD"))


def differences(text):
    return {(one.part.code, one.item.code): one.difference for one in compare(read_package(text))}


def test_it_makes_the_same_content_elsewhere_and_then_finds_it_equal(cast, packed, west):
    with bound(west.pk):
        before = differences(packed)
        assert set(before.values()) <= {Difference.NEW, Difference.REFUSED}
        taken = import_content(SYSTEM, tree.root(), package=read_package(packed))
        assert taken[Difference.NEW] == list(before.values()).count(Difference.NEW) > 4
        assert DISCOUNT_CAP.at(tree.root()) == 15
        assert SettingAssignment.objects.get(key=DISCOUNT_CAP.key).mode == "enforced"
        assert Package.objects.get(code="CHECKUP").status == "draft"
        assert set(RuleVersion.objects.values_list("status", flat=True)) <= {"draft"}
        assert AuditEvent.objects.filter(verb="content.imported").count() == 1
        after = differences(packed)
        assert {key: value for key, value in after.items() if value != Difference.REFUSED} == {
            key: Difference.EQUAL for key, value in before.items() if value != Difference.REFUSED
        }
        with pytest.raises(Refused, match="Nothing was chosen"):
            import_content(SYSTEM, tree.root(), package=read_package(packed))


def test_it_is_copied_and_not_linked(cast, packed, west):
    with bound(west.pk):
        import_content(SYSTEM, tree.root(), package=read_package(packed))
    with bound(cast.network.pk):
        service = Service.objects.get(code="LAB")
        edit_service(SYSTEM, service, name="Laboratory renamed", version=service.version)
    with bound(west.pk):
        assert Service.objects.get(code="LAB").name != "Laboratory renamed"


def test_what_changed_is_shown_value_by_value_and_taken_over_by_choice(cast, packed, west):
    with bound(west.pk):
        import_content(SYSTEM, tree.root(), package=read_package(packed))
        service = Service.objects.get(code="LAB")
        edit_service(SYSTEM, service, name="Our own name", category=service.category, version=service.version)
        assign_setting(SYSTEM, tree.root(), setting=DISCOUNT_CAP, new=NewValue(99))
        changed = {
            one.item.code: one
            for one in compare(read_package(packed))
            if one.difference == Difference.CHANGED
        }
        assert set(changed) == {"LAB", DISCOUNT_CAP.key}
        assert ("name", "Our own name", changed["LAB"].item.name) in changed["LAB"].changes
        import_content(
            SYSTEM, tree.root(), package=read_package(packed), chosen={("settings", DISCOUNT_CAP.key)}
        )
        assert DISCOUNT_CAP.at(tree.root()) == 15
        assert Service.objects.get(code="LAB").name == "Our own name"


def test_another_currency_and_unknown_places_are_refused_with_the_reason(cast, packed):
    other = create_network(SYSTEM, cast.enterprise, NewNetwork("EAST", "East Health", "EUR"))
    with bound(other.pk):
        problems = {one.item.code: one.problem for one in compare(read_package(packed)) if one.problem}
        assert "priced in USD; this Parent Account keeps EUR" in problems["CHECKUP"]
        assert not any(CANARY in problem for problem in problems.values())


def test_it_is_all_or_nothing(cast, packed, west):
    with bound(west.pk):
        with pytest.raises(Refused, match=r"Packages, .*needs the service"):
            import_content(
                SYSTEM,
                tree.root(),
                package=read_package(packed),
                chosen={("settings", DISCOUNT_CAP.key), ("packages", "CHECKUP")},
            )
        assert not SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body | {"source": "Somebody else"},
        lambda body: body | {"signature": "0" * 64},
        lambda body: body | {"signature": "ä"},
        lambda body: body | {"signature": None},
        lambda body: body | {"format": "caretree-content/9"},
        lambda body: {key: value for key, value in body.items() if key != "signature"},
        lambda body: body | {"parts": {**body["parts"], "services": []}},
        lambda body: [body],
        lambda body: "text",
    ],
)
def test_what_was_changed_or_made_elsewhere_is_refused(packed, spoil):
    with pytest.raises(Refused) as refusal:
        read_package(json.dumps(spoil(json.loads(packed))))
    assert refusal.value.field == "file"


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=300) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_no_text_is_taken_for_a_package(text):
    with pytest.raises(Refused):
        read_package(text)


def test_nested_nonsense_is_refused():
    with pytest.raises(Refused):
        read_package("[" * 100_000)


def test_only_those_who_may(cast, packed):
    with bound(cast.network.pk):
        for persona in ("finance", "local_admin", "auditor"):
            with pytest.raises(Denied):
                export_content(cast.actor(persona), tree.root(), parts=PARTS)
            with pytest.raises(Denied):
                import_content(cast.actor(persona), tree.root(), package=read_package(packed))


def test_a_package_holds_nothing_of_another_network(packed):
    assert CANARY not in packed
    assert "patient" not in packed.lower().replace("payer_type", "")


def test_the_page_shows_takes_over_and_keeps_the_file(cast, packed, west):
    client = cast.client("administrator")
    answer = client.post(reverse("content-export"), {"_network": cast.network.pk, "parts": ["settings"]})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="content-P-')
    assert set(json.loads(answer.content)["parts"]) == {"settings"}
    url, base = reverse("content-import"), {"_network": cast.network.pk}
    file = SimpleUploadedFile("content.json", packed.encode(), "application/json")
    page = client.post(url, base | {"file": file}).content.decode()
    assert "equal" in page
    answer = client.post(url, base | {"payload": packed, "_apply": "1", "items": ["settings zq"]})
    assert answer.status_code == 422
    assert "Nothing was chosen" in answer.content.decode()
    answer = client.post(url, base | {"file": SimpleUploadedFile("x.json", b"\xff\xfe\x00")})
    assert (answer.status_code, "no text file" in answer.content.decode()) == (422, True)


def test_the_commands_do_the_same(cast, packed, west, tmp_path, capsys):
    file = tmp_path / "content.json"
    call_command("export_content", network=cast.network.pk, out=file)
    call_command("import_content", str(file), network=west.pk, dry_run=True, json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["dry_run"]
    assert {"part": "services", "code": "LAB", "difference": "new", "problem": ""} in said["items"]
    with bound(west.pk):
        assert not Service.objects.exists()
    call_command("import_content", str(file), network=west.pk)
    with bound(west.pk):
        assert Service.objects.filter(code="LAB").exists()
        assert Organization.objects.count() == 1


def test_what_a_release_took_out_is_said_and_left(cast, west):
    with bound(west.pk):
        text = write_package(source="x", made_at="now", codes=["settings"])
        body = json.loads(text)
        assert body["parts"] == {"settings": []}


@pytest.mark.parametrize("route", ["content-export", "content-import"])
def test_who_administers_a_branch_neither_takes_nor_changes_what_is_the_parents(cast, packed, route):
    with bound(cast.network.pk):
        user = make_user("Bea Branch", "bea@harbor.example")
        new = NewMembership(role="network_administrator")
        grant_membership(SYSTEM, cast["S"], user=user, new=new)
        cast.users["branch"] = user
        with pytest.raises(Denied):
            export_content(cast.actor("branch"), tree.root(), parts=PARTS)
        with pytest.raises(Denied):
            import_content(cast.actor("branch"), tree.root(), package=read_package(packed))
    client = cast.client("branch")
    assert client.get(reverse(route)).status_code == 403
    file = SimpleUploadedFile("content.json", packed.encode())
    answer = cast.post(client, reverse(route), {"parts": PARTS, "file": file})
    assert answer.status_code == 403
