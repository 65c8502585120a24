"""Every form with every kind of nonsense: an answer that says what is wrong, what was typed kept, nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.input.attack import CARRIED, Attack
from tests.input.routes import ENTRIES, Entry, posting_routes
from tests.input.values import BARELY, LONG, MARKUP, NEVER, PLAIN
from tests.input.world import World

#: Of which table a record in an address is; the same id in another table proves nothing.
TABLES = {
    **dict.fromkeys(("organization", "sub", "sibling", "suspended", "long", "vendor"), "orgs_organization"),
    **dict.fromkeys(("drafted", "asked", "accepted", "held", "completed"), "vendors_servicerequest"),
    "membership": "orgs_membership",
    "invitation": "orgs_invitation",
    "patient": "patients_patient",
    "service": "ledger_service",
    "tax_code": "ledger_taxcode",
    "package": "ledger_package",
    "open_entitlement": "ledger_entitlement",
    "vendor_service": "vendors_vendorservice",
    "contact": "vendors_vendorcontact",
}
#: What may be taken and then be too much for the page that shows it.
SHOWN_AFTERWARDS = ("bigint", "amount at bigint", "first day", "last day", "last")
each_form = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.route)
#: One form of each kind of view, for what doesn't depend on the fields.
KINDS = [
    entry
    for entry in ENTRIES
    if entry.route
    in ("account_login", "invitation-accept", "organization-edit", "counter-sell", "portal-link-send", "request-send", "portal-task-complete")
]  # fmt: skip


@pytest.fixture
def attack(entry: Entry, world: World) -> Attack:
    return Attack(world, entry)


def test_every_form_has_an_entry():
    assert posting_routes() == {entry.route for entry in ENTRIES}


@each_form
def test_right(attack):
    """The entry is right: what it sends is done."""
    attack.expect("right", attack.send(attack.right, follow=True), attack.entry.answer)
    attack.done()


@each_form
def test_what_no_field_may_take(attack):
    """All fields at once, each with what its kind can't take: each says so for itself, and shows it again."""
    names = [
        name for name in attack.fields() if attack.kind(name) in NEVER and name not in attack.entry.lenient
    ]
    for round_ in range(max((len(NEVER[attack.kind(name)]) for name in names), default=0)):
        typed = {}
        for name in names:
            values = list(NEVER[attack.kind(name)].items())
            typed[name] = values[round_ % len(values)]
        data = attack.right | {name: [value] for name, (_, value) in typed.items()}
        what = ", ".join(f"{name} {label}" for name, (label, _) in typed.items())[:200]
        answer = attack.send(data, dialog=True)
        attack.refused(what, answer, names)
        attack.kept(what, answer, data)
    attack.done()


@each_form
def test_what_a_field_may_barely_take(attack):
    """Odd but legible: taken or refused, and escaped wherever it is shown afterwards."""
    for label, value in PLAIN.items():
        data = attack.right | {name: [value] for name in attack.fields("text", "textarea", "password")}
        answer = attack.send(data, dialog=True, follow=label == "markup")
        attack.expect(f"texts {label}", answer)
        attack.kept(f"texts {label}", answer, data)
        if answer.status == attack.entry.refusal:
            for name in attack.fields("text", "textarea"):
                if f'_{name}_error"' not in answer.body and label == "markup":
                    one = attack.send(attack.right | {name: [value]}, dialog=True, follow=True)
                    attack.expect(f"{name} {label}", one)
    for name in {*attack.fields(*BARELY), *attack.entry.lenient}:
        never = NEVER.get(attack.kind(name), {}) if name in attack.entry.lenient else {}
        few = {label: never[label] for label in ("negative", "huge", "nan", "nul") if label in never}
        for label, value in (BARELY.get(attack.kind(name), {}) | few).items():
            data = attack.right | {name: [value]}
            answer = attack.send(data, dialog=True, follow=label in SHOWN_AFTERWARDS)
            attack.expect(f"{name} {label}", answer)
            attack.kept(f"{name} {label}", answer, data)
    attack.done()


@each_form
def test_other_shapes(attack):
    """Nothing, too much, everything twice, and records of another network."""
    right, carried = attack.right, {name: attack.right[name] for name in CARRIED if name in attack.right}
    attack.expect("nothing typed", attack.send(carried))
    attack.expect("more fields", attack.send(right | {"id": "1", "network_id": "1", "": "x", "status": "x"}))
    twice = {
        name: values if name in CARRIED else [*values, *values, MARKUP] for name, values in right.items()
    }
    attack.expect("everything twice", attack.send(twice))
    for name in attack.fields("select", "multiple"):
        table = table_of(name)
        if not table:
            continue
        answer = attack.send(right | {name: [str(attack.world.foreign[table])]}, dialog=True)
        attack.expect(f"{name} of another network", answer, 422)
    attack.done()


def table_of(name: str) -> str:
    """The table to which a field for choosing leads; '' when it leads to none."""
    if name in ("organization", "parent", "holder", "sellers", "redeemers"):
        return "orgs_organization"
    if name in ("vendor_service", "tax_code"):
        return {"vendor_service": "vendors_vendorservice", "tax_code": "ledger_taxcode"}[name]
    return "ledger_service" if name.startswith("service") else ""


