"""Which network a command is told: its id, name or code."""

from __future__ import annotations

from argparse import _SubParsersAction
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import (
    CommandError,
    CommandParser,
    call_command,
    get_commands,
    load_command_class,
)

from core.models import Network
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant


def test_a_network_is_named_by_id_name_or_code(own_world):
    pk = own_world.network.pk
    for said in (pk, str(pk), "Harbor Health", "harbor health", "P", "p"):
        assert networks_meant(said) == [pk], said
    assert networks_meant(None) == sorted([pk, *(one.pk for one in own_world.foreign)])
    for said in ("", "0", "-1", "1.5", "Nowhere", "a\0b", "9" * 30, "9" * 6000, "²", "%"):
        with pytest.raises(CommandError, match="There is no network"):
            networks_meant(said)


def test_a_name_that_several_have_is_asked_by_id(own_world):
    for network in own_world.foreign:
        with bound(network.pk):
            Network.objects.filter(pk=network.pk).update(name="Twin")
    ids = ", ".join(str(one.pk) for one in own_world.foreign)
    with pytest.raises(CommandError, match=f"Several networks are called 'Twin': {ids}"):
        networks_meant("Twin")


def test_organizations_are_exported_and_imported_by_the_network_s_name(own_world, tmp_path):
    out, file = StringIO(), tmp_path / "more.csv"
    file.write_text("code,name,kind,parent_code\nW,Ward,sub,P\n")
    call_command("import_organizations", str(file), "--network", "Harbor Health", stdout=StringIO())
    call_command("export_organizations", "--network", "p", stdout=out)
    assert "Ward" in out.getvalue()


def networks_asked(parser: CommandParser) -> Iterator[tuple[bool, object, str]]:
    """How a command and what stands below it asks for the network."""
    for asked in parser._actions:
        if "--network" in asked.option_strings:
            yield asked.required, asked.type, asked.help
        if isinstance(asked, _SubParsersAction):
            for below in asked.choices.values():
                yield from networks_asked(below)


def test_every_command_asks_for_the_network_alike():
    alike = set()
    for required in (True, False):
        parser = CommandParser()
        add_network(parser, required=required)
        alike |= set(networks_asked(parser))
    ours = {name: app for name, app in get_commands().items() if (settings.BASE_DIR / app).is_dir()}
    asking = {
        name: set(networks_asked(load_command_class(app, name).create_parser("manage.py", name)))
        for name, app in ours.items()
    }
    assert sum(map(bool, asking.values())) > 10
    assert {name: asked - alike for name, asked in asking.items() if asked - alike} == {}
