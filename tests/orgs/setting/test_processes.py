"""Two processes that remember the same settings: what one writes, the other sees in its next action."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from core.clock import day_in, now
from core.modules import module_of
from core.settings import Mode
from core.tenancy import bound
from ledger.rules.settings import DISCOUNT_CAP
from network.databases import name_of
from orgs.actions.module import Switching, switch_modules
from orgs.actions.organization import edit_organization
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.queries.setting import _kept
from tests.cast import SYSTEM, details

#: A process of its own, which does a line of Python for each line that it is sent, each in a binding of its own.
OTHER = """
import sys

import django

django.setup()

from core.actors import SystemActor
from core.modules import module_of
from core.tenancy import bound
from ledger.rules.settings import DISCOUNT_CAP
from network.databases import use
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import Organization

database, network = sys.argv[1:]
use(database)
for line in sys.stdin:
    with bound(int(network)):
        here = {one.code: one for one in Organization.objects.all()}
        said = eval(line)
    print(repr(said), flush=True)
"""
READ = "DISCOUNT_CAP.at(here['S'])"


@pytest.fixture
def ask_other(own_world) -> Iterator[Callable[[str], str]]:
    """Ask the other process something, in its next binding."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, name_of(), str(own_world.network.pk)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "network.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout

    def ask(line: str) -> str:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    yield ask
    process.stdin.close()
    process.wait(30)


def test_what_one_sets_and_takes_away_the_other_has_at_once(own_world, ask_other):
    network = own_world.network.pk
    assert ask_other(READ) == "100"
    for value in (10, 20):
        with bound(network):
            assign_setting(
                SYSTEM, own_world["P"], setting=DISCOUNT_CAP, new=NewValue(value, Mode.ENFORCED, "So.")
            )
        assert ask_other(READ) == str(value)
    with bound(network):
        inherit_setting(SYSTEM, own_world["P"], setting=DISCOUNT_CAP)
    assert ask_other(READ) == "100"


def test_and_the_other_way_round(own_world, ask_other):
    network = own_world.network.pk
    for value in (10, 20):
        with bound(network):
            assert DISCOUNT_CAP.at(own_world["S"]) != value
        assert network in _kept
        write = f"assign_setting(SystemActor.of('test'), here['P'], setting=DISCOUNT_CAP, new=NewValue({value})).value"
        assert ask_other(write) == str(value)
        with bound(network):
            assert DISCOUNT_CAP.at(own_world["S"]) == value


def test_what_is_switched_off_is_off_in_the_other(own_world, ask_other):
    asked = "module_of('dental').off_at(here['S']) is not None"
    assert ask_other(asked) == "False"
    with bound(own_world.network.pk):
        switching = Switching((module_of("dental"),), False, "The board decided so.")
        switch_modules(SYSTEM, switching, organizations=[own_world["P"]])
    assert ask_other(asked) == "True"


def test_another_calendar_is_the_others_too(own_world, ask_other):
    """From tomorrow on in Pago Pago: on Kiritimati that is today already."""
    with bound(own_world.network.pk):
        parent = own_world["P"]
        zoned = replace(details(parent.name, parent.code), time_zone="Pacific/Pago_Pago")
        parent = edit_organization(SYSTEM, parent, details=zoned, version=parent.version)
        tomorrow = day_in(parent.time_zone, now()) + timedelta(days=1)
        assign_setting(SYSTEM, parent, setting=DISCOUNT_CAP, new=NewValue(10, starts_on=tomorrow))
    assert ask_other(READ) == "100"
    with bound(own_world.network.pk):
        zoned = replace(zoned, time_zone="Pacific/Kiritimati")
        edit_organization(SYSTEM, parent, details=zoned, version=parent.version)
    assert ask_other(READ) == "10"
