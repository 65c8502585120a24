"""What is on where: the rules one by one, and the same answer in Python and in SQL whatever is switched."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import now
from core.modules import (
    Module,
    all_modules,
    all_profiles,
    bringing,
    declare,
    everything,
    module_of,
    needed_by,
    that_need,
    why_not_offered,
)
from core.tenancy import forget
from orgs.models import ModuleAssignment
from orgs.queries.module import in_force_at, standings_at
from orgs.queries.setting import lock_settings
from orgs.rules.switching import Switch, first_off, topmost_off

CODES = ("P", "S", "T", "Q", "R")
MODULES = ("packages", "outpatient", "telehealth", "rules", "finance", "emr.cardiology")


def word(world, code, module):
    place = world[code]
    return standings_at([place.pk], [module_of(module)])[place.pk][module].word


def switch(where: int, is_on: bool) -> Switch:
    return Switch(where, f"Place {where}", is_on, "Because.", "Ada", now())


def test_the_topmost_off_counts_and_an_on_below_it_does_not():
    switches = {1: switch(1, False), 2: switch(2, True), 3: switch(3, False)}
    assert topmost_off((1, 2, 3), switches).organization_id == 1
    assert topmost_off((2, 3), switches).organization_id == 3
    assert topmost_off((2,), switches) is None
    assert first_off((1, 2), ("a", "b"), {"b": switches})[0] == "b"
    assert first_off((2,), ("a", "b"), {"b": switches}) is None


def test_an_organization_has_only_what_its_parent_has(world, off, on):
    off("Q", "packages")
    assert [word(world, code, "packages") for code in CODES] == ["on", "on", "on", "off", "above"]
    off("P", "packages")
    assert [word(world, code, "packages") for code in CODES] == ["off", "above", "above", "off", "above"]
    on("P", "packages")
    assert [word(world, code, "packages") for code in CODES] == ["on", "on", "on", "off", "above"]
    on("Q", "packages")
    assert {word(world, code, "packages") for code in CODES} == {"on"}


def test_what_requires_another_goes_off_with_it(world, off):
    off("S", "outpatient")
    assert word(world, "S", "telehealth") == "needs"
    assert word(world, "T", "telehealth") == "on"
    assert {one.code for one in that_need("outpatient")} == {"telehealth", "maternity", "day_care"}
    assert module_of("telehealth").off_at(world["S"]).cause == module_of("outpatient")
    said = module_of("telehealth").why_off(world["S"])
    assert "“Telehealth” is switched off at North Clinic. It needs “Outpatient”." in said
    assert "by test on" in said
    assert "The board decided so" in said
    assert "Ask an administrator of Harbor Health" in said


def test_a_category_is_offered_where_anything_that_brings_it_is_on(world, off):
    place = world["S"]
    assert {one.code for one in bringing(" Rehabilitation ")} == {"physiotherapy", "emr.physiotherapy"}
    off("S", "physiotherapy")
    assert why_not_offered(place, "rehabilitation") == ""
    assert "“Physiotherapy” is switched off" in why_not_offered(place, "Physiotherapy")
    off("S", "emr.physiotherapy")
    assert "Physiotherapy practice" in why_not_offered(place, "rehabilitation")
    assert why_not_offered(place, "nobody brings it") == why_not_offered(place, "") == ""
    assert why_not_offered(world["T"], "physiotherapy") == ""


def test_a_move_below_what_is_off_switches_off_at_once(world, off):
    from orgs.actions.organization import move_organization

    off("Q", "dental")
    assert module_of("dental").off_at(world["R"]) is not None
    annex = world["R"]
    move_organization(
        world.actor("administrator"), annex, to=world["P"], reason="Nearer.", version=annex.version
    )
    assert module_of("dental").off_at(world["R"]) is None


def test_the_registry_is_what_it_should_be():
    assert len(all_modules()) == 20
    assert len(all_profiles()) >= 12
    assert all(one.permissions or one.categories for one in everything()), "a module that switches nothing"
    assert all(one.specialties and one.template_codes and one.categories for one in all_profiles())
    assert needed_by("rules") == ("rules", "finance")
    with pytest.raises(ValueError, match="declared twice"):
        declare(Module("packages", "Other", "", ""))
    with pytest.raises(ValueError, match="isn't declared before"):
        declare(Module("unheard", "Unheard", "", "", requires=("of",)))
    with pytest.raises(ValueError, match="no known area"):
        declare(Module("unheard", "Unheard", "", "", area="nowhere"))


SWITCHED = st.dictionaries(
    st.tuples(st.sampled_from(CODES), st.sampled_from(MODULES)), st.booleans(), max_size=12
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(switched=SWITCHED)
def test_python_and_the_database_agree(world, switched):
    lock_settings()
    ModuleAssignment.objects.all().delete()
    for (code, module), is_on in switched.items():
        ModuleAssignment.objects.create(
            organization=world.organizations[code],
            module=module,
            active=is_on,
            reason="test",
            set_by="test",
            set_at=now(),
        )
    forget()
    places = [world.organizations[code].pk for code in CODES]
    mine = standings_at(places, [module_of(code) for code in MODULES])
    assert in_force_at(places, MODULES) == {
        pk: {code: standing.off is None for code, standing in of.items()} for pk, of in mine.items()
    }


def test_reading_many_takes_constant_queries(world, off, django_assert_num_queries):
    off("S", "packages")
    places = [world.organizations[code].pk for code in CODES]
    standings_at(places[:1], everything())
    with django_assert_num_queries(1):
        standings_at(places[:1], everything())
    with django_assert_num_queries(1):
        standings_at(places, everything())


def test_what_others_commit_is_seen_by_the_next_binding(world, off):
    """The version is renewed by the database, whoever writes."""
    assert module_of("dental").off_at(world["S"]) is None
    lock_settings()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orgs_moduleassignment (organization_id, module, active, reason, set_by, set_at, version)"
            " VALUES (%s, 'dental', false, 'x', 'x', now(), 1)",
            [world["S"].pk],
        )
    forget()
    assert module_of("dental").off_at(world["S"]) is not None


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("'dental', false, '', 'x', now(), 1", "moduleassignment_off_reason"),
        ("'Dental!', true, '', 'x', now(), 1", "moduleassignment_code"),
        ("'', true, '', 'x', now(), 1", "moduleassignment_code"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(world, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orgs_moduleassignment (organization_id, module, active, reason, set_by, set_at, version)"
            f" VALUES (%s, {values})",
            [world["S"].pk],
        )


def test_the_database_refuses_two_answers_and_foreign_places(world, off):
    off("S", "dental")
    foreign = world.foreign[0].pk
    insert = (
        "INSERT INTO orgs_moduleassignment (network_id, organization_id, module, active, reason, set_by, set_at, version)"
        " VALUES (%s, %s, 'dental', true, '', 'x', now(), 1)"
    )
    for network, place in ((world.network.pk, world["S"].pk), (foreign, world["S"].pk)):
        with (
            pytest.raises(Exception, match=r"once|policy"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(insert, [network, place])
