"""Host names of a network's own: asking, confirming, giving up, and what the database refuses."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.hostname import confirm_host_name, give_up_host_name, request_host_name
from orgs.models import HostName
from orgs.queries.hostname import console_address, face_at, portal_address
from orgs.rules.hostname import address_at, host_name, is_of_installation
from tests.cast import SYSTEM

NAME = "care.harbor.example"


def ask(name=NAME, face="console") -> HostName:
    return request_host_name(SYSTEM, None, name=name, face=face)


def confirmed(name=NAME, face="console") -> HostName:
    return confirm_host_name(SYSTEM, ask(name, face))


# how names are written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (NAME, NAME),
        (" Care.Harbor.EXAMPLE. ", NAME),
        ("bücher.example", "xn--bcher-kva.example"),
        ("a.b-c.xn--p1ai", "a.b-c.xn--p1ai"),
        ("care.harbor.localhost", "care.harbor.localhost"),
    ],
)
def test_a_host_name_is_written_in_one_way(typed, written):
    assert host_name(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "localhost",
            "care",
            "127.0.0.1",
            "10.1.2.3",
            "[::1]",
            "::1",
            "0x7f.1",
            "care.harbor.example:8000",
        ),
        *("https://care.harbor.example", "care.harbor.example/x", "me@harbor.example", "*.harbor.example"),
        *(
            "-care.example",
            "care-.example",
            "ca_re.example",
            "care..example",
            "care harbor.example",
            "a.b\0.example",
        ),
        *("a." * 130 + "example", f"{'a' * 64}.example", "care.harbor.4"),
    ],
)
def test_what_is_no_host_name(typed):
    with pytest.raises(ValueError, match="“"):
        host_name(typed)


def test_a_name_that_browsers_write_otherwise_is_refused():
    with pytest.raises(ValueError, match="give it as xn--"):
        host_name("straße.example")


def test_what_is_the_installations_own():
    own = ["console.example.org", ".example.net", "127.0.0.1", "localhost", "*"]
    assert is_of_installation("console.example.org", own)
    assert is_of_installation("x.console.example.org", own)
    assert is_of_installation("example.net", own)
    assert not is_of_installation("care.example.org", own)
    assert not is_of_installation("care.harbor.localhost", own)


def test_an_address_keeps_scheme_and_port_of_the_installation():
    assert address_at(NAME, "https://console.example.org") == f"https://{NAME}"
    assert address_at(NAME, "http://127.0.0.1:8000") == f"http://{NAME}:8000"


# asking, confirming, giving up


def test_a_name_answers_only_once_it_is_confirmed_and_until_it_is_given_up(world):
    host = ask()
    assert face_at(NAME) is None
    confirm_host_name(SYSTEM, host)
    assert face_at(NAME) == (world.network.pk, "console")
    give_up_host_name(SYSTEM, host)
    assert face_at(NAME) is None
    assert [event.verb for event in AuditEvent.objects.order_by("-pk")[:3]] == [
        "hostname.given_up",
        "hostname.confirmed",
        "hostname.requested",
    ]


def test_only_an_operator_confirms(world):
    host = request_host_name(world.actor("administrator"), None, name=NAME, face="console")
    with pytest.raises(Refused, match="confirmed by an operator"):
        confirm_host_name(world.actor("administrator"), host)
    assert face_at(NAME) is None


@pytest.mark.parametrize("persona", ["local_admin", "finance", "desk"])
def test_who_may_not_ask(world, persona):
    with pytest.raises(Denied):
        request_host_name(world.actor(persona), None, name=NAME, face="console")


def test_refusals(world, settings):
    settings.ALLOWED_HOSTS = ["console.example.org"]
    with pytest.raises(Refused, match="is the installation's own"):
        ask("console.example.org")
    with pytest.raises(Refused, match="is no host name"):
        ask("care")
    ask()
    with pytest.raises(Refused, match="asked for this host name already"):
        ask()
    for number in range(9):
        ask(f"care{number}.harbor.example")
    with pytest.raises(Refused, match="at most 10 host names"):
        ask("one.more.example")


def test_several_may_ask_for_a_name_and_one_gets_it(cast):
    with bound(cast.network.pk):
        ours = ask()
    with bound(cast.foreign[0].pk):
        theirs = confirm_host_name(SYSTEM, ask())
    with bound(cast.network.pk), pytest.raises(Refused, match="confirmed for another network"):
        confirm_host_name(SYSTEM, ours)
    with bound(cast.foreign[0].pk):
        give_up_host_name(SYSTEM, theirs)
    with bound(cast.network.pk):
        confirm_host_name(SYSTEM, HostName.objects.get())
    assert face_at(NAME) == (cast.network.pk, "console")


def test_links_lead_to_the_name_that_was_confirmed_last(world, settings):
    settings.BASE_URL = "https://console.example.org"
    ask()
    assert console_address() == portal_address() == "https://console.example.org"
    confirmed("old.harbor.example")
    confirmed("new.harbor.example")
    confirmed("labs.harbor.example", "portal")
    assert console_address() == "https://new.harbor.example"
    assert portal_address() == "https://labs.harbor.example"


# attacks on the database

INSERT = "INSERT INTO orgs_hostname (name, face, requested_by, requested_at, confirmed_by, confirmed_at) VALUES (%s, %s, 'x', now(), %s, %s)"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ((NAME, "console", "", None), "hostname_once"),
        (("Care.harbor.example", "console", "", None), "hostname_written"),
        (("127.0.0.1", "console", "", None), "hostname_written"),
        (("care.example\n", "console", "", None), "hostname_written"),
        (("b.harbor.example", "both", "", None), "hostname_face_known"),
        (("b.harbor.example", "console", "me", None), "hostname_confirmed_by"),
        (("b.harbor.example", "console", "", "2026-01-01"), "hostname_confirmed_by"),
    ],
)
def test_the_database_refuses(world, values, constraint):
    ask()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, values)


def test_the_database_refuses_one_name_for_two_networks(cast):
    with bound(cast.network.pk):
        confirmed()
    with (
        bound(cast.foreign[0].pk),
        pytest.raises(IntegrityError, match="hostname_one_network"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(INSERT, (NAME, "portal", "me", "2026-01-01"))


# the command and the pages


def test_the_command_lists_confirms_and_withdraws(cast, capsys):
    network = cast.network.pk
    with bound(network):
        ask()
    call_command("hostnames", "confirm", NAME.upper(), network=network)
    capsys.readouterr()
    call_command("hostnames", "list", "--json", network=network)
    (found,) = json.loads(capsys.readouterr().out)["host_names"]
    assert (found["name"], found["network"], found["face"]) == (NAME, network, "console")
    assert found["confirmed_at"]
    with pytest.raises(CommandError, match="was confirmed already"):
        call_command("hostnames", "confirm", NAME, network=network)
    call_command("hostnames", "withdraw", NAME, network=network)
    with pytest.raises(CommandError, match="didn't ask for"):
        call_command("hostnames", "withdraw", NAME, network=network)


def test_a_person_asks_for_a_name_and_gives_it_up(cast, browse):
    client = browse("administrator")
    answer = cast.post(client, reverse("hostname-add"), {"name": "https://x.example", "face": "portal"})
    assert answer.status_code == 422
    assert "is an address; give the host name alone" in answer.content.decode()
    assert "https://x.example" in answer.content.decode()
    cast.post(client, reverse("hostname-add"), {"name": NAME, "face": "portal"})
    page = client.get(reverse("parent-account")).content.decode()
    assert NAME in page
    assert "Waits for an operator" in page
    with bound(cast.network.pk):
        host = HostName.objects.get()
    cast.post(client, reverse("hostname-give-up", args=[host.pk]))
    assert (
        NAME
        not in client.get(reverse("parent-account"))
        .content.decode()
        .partition("<main")[2]
        .partition("was given up")[2]
    )
    with bound(cast.network.pk):
        assert not HostName.objects.exists()