@each_form
def test_what_the_form_carries(attack):
    """Network, version and key: missing, foreign, stale."""
    right = attack.right
    foreign = str(attack.world.stage.cast.foreign[0].pk)
    mixed_up = (409,) if "_network" in right and attack.entry.route != "portal-sign-out" else ()
    for what, data in (
        ("another network", right | {"_network": [foreign]}),
        ("no network", {name: values for name, values in right.items() if name != "_network"}),
    ):
        answer = attack.send(data)
        attack.expect(what, answer, *mixed_up)
        if mixed_up:
            shows_what_was_typed(attack, what, answer)
    if "_version" in right:
        for what, version in (
            ("stale", "0"),
            ("newer", str(int(right["_version"][0]) + 1)),
            ("odd", "\u00b2"),
        ):
            data = right | {"_version": [version]}
            answer = attack.send(data, dialog=True)
            attack.expect(what, answer, 409)
            attack.kept(what, answer, data)
        attack.expect(
            "no version", attack.send({k: v for k, v in right.items() if k != "_version"}, dialog=True), 409
        )
    if "_key" in right:
        for key in ("", "a\0b", LONG, MARKUP, "\ufeff \n"):
            attack.expect(f"key {key[:20]!r}", attack.send(right | {"_key": [key]}, dialog=True))
    attack.done()


def shows_what_was_typed(attack: Attack, what: str, answer: Any) -> None:
    """A form of another network is not shown again, but what was typed into it is."""
    for name in attack.fields("text", "textarea", "amount"):
        for typed in attack.right.get(name, ()):
            if typed and typed not in answer.body:
                attack.wrong.append(f"{what}: {typed!r} of {name} is lost")


@pytest.mark.parametrize("entry", KINDS, ids=lambda entry: entry.route)
def test_malformed(attack):
    """Carried values and bodies that no page sends."""
    entry, right = attack.entry, attack.right
    for name in ("_network", "_version"):
        for value in ("", "zq", "-1", "9" * 31, "1\0", "1.0", LONG, MARKUP) if name in right else ():
            attack.expect(f"{name} {value[:20]!r}", attack.send(right | {name: [value]}), 409)
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=zq"
    head = b'--zq\r\nContent-Disposition: form-data; name="name"'
    for what, body, kind in (
        ("json", b'{"name": "zq"}', "application/json"),
        ("no type", b"\xff\xfe\0", ""),
        ("no names", b"=1&&=&%00=%00", form),
        ("invalid UTF-8", b"_network=%ff%fe&name=%ED%A0%80&reason=\xff\xfe&quantity=%00", form),
        ("another charset", b"name=%e9", f"{form}; charset=utf-16"),
        ("no boundary", b"x", "multipart/form-data"),
        ("broken head", head[:-1] + b"\r\n\r\n\0", parts),
        ("no end", head + b'; filename="\0\xff"\r\n\r\n' + b"x" * 9000, parts),
        ("huge number of rows", b"row-TOTAL_FORMS=999999999999&row-INITIAL_FORMS=-1", form),
    ):
        answer = attack.world.send(entry.by, "post", attack.path, body, content_type=kind)
        attack.expect(what, answer, 200, 302, 400, 409, 422)
    for what, body in (
        ("too large", b"name=" + b"x" * 3_000_000),
        ("too many", b"&".join(b"f%d=" % n for n in range(1100))),
    ):
        attack.expect(
            what, attack.world.send(entry.by, "post", attack.path, body, content_type=form), 400, 413
        )
    attack.done()


@each_form
def test_another_method_or_record(attack):
    """Methods that the page doesn't know, and addresses of records that aren't there."""
    for method in ("put", "delete", "patch"):
        answer = attack.world.send(attack.entry.by, method, attack.path)
        attack.expect(method, answer, 405, 409, *((200,) if attack.entry.refusal == 200 else ()))
    attack.expect("options", attack.world.send(attack.entry.by, "options", attack.path))
    missing = ["0", "9" * 30, "9" * 5000, "-1", "%00"]
    numbers = [position for position, part in enumerate(attack.path.split("/")) if part.isdigit()]
    for position, record in zip(numbers, attack.entry.records, strict=False):
        foreign = [str(attack.world.foreign[TABLES[record]])] if record in TABLES else []
        for wrong in missing + foreign:
            parts = attack.path.split("/")
            parts[position] = wrong
            answer = attack.world.send(attack.entry.by, "post", "/".join(parts), attack.right)
            attack.expect(f"record {wrong[:10]}", answer, 404, 409)
    attack.done()


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.other], ids=lambda entry: entry.route)
def test_a_key_used_again(attack):
    """The same again finds the first result; the key doesn't serve for something else."""
    attack.world.client(attack.entry.by).post(attack.path, attack.right)
    attack.expect("again", attack.send(attack.right), attack.entry.answer)
    other = {name: [value] for name, value in attack.entry.other.items()}
    attack.expect("for something else", attack.send(attack.right | other), 409, 422)
    attack.done()
