"""Every setting changes what the application does: the code reads it, and a test shows the difference."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from core.settings import all_settings
from tests.architecture.sources import ROOT, python_files, tree_of

READS = {"at", "at_network", "strictest"}
MARK = re.compile(r"""pytest\.mark\.setting\(\s*["']([a-z_.]+)["']""")


def declared() -> dict[str, str]:
    """Keys by the name of the constant that declares them, in the apps' rules/settings.py."""
    names: dict[str, str] = {}
    for path in python_files():
        if path.name != "settings.py" or path.parent.name != "rules":
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                (inner,) = node.value.args
                assert isinstance(inner, ast.Call), f"{path}: declare(Setting(...))"
                assert isinstance(inner.args[0], ast.Constant)
                assert isinstance(node.targets[0], ast.Name)
                names[inner.args[0].value] = node.targets[0].id
    return names


def read() -> Iterator[str]:
    """The names whose value in force the code asks for."""
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and node.attr in READS and isinstance(node.value, ast.Name):
                yield node.value.id


def shown() -> set[str]:
    """The keys that a test says it shows."""
    return {key for path in (ROOT / "tests").rglob("test_*.py") for key in MARK.findall(path.read_text())}


KEYS = [setting.key for setting in all_settings()]


def test_every_setting_is_declared_where_it_is_looked_for():
    assert sorted(declared()) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_the_code_reads_it(key):
    assert declared()[key] in set(read()), (
        f"Nothing asks for {declared()[key]}.at(...): take {key} out, or use it."
    )


@pytest.mark.parametrize("key", KEYS)
def test_a_test_shows_what_it_changes(key):
    assert key in shown(), f"No test is marked @pytest.mark.setting({key!r})."


def test_no_test_shows_a_setting_that_is_gone():
    assert shown() <= set(KEYS)
