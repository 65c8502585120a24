"""The tree's numbers: gaps are used up, spread out again, and rebuilt from the parents."""

from __future__ import annotations

import random

from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from orgs.actions.organization import add_organization, move_organization
from orgs.models import Organization
from orgs.queries import tree
from tests.cast import CONTRACT, SYSTEM, details


def test_a_hundred_children_of_one_use_the_gap_up_and_spread_it_out(world):
    for number in range(100):
        add_organization(SYSTEM, world["S"], kind="sub", details=details(f"N{number}", f"N{number}"))
    assert tree.verify_tree() == []
    assert tree.children(world["S"]).count() == 100


def test_a_narrow_gap_is_widened_from_the_nearest_sparse_ancestor(world):
    squeezed = world["S"]
    Organization.objects.filter(pk=squeezed.pk).update(rght=squeezed.lft + 1)
    add_organization(SYSTEM, world["S"], kind="sub", details=details("New", "NEW"))
    assert tree.verify_tree() == []
    assert world["S"].lft < Organization.objects.get(code="NEW").lft < world["S"].rght


def test_random_moves_keep_order_and_parents(world):
    chance = random.Random(7)
    made = [world["P"], world["Q"]]
    for number in range(25):
        made.append(
            add_organization(
                SYSTEM, Organization.objects.get(pk=chance.choice(made).pk), kind="partner",
                details=details(f"M{number}", f"M{number}"), contract=CONTRACT,
            )
        )  # fmt: skip
    for _ in range(40):
        one, to = (Organization.objects.get(pk=each.pk) for each in chance.sample(made[1:], 2))
        if not (one.lft <= to.lft <= one.rght) and one.parent_id != to.pk:
            move_organization(SYSTEM, one, to=to, reason="A new region.", version=one.version)
    assert tree.verify_tree() == []


def test_damage_is_found_and_rebuilt(world):
    Organization.objects.filter(code="R").update(lft=3, rght=2, level=7)
    assert any("lft 3 is not before rght 2" in line for line in tree.verify_tree())
    assert tree.rebuild_tree() > 0
    assert tree.verify_tree() == []
    assert [node.code for node in tree.path_to(world["R"])] == ["P", "Q", "R"]


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=60))
def test_numbers_nest_for_any_tree(choices):
    parents = [(0, None), *((n, choice % n) for n, choice in enumerate(choices, start=1))]
    numbers = tree.spread(tree.number_tree(parents))
    for node, parent in parents[1:]:
        lft, rght, level = numbers[node]
        above = numbers[parent]
        assert above[0] < lft < rght < above[1]
        assert level == above[2] + 1
    bounds = [bound for lft, rght, _ in numbers.values() for bound in (lft, rght)]
    assert len(set(bounds)) == 2 * len(parents)
    assert max(bounds) <= tree.LAST


def test_the_command_says_which_network_is_right(own_world, capsys):
    call_command("verify_tree", network=own_world.network.pk)
    assert "the tree of 7 organizations is right" in capsys.readouterr().out
