"""Whoever decides by how an organization stands holds it: else it is suspended or archived between look and deed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, tree_of
from tests.architecture.test_actions import ACTIONS

HOLD = "orgs.queries.organization.hold_standing"
ABOVE = ("content", "patients", "ledger", "settlement", "vendors")  # orgs locks the row that it changes
STANDINGS = {"active", "suspended", "archived"}
NOT_ORGANIZATIONS = {"service"}  # the catalog's, which are retired and not suspended


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def definitions() -> dict[str, tuple[set[str], bool]]:
    """By dotted name of every function and class: what of ours it mentions, and whether it asks how one stands."""
    found = {}
    for path in python_files(*ABOVE):
        known = dict(names_in(module_of(path), tree_of(path)))
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[known[node.name]] = set(mentions(node, known)), asks_standing(node)
    return found


def names_in(module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What the names of a module stand for."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, f"{module}.{node.name}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)


def mentions(node: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in known:
            yield known[inner.id]
        elif (
            isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id in known
        ):
            yield f"{known[inner.value.id]}.{inner.attr}"


def asks_standing(node: ast.AST) -> bool:
    """`place.status != "active"`"""
    return any(
        isinstance(inner, ast.Compare)
        and any(isinstance(side, ast.Constant) and side.value in STANDINGS for side in inner.comparators)
        and isinstance(inner.left, ast.Attribute)
        and inner.left.attr == "status"
        and ast.unparse(inner.left.value).rpartition(".")[2] not in NOT_ORGANIZATIONS
        for inner in ast.walk(node)
    )


def forgets_to_hold(start: str, defined: Mapping[str, tuple[set[str], bool]]) -> bool:
    """Does it, or anything that it mentions, ask how an organization stands, with nothing that holds it?"""
    seen, waiting, asks = {start}, [start], False
    while waiting:
        mentioned, here = defined.get(waiting.pop(), (set(), False))
        asks = asks or here
        waiting += mentioned - seen
        seen |= mentioned
    return asks and HOLD not in seen


DECIDING = [name for name, _ in ACTIONS if name.partition(".")[0] in ABOVE]


@pytest.mark.parametrize("name", DECIDING)
def test_an_action_that_asks_how_an_organization_stands_holds_it(name):
    assert name in definitions()
    assert not forgets_to_hold(name, definitions()), f"{name}: call hold_standing() first"


def test_the_deeds_of_the_counter_are_among_them():
    asking = {name for name in DECIDING if not forgets_to_hold(name, definitions())}
    without = {name: (mentioned - {HOLD}, asks) for name, (mentioned, asks) in definitions().items()}
    forgetting = {name for name in asking if forgets_to_hold(name, without)}
    assert forgetting >= {
        "ledger.actions.sale.sell_package",
        "ledger.actions.redemption.redeem",
        "ledger.actions.charge.charge",
        "vendors.actions.request.draft_request",
    }
