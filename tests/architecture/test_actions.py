"""Actions are the only place that writes: each says its contract, its permission and its audit verb."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from core.permissions import is_known, is_network_wide
from core.verbs import in_words, verbs_like
from tests.architecture.sources import APPS, ROOT, python_files, tree_of, where


def actions() -> Iterator[tuple[str, Any]]:
    """(dotted name, function) of every action of the apps."""
    for app in APPS:
        for path in sorted((ROOT / app).glob("**/actions/*.py")):
            module = importlib.import_module(
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            )
            for name, function in inspect.getmembers(module, callable):
                if hasattr(function, "action") and function.__module__ == module.__name__:
                    yield f"{module.__name__}.{name}", function


ACTIONS = list(actions())


def test_there_are_actions():
    assert len(ACTIONS) > 10


@pytest.mark.parametrize(("name", "function"), ACTIONS, ids=[name for name, _ in ACTIONS])
def test_an_action_states_its_contract(name, function):
    permission, verb = function.action
    assert is_known(permission)
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", verb), verb
    assert len(inspect.getdoc(function) or "") > 30, "its docstring is its contract"
    assert next(iter(inspect.signature(function).parameters)) == "act"


#: Actions about what belongs to no organization, whose permission counts at a branch too; each with its reason.
ANYWHERE = {
    "people.actions.saved_view.save_view": "a person's own view of a list",
    "people.actions.saved_view.change_view": "a person's own view of a list",
    "people.actions.saved_view.delete_view": "a person's own view of a list",
    "orgs.actions.setting_many.apply_to_many": "asks the setting's permission at each organization",
    "orgs.actions.setting_many.undo_batch": "asks the setting's permission at each organization",
    "orgs.actions.module.switch_modules": "asks again at each organization, and above it",
    "orgs.actions.module.undo_switch": "asks again at each organization, and above it",
}


def belongs_to_no_organization(name: str, module: Any) -> bool:
    """Does a target of the type of that name say that permission over it is asked anywhere in the network?"""
    if name == "None":
        return True
    types = {model.__name__: model for model in apps.get_models()}
    said = (types.get(name) or getattr(module, name)).access_organization_id
    return said is None or (
        isinstance(said, property) and said.fget.__annotations__["return"] in (None, "None")
    )


def test_what_is_about_the_whole_network_is_asked_at_its_parent_organization():
    """Else a role at a branch would be enough to change what all organizations have in common."""
    found = set()
    for name, function in ACTIONS:
        module = sys.modules[function.__module__]
        target = list(inspect.signature(function).parameters.values())[1].annotation
        anywhere = any(belongs_to_no_organization(one.strip(), module) for one in target.split("|"))
        if anywhere and not is_network_wide(function.action[0]):
            found.add(name)
    assert found == set(ANYWHERE), "declare the permission as network-wide"


VERB = re.compile(r'(?:audit=|verb=|AuditRecord\(\s*[\w.]+, |_note\()"([a-z_]+\.[a-z_]+)"')


def test_every_verb_of_the_trail_has_words():
    """Of actions, and of lines that are written beside them."""
    verbs = {verb for path in python_files() for verb in VERB.findall(path.read_text())}
    assert {function.action[1] for _, function in ACTIONS} <= verbs
    assert {"access.denied", "network.created", "second_factor.added", "organization.added"} <= verbs
    silent = sorted(verb for verb in verbs if in_words(verb) == verb)
    assert silent == [], "declare their words in the app's verbs.py"
    assert sorted(verb for verb in verbs_like("") if verb not in verbs) == [], (
        "no action writes these any more"
    )


#: Calls that write, in layers that must not; each exception with its reason.
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete",
    "update",
}
READING_LAYERS = ("views", "forms", "tables", "queries", "tasks", "rules")
ALLOWED = {
    "orgs/queries/tree.py": "the only file that knows how the tree is stored, written under the actions' lock",
}


def writes(path: Path, tree: ast.Module) -> Iterator[str]:
    """Calls that write to the database: `x.save()`, `Model.objects...update()`."""
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
        ):
            continue
        through_manager = any(
            isinstance(inner, ast.Attribute) and inner.attr == "objects" for inner in ast.walk(node.func)
        )
        if through_manager or node.func.attr in ("save", "bulk_create", "bulk_update"):
            yield f"{where(path, node.lineno)} calls .{node.func.attr}()"


def test_only_actions_write():
    found = []
    for path in python_files():
        layers = path.relative_to(ROOT).parts[1:]
        if any(layer in READING_LAYERS for layer in layers) and where(path) not in ALLOWED:
            found += writes(path, tree_of(path))
    assert found == []


@pytest.mark.parametrize(
    "statement",
    [
        "row.save()",
        "Sale.objects.create(a=1)",
        "Sale.objects.filter(pk=1).update(a=1)",
        "Sale.objects.bulk_create([])",
    ],
)
def test_a_write_in_a_view_is_found(statement):
    path = ROOT / "orgs" / "views" / "planted.py"
    assert list(writes(path, ast.parse(statement)))


@pytest.mark.parametrize("statement", ["values.update(a=1)", "Sale.objects.filter(pk=1)", "form.create()"])
def test_what_does_not_write_is_let_be(statement):
    assert not list(writes(ROOT / "orgs" / "views" / "planted.py", ast.parse(statement)))
