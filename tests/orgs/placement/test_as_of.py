"""The tree of a past day, against a replay of what was added and moved, and the rules of its table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import Refused
from orgs.actions.organization import add_organization, move_organization
from orgs.models import Organization, Placement
from orgs.queries import tree
from tests.cast import CONTRACT, SYSTEM, details

FIRST = date(2026, 1, 1)
STEP = st.tuples(
    st.sampled_from(["add", "move"]),
    st.integers(0, 3),  # days since the step before
    st.integers(0, 40),  # which one
    st.integers(0, 40),  # below which
)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class Replay:
    """What the placements have to say: every organization's first parent, and its moves in order."""

    def __init__(self, organizations: list[Organization]) -> None:
        self.first = {one.pk: one.parent_id for one in organizations}
        self.moves: list[tuple[date, int, int]] = []

    def parents(self, day: date) -> dict[int, int | None]:
        found = dict(self.first)
        for on, pk, parent in self.moves:
            if on <= day:
                found[pk] = parent
        return found

    def path(self, pk: int | None, day: date) -> list[int]:
        found, parents = [], self.parents(day)
        while pk is not None:
            found.insert(0, pk)
            pk = parents[pk]
        return found


def apply(step: tuple[str, int, int, int], day: date, ids: list[int], replay: Replay) -> None:
    what, _, which, below = step
    target = Organization.objects.get(pk=ids[below % len(ids)])
    if what == "add":
        number = len(ids)
        made = add_organization(
            SYSTEM, target, kind="partner", details=details(f"N{number}", f"N{number}"), contract=CONTRACT
        )
        ids.append(made.pk)
        replay.first[made.pk] = target.pk
        return
    one = Organization.objects.get(pk=ids[which % len(ids)])
    try:
        move_organization(SYSTEM, one, to=target, reason="Tidied up.", version=one.version)
    except Refused:
        return
    replay.moves.append((day, one.pk, target.pk))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=1, max_size=14))
def test_every_day_is_as_a_replay_says(world, steps):
    with transaction.atomic():
        ids = [world[code].pk for code in "PQ"]
        replay = Replay(list(Organization.objects.all()))
        day = FIRST
        for step in steps:
            day += timedelta(days=step[1])
            with clock.at(noon(day)):
                apply(step, day, ids, replay)
        for ago in range((day - FIRST).days + 2):
            then = day - timedelta(days=ago)
            past = tree.as_of(then)
            for pk in replay.first:
                one = Organization.objects.get(pk=pk)
                assert [node.pk for node in past.path_to(one)] == replay.path(pk, then)
            for pk in ids:
                below = {other for other in replay.first if pk in replay.path(other, then)}
                assert {node.pk for node in past.subtree(Organization.objects.get(pk=pk))} == below
        assert tree.verify_tree() == []
        transaction.set_rollback(True)


def test_what_is_consolidated_is_the_same_by_range_and_by_placements(world):
    add_organization(SYSTEM, world["S"], kind="sub", details=details("Ward", "W"))
    day = date(2026, 3, 1)
    before = {
        code: {one.code for one in tree.as_of(day).perimeter(world[code])} for code in "PSTQRX"
    }  # by range: nothing has moved since
    assert before["P"] == {"P", "S", "T", "W"}
    assert before["Q"] == {"Q", "R"}
    with clock.at(noon(date(2026, 3, 2))):
        one = world["X"]
        move_organization(SYSTEM, one, to=world["S"], reason="Nearer.", version=one.version)
    assert {code: {one.code for one in tree.as_of(day).perimeter(world[code])} for code in "PSTQRX"} == before


def test_a_move_keeps_why_and_who_and_the_day_of_the_organization(world):
    one = world["Q"]
    with clock.at(noon(date(2026, 3, 2))):
        move_organization(
            world.actor("administrator"), one, to=world["S"], reason="Merged.", version=one.version
        )
    now, before = Placement.objects.filter(organization=one).order_by("-pk")
    assert (before.parent_id, before.starts_on, before.ends_on) == (world["P"].pk, None, date(2026, 3, 1))
    assert (now.parent_id, now.starts_on, now.ends_on) == (world["S"].pk, date(2026, 3, 2), None)
    assert (now.reason, now.placed_by) == ("Merged.", "Ada Admin")


def test_two_moves_of_a_day_leave_the_last(world):
    with clock.at(noon(date(2026, 3, 2))):
        for to in "ST":
            one = world["Q"]
            move_organization(SYSTEM, one, to=world[to], reason="No, there.", version=one.version)
    assert list(
        Placement.objects.filter(organization=world["Q"])
        .order_by("pk")
        .values_list("parent__code", flat=True)
    ) == ["P", "T"]


def test_an_organization_is_not_moved_before_its_last_move(world):
    with clock.at(noon(date(2026, 3, 2))):
        one = world["Q"]
        move_organization(SYSTEM, one, to=world["S"], reason="There.", version=one.version)
    one = world["Q"]
    with (
        clock.at(noon(date(2026, 3, 1))),
        pytest.raises(DatabaseError, match="before the day of its last move"),
        transaction.atomic(),
    ):
        tree.move(one, world["T"])


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "INSERT INTO orgs_placement (network_id, organization_id, parent_id, starts_on, ends_on, reason, placed_by,"
            " placed_at) VALUES (%(network)s, %(q)s, %(p)s, '2020-01-01', '2020-02-01', '', '', now())",
            "placement_no_overlap",
        ),
        (
            "INSERT INTO orgs_placement (network_id, organization_id, parent_id, starts_on, reason, placed_by,"
            " placed_at) VALUES (%(network)s, %(q)s, %(p)s, '2999-01-01', '', '', now())",
            "placement_one_open",
        ),
        ("UPDATE orgs_placement SET ends_on = '2020-01-01' WHERE organization_id = %(q)s", "not its place"),
        ("UPDATE orgs_placement SET parent_id = %(s)s WHERE organization_id = %(q)s", "not its place"),
        ("UPDATE orgs_placement SET starts_on = '2020-01-01' WHERE organization_id = %(q)s", "not changed"),
        (
            "UPDATE orgs_placement SET parent_id = %(s)s WHERE organization_id = %(r)s AND ends_on IS NOT NULL",
            "not changed",
        ),
        ("DELETE FROM orgs_placement WHERE organization_id = %(q)s", "permission denied"),
    ],
)
def test_the_table_defends_itself(world, statement, message):
    one = world["R"]
    move_organization(SYSTEM, one, to=world["P"], reason="On its own.", version=one.version)
    values = {"network": world.network.pk} | {code.lower(): world[code].pk for code in "PQRS"}
    with pytest.raises(DatabaseError, match=message), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_raw_updates_are_kept_too(world):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orgs_organization SET parent_id = %s WHERE id = %s", [world["S"].pk, world["Q"].pk]
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Placement.objects.filter(organization=world["Q"]).count() == 2
